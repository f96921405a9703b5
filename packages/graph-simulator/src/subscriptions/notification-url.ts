import { refuse, type Refusal } from "../http/reply.ts";

/** Hosts that are this machine. Only they may be called without TLS, which Graph itself never does. */
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * A hub by its name, or by the secret in a vault that holds its connection string.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-event-hubs
 */
const EVENT_HUB = /^EventHub:https:\/\/[^/]+\/(eventhubname|secrets)\/[^/?]+\?(?:[^&]*&)*tenantId=[^&]+/i;

/** Why Graph would not take the URL, or `undefined` when it would. */
export function notificationUrlRefusal(property: string, value: string): Refusal | undefined {
  const name = property[0]?.toUpperCase() + property.slice(1);
  if (/^EventHub:/i.test(value) && !EVENT_HUB.test(value)) {
    return refuse(400, "InvalidRequest", `Invalid event hub notification url='${value}'.`);
  }
  if (/^Event(Hub|Grid):/i.test(value)) {
    return refuse(
      501,
      "notImplemented",
      `The simulator does not model ${name} of Event Hubs and Event Grid.`,
    );
  }
  const url = URL.parse(value);
  // guess: Graph's sentence for a URL it cannot read is not known.
  if (!url) return refuse(400, "InvalidRequest", `${name} '${value}' is not a valid absolute URL.`);
  if (url.protocol === "https:") return undefined;
  if (url.protocol === "http:" && LOOPBACK_HOSTS.has(url.hostname)) return undefined;
  return refuse(400, "InvalidRequest", `${name} scheme='${url.protocol.slice(0, -1)}' is not supported.`);
}
