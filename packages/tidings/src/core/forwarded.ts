import { parseItem, tenantIdOf } from "./delivery.ts";
import type { InboxItem } from "./inbox.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { resourceKeyOfLane } from "./lane.ts";
import { parseJson } from "./parse-json.ts";
import type { Hash } from "./ports/hash.ts";
import type { ForwardedRecord, ReadRecord } from "./ports/inbox.ts";
import type { Keyring } from "./ports/keyring.ts";
import { signName, verifyName, type SignedNameForm } from "./signed-name.ts";

/** What a record of a topic tells of a notification. */
export interface Forwarded {
  readonly subscriptionKey: string;
  /** When its delivery arrived, epoch milliseconds. */
  readonly receivedAt: number;
  /** The item as it came, without its client state. */
  readonly item: JsonObject;
  /** The `validationTokens` of its delivery. */
  readonly tokens: readonly string[];
}

const VERSION = 1;

/** The header with the proof; a record without it is no word of a receiver. */
export const PROOF_HEADER = "tidings-proof";

/**
 * A client state is a secret and stays behind, so what it has proved is signed anew: who may write to the topic, but
 * does not know our secret, forges nothing.
 */
const FORM: SignedNameForm = { purpose: "forwarded record", partCount: 1 };

export interface Signing {
  readonly keyring: Keyring;
  readonly hash: Hash;
}

/**
 * The record of an accepted item. Its key is the lane without the declaration: order holds within one desired
 * subscription and resource.
 */
export function recordOf(
  item: InboxItem,
  tokens: readonly string[],
  { keyring, hash }: Signing,
): ForwardedRecord {
  const { subscriptionKey, receivedAt, source, lane, declaration, body } = item;
  const key = lane.slice(declaration.length + 1);
  const value = JSON.stringify({
    version: VERSION,
    subscription: subscriptionKey,
    receivedAt,
    source,
    item: body.raw,
    ...(tokens.length === 0 ? {} : { tokens }),
  });
  const proof = signName(FORM, keyring, { parts: [digest(key, value, hash)] });
  return { key, value, headers: { ...headersOf(item), [PROOF_HEADER]: proof } };
}

/** What a reader may want to know before it parses the value. */
function headersOf({
  subscriptionKey,
  receivedAt,
  source,
  lane,
  identity,
  body,
}: InboxItem): Record<string, string> {
  const item = parseItem(body.raw);
  const resourceKey = resourceKeyOfLane(lane);
  return {
    "tidings-subscription": subscriptionKey,
    "tidings-tenant": tenantIdOf(body.raw) ?? "",
    ...(item.kind === "notification" ? { "tidings-change-type": item.changeType } : {}),
    ...(item.kind === "lifecycle" ? { "tidings-lifecycle-event": item.event } : {}),
    ...(resourceKey === undefined ? {} : { "tidings-resource": resourceKey }),
    ...(identity === undefined ? {} : { "tidings-idempotency-key": identity }),
    "tidings-received-at": new Date(receivedAt).toISOString(),
    "tidings-source": source,
  };
}

/** Why a record is not believed, or not understood. */
export type RecordFault = "unproved" | "unreadable" | "too-new";

/** What a receiver wrote, proved by its signature before anything of it is parsed. */
export function readForwarded(
  { key, value, headers }: ReadRecord,
  { keyring, hash }: Signing,
): Forwarded | RecordFault {
  const proof = headers[PROOF_HEADER] ?? "";
  const [signed] = verifyName(FORM, keyring, { text: proof }) ?? [];
  if (signed === undefined || signed !== digest(textOf(key), textOf(value), hash)) return "unproved";
  return forwardedOf(parseJson(value ?? new Uint8Array()));
}

function forwardedOf(envelope: unknown): Forwarded | RecordFault {
  if (!isJsonObject(envelope)) return "unreadable";
  const { version, subscription, receivedAt, item, tokens = [] } = envelope;
  if (typeof version === "number" && version > VERSION) return "too-new";
  const isSound =
    version === VERSION &&
    typeof subscription === "string" &&
    typeof receivedAt === "number" &&
    isJsonObject(item) &&
    Array.isArray(tokens);
  if (!isSound) return "unreadable";
  const texts: readonly unknown[] = tokens;
  return {
    subscriptionKey: subscription,
    receivedAt,
    item,
    tokens: texts.filter((token) => typeof token === "string"),
  };
}

/** Of key and value together; the length says where one ends. */
function digest(key: string, value: string, hash: Hash): string {
  return hash(`${key.length} ${key}${value}`);
}

function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
