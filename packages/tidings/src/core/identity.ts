import { parseEncryptedContent } from "./encrypted-content.ts";
import type { JsonObject } from "./json.ts";
import type { Notification } from "./notification.ts";
import type { Hash } from "./ports/hash.ts";

export interface IdentityContext {
  readonly subscriptionKey: string;
  readonly resourceKey: string | undefined;
  /** Its subscription includes resource data. */
  readonly isRich?: true | undefined;
}

/**
 * What makes two notifications the same one, so that the second can be dropped even when the first is finished.
 *
 * With an etag or a sequence number, the version of the thing decides: the same id with two etags is two changes.
 * Without them Graph's notification id decides. Without that there is none: a drive's notification names neither
 * item nor version, so two different changes look alike, and only a guess could tell them apart.
 *
 * What includes resource data is not proved yet when it is accepted, so its identity is of the very bytes: a forged
 * one, of somebody who knows the client state, never takes an authentic one's place. What should include it and does
 * not has none.
 *
 * @returns 43 characters of base64url, or undefined when the notification cannot be recognised
 */
export function identityOf(
  notification: Notification,
  { subscriptionKey, resourceKey, isRich }: IdentityContext,
  hash: Hash,
): string | undefined {
  const content = contentOf(notification.raw);
  if (isRich === true && content.length === 0) return undefined;
  const version = versionOf(notification.resourceData);
  if (resourceKey !== undefined && version !== undefined) {
    const id = notification.resourceData?.["id"] ?? null;
    return hash(
      JSON.stringify([
        "version",
        subscriptionKey,
        notification.changeType,
        resourceKey,
        id,
        version,
        ...content,
      ]),
    );
  }
  if (notification.id !== undefined) {
    const { changeType, subscriptionId, id } = notification;
    return hash(
      JSON.stringify(["id", subscriptionKey, changeType, resourceKey ?? "", subscriptionId, id, ...content]),
    );
  }
  return undefined;
}

/** The encrypted bytes, their signature and their key. */
function contentOf({ encryptedContent }: JsonObject): readonly string[] {
  const content = parseEncryptedContent(encryptedContent);
  return content === undefined ? [] : [content.data, content.dataSignature, content.dataKey];
}

/** The etag (Outlook, most others) or the sequence number with its time (directory objects) of the version told of. */
function versionOf(resourceData: JsonObject | undefined): string | undefined {
  const etag = etagOf(resourceData);
  if (etag !== undefined) return `etag ${etag}`;
  const sequenceNumber = resourceData?.["sequenceNumber"];
  // Microsoft's Event Grid samples show 0 for different events, so 0 says nothing.
  if (typeof sequenceNumber !== "number" || sequenceNumber === 0) return undefined;
  const eventTime = resourceData?.["eventTime"];
  return `sequence ${sequenceNumber} ${typeof eventTime === "string" ? eventTime : ""}`;
}

/** `@odata.etag` of the changed thing, where Graph sends one. */
export function etagOf(resourceData: JsonObject | undefined): string | undefined {
  const etag = resourceData?.["@odata.etag"];
  return typeof etag === "string" && etag !== "" ? etag : undefined;
}
