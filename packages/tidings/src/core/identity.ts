import type { JsonObject } from "./json.ts";
import type { Notification } from "./notification.ts";
import type { Hash } from "./ports/hash.ts";

/**
 * What makes two notifications the same one, so that the second can be dropped even when the first is finished.
 *
 * With an etag or a sequence number, the version of the thing decides: the same id with two etags is two changes.
 * Without them Graph's notification id decides. Without that there is none: a drive's notification names neither
 * item nor version, so two different changes look alike, and only a guess could tell them apart.
 *
 * @returns 43 characters of base64url, or undefined when the notification cannot be recognised
 */
export function identityOf(
  notification: Notification,
  { subscriptionKey, resourceKey }: { subscriptionKey: string; resourceKey: string | undefined },
  hash: Hash,
): string | undefined {
  const version = versionOf(notification.resourceData);
  if (resourceKey !== undefined && version !== undefined) {
    const id = notification.resourceData?.["id"] ?? null;
    return hash(
      JSON.stringify(["version", subscriptionKey, notification.changeType, resourceKey, id, version]),
    );
  }
  if (notification.id !== undefined) {
    const { changeType, subscriptionId, id } = notification;
    return hash(JSON.stringify(["id", subscriptionKey, changeType, resourceKey ?? "", subscriptionId, id]));
  }
  return undefined;
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
