import { KafkaError } from "../core/errors.ts";
import type { KafkaMessage, ProduceFailures } from "../core/ports/kafka.ts";

/** What a record takes beside its parts, and each header beside its own; more than either ever does. */
const RECORD_OVERHEAD_BYTES = 32;
const HEADER_OVERHEAD_BYTES = 10;

/** A message on its way. */
export interface Outgoing {
  readonly topic: string;
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers: Map<Buffer, Buffer>;
  /** What it takes in a request, and a little more. */
  readonly byteLength: number;
  readonly call: ProduceCall;
  /** Its place in the call. */
  readonly place: number;
  /** Goes in a request of its own: one that had it among others was too large for the broker. */
  readonly isAlone: boolean;
}

/** One call of `produce`: ends when each of its messages has. */
export class ProduceCall {
  /** Epoch milliseconds. */
  readonly endsAt: number;
  readonly outgoing: readonly Outgoing[];
  readonly ended: Promise<ProduceFailures>;
  readonly #end: (failures: ProduceFailures) => void;
  readonly #failures = new Map<number, KafkaError>();
  /** Nothing of these is written after what failed. */
  readonly #failedKeys = new Set<string>();
  #left: number;

  constructor(messages: readonly KafkaMessage[], endsAt: number) {
    this.endsAt = endsAt;
    this.outgoing = messages.map((message, place) => toOutgoing(message, this, place));
    const { promise, resolve } = Promise.withResolvers<ProduceFailures>();
    this.ended = promise;
    this.#end = resolve;
    this.#left = messages.length;
    if (this.#left === 0) resolve(this.#failures);
  }

  succeed(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#end(this.#failures);
  }

  fail({ key, place }: Outgoing, error: KafkaError): void {
    this.#failures.set(place, error);
    this.#failedKeys.add(key.toString());
    this.succeed();
  }

  /** Whether a message before it with the same key failed. */
  holdsBack({ key }: Outgoing): boolean {
    return this.#failedKeys.size > 0 && this.#failedKeys.has(key.toString());
  }
}

function toOutgoing(message: KafkaMessage, call: ProduceCall, place: number): Outgoing {
  const { topic, value } = message;
  const key = Buffer.from(message.key);
  const headers = new Map(
    Object.entries(message.headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)] as const),
  );
  const parts = [key, ...[...headers].flat()].reduce(
    (sum, part) => sum + part.byteLength,
    RECORD_OVERHEAD_BYTES,
  );
  const bytes =
    typeof value === "string"
      ? Buffer.from(value)
      : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const byteLength = parts + bytes.byteLength + headers.size * HEADER_OVERHEAD_BYTES;
  return { topic, key, value: bytes, headers, byteLength, call, place, isAlone: false };
}

/** Takes what goes into the next request off the front of a queue: as much of one topic as fits, in order. */
export function takeRequest(queue: Outgoing[], maxBytes: number): Outgoing[] {
  const [first] = queue;
  if (first === undefined) return [];
  let bytes = 0;
  const isOver = ({ topic, isAlone, byteLength }: Outgoing): boolean => {
    bytes += byteLength;
    return topic !== first.topic || isAlone || bytes > maxBytes;
  };
  const end = queue.findIndex((each) => isOver(each));
  return queue.splice(0, end === -1 ? queue.length : Math.max(1, end));
}
