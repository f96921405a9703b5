import { beforeEach, describe, expect, it } from "vitest";
import { KeyTally } from "../core/key-use.ts";
import { Secret } from "../core/secret.ts";
import { createKeyring } from "../crypto/keyring.ts";
import { MemoryStore } from "../store/memory/memory-store.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { Secrets } from "./secrets.ts";

const HOUR_MS = 3_600_000;
const GIVEN = new Secret("a-secret-of-at-least-thirty-two-characters");

let store: MemoryStore;
let clock: FakeClock;
/** How many secrets others were told of, and whether the new one signed already. */
let told: { readonly count: number; readonly isSigning: boolean }[];

beforeEach(() => {
  store = new MemoryStore();
  clock = new FakeClock();
  told = [];
});

async function open(...given: Secret[]): Promise<Secrets> {
  const secrets: Secrets = await Secrets.open({
    store,
    given,
    clock,
    tell: async (all) => {
      const [first] = all.map((secret) => createKeyring([secret.reveal()]).signingKeyId);
      told.push({ count: all.length, isSigning: secrets.keyring.signingKeyId === first });
    },
  });
  return secrets;
}

/** What is counted when subscriptions were signed by these keys. */
function signedBy(...keyIds: string[]): KeyTally {
  const tally = new KeyTally();
  for (const keyId of keyIds) tally.signers.set(keyId, (tally.signers.get(keyId) ?? 0) + 1);
  return tally;
}

describe("the secrets of an app", () => {
  it("are one of the store, which stays the same", async () => {
    const [first, again] = [await open(), await open()];
    expect(again.keyring.signingKeyId).toBe(first.keyring.signingKeyId);
    expect(first.all).toHaveLength(1);
  });

  it("are those that are given, and the store's, which verifies what it signed before", async () => {
    const before = await open();
    const mac = before.keyring.sign("m");
    const after = await open(GIVEN);
    expect(after.keyring.signingKeyId).not.toBe(before.keyring.signingKeyId);
    expect(after.keyring.verify(before.keyring.signingKeyId, "m", mac)).toBe(true);
  });

  it("are told to whoever verifies before the new one signs", async () => {
    const secrets = await open();
    await secrets.rotate(false);
    expect(told).toEqual([{ count: 2, isSigning: false }]);
  });

  it("sign with the latest after a restart, however many there were", async () => {
    const secrets = await open();
    for (const _ of [1, 2, 3]) {
      await clock.advance(1_000);
      await secrets.rotate(false);
    }
    const again = await open();
    expect(again.keyring.signingKeyId).toBe(secrets.keyring.signingKeyId);
    expect(again.all).toHaveLength(4);
  });

  it("are not changed by us where they are given", async () => {
    const secrets = await open(GIVEN);
    const { keyId, isMade } = await secrets.rotate(false);
    expect(isMade).toBe(false);
    expect(keyId).toBe(createKeyring([GIVEN.reveal()]).signingKeyId);
    expect(await store.listNotes("secret")).toEqual([]);
  });

  it("are retired by force, but for the one that signs, also for the next process", async () => {
    const secrets = await open();
    const former = secrets.keyring.signingKeyId;
    await secrets.rotate(true);
    for (const each of [secrets, await open()]) {
      expect(each.isRetired(former)).toBe(true);
      expect(each.isRetired(each.keyring.signingKeyId)).toBe(false);
    }
  });

  it("verify until four hours after the last subscription that needs them, and then no more", async () => {
    const secrets = await open();
    const former = secrets.keyring.signingKeyId;
    const mac = secrets.keyring.sign("m");
    const verifies = ({ keyring }: Secrets): boolean => keyring.verify(former, "m", mac);
    await secrets.rotate(false);
    await secrets.settle(signedBy(former));
    await clock.advance(100 * HOUR_MS);
    await secrets.settle(signedBy(secrets.keyring.signingKeyId));
    await clock.advance(4 * HOUR_MS - 1);
    await secrets.settle(signedBy(secrets.keyring.signingKeyId));
    expect(verifies(secrets)).toBe(true);
    await clock.advance(1);
    await secrets.settle(signedBy(secrets.keyring.signingKeyId));
    expect(verifies(secrets)).toBe(false);
    expect(verifies(await open())).toBe(false);
    expect(told.at(-1)).toEqual({ count: 1, isSigning: true });
  });

  it("verify while nobody can say what a subscription was signed with", async () => {
    const secrets = await open();
    await secrets.rotate(false);
    const unsure = signedBy();
    unsure.unknownCount = 1;
    for (const _ of [1, 2]) {
      await secrets.settle(unsure);
      await clock.advance(5 * HOUR_MS);
    }
    expect(secrets.all).toHaveLength(2);
  });

  it("that are given stay for who gives them to remove, and are said to be removable", async () => {
    const secrets = await open(GIVEN, new Secret("b-secret-of-at-least-thirty-two-characters"));
    await secrets.settle(signedBy());
    await clock.advance(4 * HOUR_MS);
    await secrets.settle(signedBy());
    expect(secrets.list(signedBy())).toMatchObject([
      { role: "signs", source: "given", isRemovable: false },
      { role: "verifies", source: "given", isRemovable: true },
    ]);
  });

  it("that are not known are listed with what they signed", async () => {
    const secrets = await open();
    expect(secrets.list(signedBy("12345678", "12345678"))).toMatchObject([
      { role: "signs", source: "store", subscriptions: 0 },
      { keyId: "12345678", role: "unknown", source: undefined, subscriptions: 2 },
    ]);
  });
});
