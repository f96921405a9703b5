import { MAX_DELIVERY_BYTES, parseDelivery, parseItem } from "../core/delivery.ts";
import { PROOF_HEADER, readForwarded, type RecordFault, type Signing } from "../core/forwarded.ts";
import { isTooDense } from "../core/json-density.ts";
import type { DeliveryItem } from "../core/notification.ts";
import { parseJson } from "../core/parse-json.ts";
import type { ConsumedMessage } from "../core/ports/kafka.ts";

/** What a record holds. */
export interface RecordContent {
  readonly items: readonly DeliveryItem[];
  /** Of the subscription that the items are proved to be from; undefined where each has to prove it by its client state. */
  readonly subscriptionKey: string | undefined;
  readonly receivedAt: number;
  readonly tokens: readonly string[];
}

/**
 * Reads what a receiver forwarded, or a delivery as Graph itself writes it into an event hub, which Kafka's protocol
 * reads as well.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-event-hubs
 */
export function readRecord(message: ConsumedMessage, signing: Signing): RecordContent | RecordFault {
  if (message.headers[PROOF_HEADER] === undefined) return readDelivery(message);
  const forwarded = readForwarded(message, signing);
  if (typeof forwarded === "string") return forwarded;
  const { notification, subscriptionKey, receivedAt, tokens } = forwarded;
  return { items: [parseItem(notification)], subscriptionKey, receivedAt, tokens };
}

function readDelivery({ value, writtenAt }: ConsumedMessage): RecordContent | RecordFault {
  if (value === undefined || value.byteLength > MAX_DELIVERY_BYTES || isTooDense(value)) return "unreadable";
  const delivery = parseDelivery(parseJson(value));
  if (delivery.kind === "unreadable") return "unreadable";
  return {
    items: delivery.items,
    tokens: delivery.tokens,
    subscriptionKey: undefined,
    receivedAt: writtenAt,
  };
}
