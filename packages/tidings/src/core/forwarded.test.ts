import { expect, it } from "vitest";
import { sha256 } from "../crypto/hash.ts";
import { createKeyring } from "../crypto/keyring.ts";
import { PROOF_HEADER, readForwarded, recordOf, type Signing } from "./forwarded.ts";
import type { InboxItem } from "./inbox.ts";
import type { ForwardedRecord, ReadRecord } from "./ports/inbox.ts";

const FORMER = "a-former-secret-of-thirty-two-characters";
const SECRET = "a-secret-of-at-least-thirty-two-characters";
const signing: Signing = { keyring: createKeyring([SECRET, FORMER]), hash: sha256 };
const TENANT_ID = "84bd8158-6d4d-4958-8b9f-9d6445542f95";

const item: InboxItem = {
  declaration: "forwarded",
  subscriptionKey: "a-key",
  lane: "forwarded a-key users/1",
  identity: "an-identity",
  body: {
    raw: { subscriptionId: "s", tenantId: TENANT_ID, changeType: "updated", resource: "Users/1" },
    params: {},
  },
  receivedAt: 1_795_000_000_123,
  source: "webhook",
  tokensKey: undefined,
};

function readBack({ key, value, headers }: ForwardedRecord): ReadRecord {
  const bytes = (text: string | Uint8Array): Uint8Array => Buffer.from(text);
  return { key: bytes(key), value: bytes(value), headers };
}

it("is read back as it was written, by whoever has one of the secrets", () => {
  const record = recordOf(item, ["a token"], { ...signing, keyring: createKeyring([FORMER]) });
  expect(record.key).toBe("a-key users/1");
  expect(readForwarded(readBack(record), signing)).toEqual({
    subscriptionKey: "a-key",
    receivedAt: item.receivedAt,
    notification: item.body.raw,
    tokens: ["a token"],
  });
});

it("has the subscription alone as its key where nothing says what changed", () => {
  const lifecycle = { ...item, declaration: "", lane: " a-key" };
  expect(recordOf(lifecycle, [], signing).key).toBe("a-key");
});

const written = recordOf(item, [], signing);
const other = recordOf({ ...item, lane: "forwarded a-key users/2" }, [], signing);

it.each<[string, ForwardedRecord]>([
  ["under another key", { ...written, key: "a-key users/2" }],
  ["under a key that takes something of its value", { ...written, key: `${written.key}{` }],
  ["with another value", { ...written, value: String(written.value).replace("Users/1", "Users/2") }],
  ["with another's proof", { ...written, headers: other.headers }],
  ["without a proof", { ...written, headers: {} }],
  ["signed by a stranger", recordOf(item, [], { ...signing, keyring: createKeyring([`${SECRET}!`]) })],
])("is not believed %s", (_, record) => {
  expect(readForwarded(readBack(record), signing)).toBe("unproved");
});

it("is not believed as a tombstone", () => {
  const { key, headers } = readBack(written);
  expect(readForwarded({ key, headers, value: undefined }, signing)).toBe("unproved");
});

it("says so when it is of a later version", () => {
  const later = { ...item, body: { ...item.body, raw: {} } };
  const { key, value, headers } = recordOf(later, [], signing);
  const text = String(value).replace('"version":1', '"version":2');
  expect(readForwarded(readBack({ key, value: text, headers: resigned(key, text, headers) }), signing)).toBe(
    "too-new",
  );
});

it.each(['"text"', "[]", "{", '{"version":1}', '{"version":0}'])("is unreadable when it is %s", (text) => {
  const headers = resigned("k", text, {});
  expect(readForwarded(readBack({ key: "k", value: text, headers }), signing)).toBe("unreadable");
});

/** Signed as a receiver would sign it. */
function resigned(
  key: string,
  value: string,
  headers: ForwardedRecord["headers"],
): ForwardedRecord["headers"] {
  const { keyring, hash } = signing;
  const digest = hash(`${key.length} ${key}${value}`);
  const message = ["tidings forwarded record v1", keyring.signingKeyId, digest].join("\n");
  const proof = ["v1", keyring.signingKeyId, digest, keyring.sign(message)].join(".");
  return { ...headers, [PROOF_HEADER]: proof };
}
