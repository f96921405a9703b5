/** The baseline: writes records it has to a topic, with the client alone, in a process of its own. */
import { ProduceAcks, Producer } from "@platformatic/kafka";
import { readTopic } from "../../packages/tidings/test/support/kafka-topic.ts";
import { answerParent } from "./face.ts";
import { summarizeLatencies, type LatencySummary } from "./statistics.ts";

export interface DirectOptions {
  readonly topic: string;
  /** In each request, unless they are more than one may hold. */
  readonly records: number;
  readonly seconds: number;
}

export interface DirectReport {
  readonly acknowledged: number;
  readonly durationMs: number;
  /** From handing over a request to its acknowledgement. */
  readonly latency: LatencySummary;
}

export type DirectProducerFace = {
  /** Takes over so many records from a topic. @returns the bytes of one */
  copy: (from: {
    readonly broker: string;
    readonly topic: string;
    readonly count: number;
  }) => Promise<number>;
  /** Writes them again and again, each request as soon as the one before it is acknowledged. */
  produce: (options: DirectOptions) => Promise<DirectReport>;
};

interface DirectRecord {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers: Map<Buffer, Buffer>;
}

/** What the inbox puts in one request at most. */
const MAX_REQUEST_BYTES = 1_000_000;

let producer: Producer | undefined;
let records: readonly DirectRecord[] = [];
let recordBytes = 0;

answerParent({
  async copy({ broker, topic, count }) {
    const messages = await readTopic(broker, topic, count);
    // Of all partitions at once, as they were written.
    records = messages
      .toSorted((a, b) => a.writtenAt - b.writtenAt)
      .map(({ key = "", value = "", headers }) => ({
        key: Buffer.from(key),
        value: Buffer.from(value),
        headers: new Map(
          Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]),
        ),
      }));
    recordBytes = records.reduce((sum, record) => sum + bytesOf(record), 0) / records.length;
    producer = new Producer({
      clientId: "direct",
      bootstrapBrokers: [broker],
      idempotent: true,
      acks: ProduceAcks.ALL,
      compression: "none",
    });
    return recordBytes;
  },
  async produce({ topic, records: wanted, seconds }) {
    const size = Math.min(wanted, Math.floor(MAX_REQUEST_BYTES / recordBytes), records.length);
    const latenciesMs: number[] = [];
    let acknowledged = 0;
    let from = 0;
    const startedAt = performance.now();
    while (performance.now() - startedAt < seconds * 1000) {
      const sentAt = performance.now();
      const messages = records.slice(from, from + size).map((record) => ({ topic, ...record }));
      await producer?.send({ messages });
      latenciesMs.push(performance.now() - sentAt);
      acknowledged += messages.length;
      from = from + 2 * size > records.length ? 0 : from + size;
    }
    const durationMs = performance.now() - startedAt;
    return { acknowledged, durationMs, latency: summarizeLatencies(latenciesMs) };
  },
} satisfies DirectProducerFace);

function bytesOf({ key, value, headers }: DirectRecord): number {
  const parts = [key, value, ...[...headers].flat()];
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}
