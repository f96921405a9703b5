import { beforeAll, describe, expect, it } from "vitest";
import { makeKeyPair, type TestKeyPair } from "../../test/support/key-material.ts";
import { KeysUnavailableError } from "../core/errors.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { KeyPairs } from "./key-pairs.ts";

const MINUTE_MS = 60_000;

let one: TestKeyPair;
let two: TestKeyPair;
beforeAll(async () => {
  [one, two] = await Promise.all([makeKeyPair(), makeKeyPair()]);
});

/** A source that a test changes, and that counts how often it was asked. */
function createSource(pems: () => string | readonly string[]): {
  asked: number;
  failure: Error | undefined;
  give: () => string | readonly string[];
  readonly read: () => Promise<string | readonly string[]>;
} {
  const source = {
    asked: 0,
    failure: undefined as Error | undefined,
    give: pems,
    read: async () => {
      source.asked += 1;
      if (source.failure !== undefined) throw source.failure;
      return source.give();
    },
  };
  return source;
}

describe("key pairs that are given as they are", () => {
  it("encrypt with the first and decrypt with all", async () => {
    const pairs = new KeyPairs([one.pem, two.pem], { clock: new FakeClock() });
    expect((await pairs.current()).id).toBe(one.pair.id);
    expect((await pairs.list()).map(({ id }) => id)).toEqual([one.pair.id, two.pair.id]);
    expect((await pairs.find(two.pair.id)).thumbprint).toBe(two.pair.thumbprint);
  });

  it("may be one", async () => {
    const pairs = new KeyPairs(one.pem, { clock: new FakeClock() });
    expect(await pairs.list()).toHaveLength(1);
  });

  it("are refused at once when they cannot be used", () => {
    const clock = new FakeClock();
    expect(() => new KeyPairs([], { clock })).toThrow(
      new TypeError("Expected `certificates` to be one PEM text or more, got none"),
    );
    expect(() => new KeyPairs([one.pem, "x"], { clock })).toThrow(TypeError);
  });

  it.each(["", "a", "__proto__", `\u001B[31m\n${"x".repeat(1_000)}`])(
    "do not have %j, which may come with a deploy",
    async (id) => {
      const pairs = new KeyPairs(one.pem, { clock: new FakeClock() });
      const error = await pairs.find(id).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(KeysUnavailableError);
      expect(error).toMatchObject({ kind: "certificate", retryable: true });
      expect(String(error)).not.toMatch(/\p{Cc}/u);
      expect(String(error).length).toBeLessThan(250);
    },
  );
});

describe("a source of key pairs", () => {
  it("is not asked before it is needed, and once by all who come meanwhile", async () => {
    const source = createSource(() => one.pem);
    const pairs = new KeyPairs(source.read, { clock: new FakeClock() });
    expect(source.asked).toBe(0);
    await Promise.all([pairs.current(), pairs.list(), pairs.find(one.pair.id)]);
    expect(source.asked).toBe(1);
  });

  it("is asked again after five minutes, when it is used", async () => {
    const clock = new FakeClock();
    const source = createSource(() => one.pem);
    const pairs = new KeyPairs(source.read, { clock });
    await pairs.current();
    source.give = () => [two.pem, one.pem];
    await clock.advance(5 * MINUTE_MS - 1);
    expect((await pairs.current()).id).toBe(one.pair.id);
    await clock.advance(1);
    expect((await pairs.current()).id).toBe(two.pair.id);
    expect(source.asked).toBe(2);
  });

  it("is asked at once for a certificate that is not known, once a minute", async () => {
    const clock = new FakeClock();
    const source = createSource(() => one.pem);
    const pairs = new KeyPairs(source.read, { clock });
    await pairs.current();
    source.give = () => [one.pem, two.pem];
    await clock.advance(MINUTE_MS);
    expect((await pairs.find(two.pair.id)).id).toBe(two.pair.id);
    for (let n = 0; n < 100; n += 1) await expect(pairs.find(`${n}`)).rejects.toThrow(KeysUnavailableError);
    expect(source.asked).toBe(2);
    await clock.advance(MINUTE_MS);
    await expect(pairs.find("other")).rejects.toThrow(KeysUnavailableError);
    expect(source.asked).toBe(3);
  });

  it("that has one no more leaves it to decrypt what is on its way", async () => {
    const clock = new FakeClock();
    const source = createSource(() => one.pem);
    const pairs = new KeyPairs(source.read, { clock });
    await pairs.current();
    source.give = () => two.pem;
    await clock.advance(5 * MINUTE_MS);
    expect((await pairs.list()).map(({ id }) => id)).toEqual([two.pair.id]);
    expect((await pairs.find(one.pair.id)).id).toBe(one.pair.id);
  });

  it("that fails keeps what is there, and is told", async () => {
    const clock = new FakeClock();
    const source = createSource(() => one.pem);
    const told: unknown[] = [];
    const pairs = new KeyPairs(source.read, { clock, onSourceFailure: (error) => told.push(error) });
    await pairs.current();
    source.failure = new Error("the vault is closed");
    await clock.advance(5 * MINUTE_MS);
    expect((await pairs.current()).id).toBe(one.pair.id);
    expect(told).toEqual([source.failure]);
    expect(await pairs.find("x").catch((error: unknown) => error)).toMatchObject({ cause: source.failure });
  });

  it.each<[string, () => string | readonly string[]]>([
    ["nothing", () => []],
    ["something else", () => "x"],
    ["one that is good and one that is not", () => [one.pem, "x"]],
    ["what is no text", () => [Object(7)]],
  ])("that gives %s has failed", async (_, give) => {
    const told: unknown[] = [];
    const clock = new FakeClock();
    const pairs = new KeyPairs(createSource(give).read, {
      clock,
      onSourceFailure: (error) => told.push(error),
    });
    await expect(pairs.current()).rejects.toThrow(KeysUnavailableError);
    expect(told).toEqual([expect.any(TypeError)]);
  });

  it("that failed at first is asked again after a minute", async () => {
    const clock = new FakeClock();
    const source = createSource(() => one.pem);
    source.failure = new Error("the vault is closed");
    const pairs = new KeyPairs(source.read, { clock });
    for (let n = 0; n < 10; n += 1)
      await expect(pairs.list()).rejects.toMatchObject({ cause: source.failure });
    expect(source.asked).toBe(1);
    source.failure = undefined;
    await clock.advance(MINUTE_MS);
    expect(await pairs.list()).toHaveLength(1);
  });

  it("that never answers holds nobody up for longer than half a minute", async () => {
    const clock = new FakeClock();
    const pairs = new KeyPairs(() => new Promise(() => {}), { clock });
    const asked = pairs.current().catch((error: unknown) => error);
    await clock.advance(30_000);
    expect(await asked).toMatchObject({ kind: "certificate", cause: new Error("took longer than 30000 ms") });
  });

  it("that throws at once has failed like any other", async () => {
    const pairs = new KeyPairs(
      () => {
        throw new Error("at once");
      },
      { clock: new FakeClock() },
    );
    await expect(pairs.current()).rejects.toMatchObject({ cause: new Error("at once") });
  });

  it("is asked again when the clock was set back", async () => {
    let now = Date.UTC(2026, 0, 2);
    const source = createSource(() => one.pem);
    const pairs = new KeyPairs(source.read, {
      clock: { now: () => now, sleep: async () => new Promise(() => {}) },
    });
    await pairs.current();
    now = Date.UTC(2026, 0, 1);
    await pairs.current();
    expect(source.asked).toBe(2);
  });
});
