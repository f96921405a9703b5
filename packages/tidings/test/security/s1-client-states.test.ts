import { beforeAll, describe, expect, it } from "vitest";
import { issueClientState } from "../../src/core/client-state.ts";
import type { ReceivedRequest } from "../../src/core/answer.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import { createReceiver } from "../../src/receiver/receiver.ts";
import { RouteCache } from "../../src/app/routes.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { SECRET, TENANT_ID, userItem } from "../support/deliveries.ts";

const KEY = "subscription-key-22-ch";
const OTHER_KEY = "another-key-of-22-char";
const keyring = createKeyring([SECRET]);
const own = issueClientState(keyring, { subscriptionKey: KEY, tenantId: TENANT_ID });
const [version = "", keyId = "", key = "", mac = ""] = own.split(".");

const FORGED: readonly (readonly [string, unknown])[] = [
  ["missing", undefined],
  ["null", null],
  ["empty", ""],
  ["a number", 7],
  ["a list", [own]],
  ["an object", { toString: own }],
  ["guessed", "secret"],
  ["of 128 characters", "v1.".padEnd(128, "a")],
  ["of 100,000 characters", `${own}${"a".repeat(100_000)}`],
  ["with a MAC cut short", own.slice(0, -1)],
  ["with a MAC cut away", [version, keyId, key, ""].join(".")],
  ["with another MAC", [version, keyId, key, `${mac.slice(0, -4)}AAAA`].join(".")],
  ["with the MAC of another subscription's key", [version, keyId, OTHER_KEY, mac].join(".")],
  [
    "of another subscription",
    issueClientState(createKeyring(["x".repeat(32)]), { subscriptionKey: KEY, tenantId: TENANT_ID }),
  ],
  [
    "of another tenant",
    issueClientState(keyring, { subscriptionKey: KEY, tenantId: "2f6d0c1a-93b7-4e5f-8a24-6b1c9d7e3f50" }),
  ],
  ["of another version", own.replace("v1", "v2")],
  ["in capitals", own.toUpperCase()],
  ["with a space", ` ${own}`],
  ["with a line end", `${own}\n`],
  ["with a zero", `${own}\u0000`],
  [
    "in full-width letters",
    own.replaceAll(/[a-z]/g, (letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xfee0)),
  ],
  ["with one part more", `${own}.${mac}`],
];

async function createWorld() {
  const clock = new FakeClock();
  const routes = new RouteCache();
  await routes.complete();
  for (const subscriptionKey of [KEY, OTHER_KEY]) {
    await routes.set({
      subscriptionKey,
      wants: [{ declaration: "users", definition: "users", changeTypes: ["updated"], params: {} }],
    });
  }
  const store = new MemoryStore();
  const refusals: unknown[] = [];
  const receiver = createReceiver({
    paths: () => ["/notifications"],
    parts: () => ({ keyring, hash: sha256, routes, store, clock }),
    report: (...[name, event]) => {
      if (name === "items:refused") refusals.push(event.reasons);
    },
  });
  return { store, refusals, receiver };
}

let number = 0;
function requestWith(clientState: unknown): ReceivedRequest {
  number += 1;
  const item = userItem(number, { keyring, subscriptionKey: KEY }, { clientState });
  const body = new TextEncoder().encode(JSON.stringify({ value: [item] }));
  return { method: "POST", url: "/notifications", headers: {}, body };
}

// S1
describe("a client state that is not ours", () => {
  it.each(FORGED)(
    "%s: the answer is as to what is authentic, and nothing is stored",
    async (_name, state) => {
      const { store, refusals, receiver } = await createWorld();
      const forged = await receiver.receive(requestWith(state));
      expect(await store.counts()).toEqual({ waiting: 0, dead: 0 });
      expect(refusals).toEqual([{ "client-state": 1 }]);
      const authentic = await receiver.receive(requestWith(own));
      expect(await store.counts()).toEqual({ waiting: 1, dead: 0 });
      expect(forged).toEqual(authentic);
      expect(authentic).toMatchObject({ status: 202, body: "" });
    },
  );
});

// What precedes writing: whether a MAC is wrong in its first character or its last, and whether there is such a
// subscription, takes the same time.
describe("the time of the answer", () => {
  const ROUNDS = 3_000;
  let world: Awaited<ReturnType<typeof createWorld>>;
  beforeAll(async () => {
    world = await createWorld();
  });

  async function timeOf(request: ReceivedRequest): Promise<number> {
    const startedAt = process.hrtime.bigint();
    await world.receiver.receive(request);
    return Number(process.hrtime.bigint() - startedAt) / 1_000;
  }

  it("tells nothing of which part of a client state is wrong", { timeout: 60_000 }, async () => {
    const unknownKey = `${KEY.slice(0, -4)}none`;
    const kinds = {
      "wrong in its first character": `${mac.startsWith("A") ? "B" : "A"}${mac.slice(1)}`,
      "wrong in its last but one": `${mac.slice(0, -2)}${mac.at(-2) === "A" ? "B" : "A"}${mac.slice(-1)}`,
      "of no subscription": mac,
    };
    const times = new Map(Object.keys(kinds).map((kind) => [kind, [] as number[]]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [kind, given] of Object.entries(kinds)) {
        const subscriptionKey = kind === "of no subscription" ? unknownKey : KEY;
        const request = requestWith([version, keyId, subscriptionKey, given].join("."));
        times.get(kind)?.push(await timeOf(request));
      }
    }
    const medians = [...times.values()].map((own) => own.toSorted((a, b) => a - b)[ROUNDS / 2] ?? Number.NaN);
    // Microseconds; a MAC that was compared character by character, or a store that was asked, would show.
    expect(Math.max(...medians) - Math.min(...medians)).toBeLessThan(25);
  });
});
