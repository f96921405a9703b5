import { errorText } from "../core/error-text.ts";
import type { TidingsEventName, TidingsEvents } from "../core/events.ts";
import type { ToldEvent } from "./answers.ts";

/** Every event there is; one more in the library is a type error here until it is told, too. */
export const EVENT_NAMES: readonly TidingsEventName[] = Object.values({
  "handshake:answered": "handshake:answered",
  "delivery:stored": "delivery:stored",
  "delivery:unreadable": "delivery:unreadable",
  "items:refused": "items:refused",
  "delivery:failed": "delivery:failed",
  "subscriptions:heard": "subscriptions:heard",
  "endpoint:slow": "endpoint:slow",
  "endpoint:recovered": "endpoint:recovered",
  "endpoint:unproved": "endpoint:unproved",
  "certificate:missing": "certificate:missing",
  "certificate:expiring": "certificate:expiring",
  "change:handled": "change:handled",
  "change:failed": "change:failed",
  "change:dead": "change:dead",
  "declaration:paused": "declaration:paused",
  "declaration:missing": "declaration:missing",
  "declaration:resumed": "declaration:resumed",
  "inbox:unreachable": "inbox:unreachable",
  "inbox:recovered": "inbox:recovered",
  "records:stored": "records:stored",
  "record:refused": "record:refused",
  "source:failed": "source:failed",
  "store:broken": "store:broken",
  "lifecycle:received": "lifecycle:received",
  "subscription:created": "subscription:created",
  "subscription:adopted": "subscription:adopted",
  "subscription:renewed": "subscription:renewed",
  "subscription:replaced": "subscription:replaced",
  "subscription:removed": "subscription:removed",
  "subscription:gone": "subscription:gone",
  "subscription:lapsed": "subscription:lapsed",
  "subscription:gap": "subscription:gap",
  "subscription:failed": "subscription:failed",
  "subscription:endangered": "subscription:endangered",
  "subscription:parked": "subscription:parked",
  "events:dropped": "events:dropped",
  "internal:error": "internal:error",
} satisfies { [Name in TidingsEventName]: Name });

export function toToldEvent<Name extends TidingsEventName>(
  name: Name,
  event: TidingsEvents[Name],
  at: number,
): ToldEvent {
  // A list of 10,000 is more than may wait for one reader.
  if ("heard" in event) return { name, at, event: { count: event.heard.length } };
  if (!("error" in event)) return { name, at, event: { ...event } };
  const { error, ...rest } = event;
  return { name, at, event: error === undefined ? rest : { ...rest, error: errorText(error) } };
}
