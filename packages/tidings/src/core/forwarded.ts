import { parseItem } from "./delivery.ts";
import type { InboxItem } from "./inbox.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import type { LifecycleNotification, Notification } from "./notification.ts";
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
  readonly notification: JsonObject;
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
    subscriptionKey,
    receivedAt: new Date(receivedAt).toISOString(),
    source,
    notification: body.raw,
    ...(tokens.length === 0 ? {} : { validationTokens: tokens }),
  });
  const proof = signName(FORM, keyring, { parts: [digest(key, value, hash)] });
  return { key, value, headers: { ...headersOf(item), [PROOF_HEADER]: proof } };
}

/** What a reader may want to know before it parses the value. */
function headersOf({
  subscriptionKey,
  receivedAt,
  source,
  identity,
  body,
}: InboxItem): Record<string, string> {
  const item = parseItem(body.raw);
  return {
    "content-type": "application/json",
    "tidings-subscription-key": subscriptionKey,
    ...(identity === undefined ? {} : { "tidings-idempotency-key": identity }),
    ...(item.kind === "malformed" ? {} : headersOfItem(item)),
    "tidings-received-at": new Date(receivedAt).toISOString(),
    "tidings-source": source,
  };
}

function headersOfItem(item: Notification | LifecycleNotification): Record<string, string> {
  const { tenantId, subscriptionId } = item;
  const whose = { "tidings-tenant-id": tenantId, "tidings-subscription-id": subscriptionId };
  if (item.kind === "lifecycle") return { ...whose, "tidings-lifecycle-event": item.event };
  const { changeType, resource } = item;
  return {
    ...whose,
    "tidings-change-type": changeType,
    ...(resource === undefined ? {} : { "tidings-resource": resource }),
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
  const { version, subscriptionKey, notification, validationTokens = [] } = envelope;
  const receivedAt = instantOf(envelope["receivedAt"]);
  if (typeof version === "number" && version > VERSION) return "too-new";
  const isSound =
    version === VERSION &&
    typeof subscriptionKey === "string" &&
    !Number.isNaN(receivedAt) &&
    isJsonObject(notification) &&
    Array.isArray(validationTokens);
  if (!isSound) return "unreadable";
  const tokens: readonly unknown[] = validationTokens;
  return {
    subscriptionKey,
    receivedAt,
    notification,
    tokens: tokens.filter((token) => typeof token === "string"),
  };
}

function instantOf(value: Json | undefined): number {
  return typeof value === "string" ? Date.parse(value) : Number.NaN;
}

/** Of key and value together; the length says where one ends. */
function digest(key: string, value: string, hash: Hash): string {
  return hash(`${key.length} ${key}${value}`);
}

function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
