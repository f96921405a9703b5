import { expect, it } from "vitest";
import { issueClientState } from "../core/client-state.ts";
import { readForwarded } from "../core/forwarded.ts";
import type { ConsumedMessage } from "../core/ports/kafka.ts";
import type { ForwardedRecord } from "../core/ports/inbox.ts";
import { sha256 } from "../crypto/hash.ts";
import { createKeyring } from "../crypto/keyring.ts";
import { memory } from "../store/memory/memory.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { forwardingParts } from "./forward.ts";
import { createReceiver } from "./receiver.ts";
import { TopicReader } from "./topic-reader.ts";

const TENANT_ID = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const keyring = createKeyring(["a-secret-of-at-least-thirty-two-characters"]);
const signing = { keyring, hash: sha256 };

/** What becomes of a delivery. */
async function forward(body: object): Promise<readonly ForwardedRecord[]> {
  const written: ForwardedRecord[] = [];
  const inbox = { append: async (records: readonly ForwardedRecord[]) => void written.push(...records) };
  const receiver = createReceiver({
    paths: () => ["/n"],
    parts: () => forwardingParts({ ...signing, inbox, clock: new FakeClock() }),
    report: () => {},
  });
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  await receiver.receive({ method: "POST", url: "/n", headers: {}, body: bytes });
  return written;
}

function item(n: number, changes: object = {}): object {
  return {
    subscriptionId: "76222963-cc7b-42d2-882d-8aaa69cb2ba3",
    changeType: "updated",
    resource: `Users/${n}`,
    tenantId: TENANT_ID,
    clientState: issueClientState(keyring, { subscriptionKey: "k", tenantId: TENANT_ID }),
    resourceData: { "@odata.type": "#Microsoft.Graph.User", id: String(n) },
    ...changes,
  };
}

const encryptedContent = { data: "AA==", dataSignature: "AA==", dataKey: "AA==" };

function consumed({ key, value, headers }: ForwardedRecord, place: number): ConsumedMessage {
  const bytes = (text: string | Uint8Array): Uint8Array => Buffer.from(text);
  const where = { topic: "t", partition: 0, offset: BigInt(place), writtenAt: 1 };
  return { ...where, key: bytes(key), value: bytes(value), headers };
}

it("every item of a delivery keeps its tokens: what was deleted has no content, and is to be proved all the same", async () => {
  const value = [item(1, { encryptedContent }), item(2, { changeType: "deleted" })];
  const records = await forward({ value, validationTokens: ["one", "two"] });
  const read = records.map((record, place) => readForwarded(consumed(record, place), signing));
  expect(read).toEqual([
    expect.objectContaining({ tokens: ["one", "two"] }),
    expect.objectContaining({ tokens: ["one", "two"] }),
  ]);
});

it("tokens come into the store with those that need them, and no others", async () => {
  const first = await forward({
    value: [item(1, { encryptedContent }), item(2, { encryptedContent })],
    validationTokens: ["one"],
  });
  const second = await forward({ value: [item(3)] });
  const third = await forward({ value: [item(4, { encryptedContent })], validationTokens: ["another"] });
  const messages = [...first, ...second, ...third].map((record, place) => consumed(record, place));
  const store = await memory().open();
  const given = [messages];
  const committed = Promise.withResolvers<number>();
  const want = { declaration: "users", definition: "d", changeTypes: ["updated"], params: {} } as const;
  const route = { subscriptionKey: "k", wants: [want] };
  const reader = new TopicReader({
    ...signing,
    store,
    clock: new FakeClock(),
    random: { next: () => 0 },
    report: () => {},
    routes: { isComplete: true, get: () => route, find: async () => new Map([["k", route]]) },
    source: {
      description: "a topic",
      connect: async () => ({
        next: async () => given.shift() ?? Promise.withResolvers<never>().promise,
        commit: async (done) => committed.resolve(done.length),
        close: async () => {},
      }),
    },
  });
  reader.start();
  expect(await committed.promise).toBe(4);
  const { rows } = await store.scan({ declaration: "users", after: 0, limit: 10 });
  const tokens = await Promise.all(
    rows.map(async ({ tokensKey }) => (tokensKey === undefined ? [] : store.getTokens(tokensKey))),
  );
  expect(rows.map(({ body }) => body.isRich)).toEqual([true, true, undefined, true]);
  expect(tokens).toEqual([["one"], ["one"], [], ["another"]]);
});
