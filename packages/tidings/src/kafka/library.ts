import { KafkaError } from "../core/errors.ts";

/** ADAPTER over the client library. It is loaded when a topic is first used: apps without Kafka need not have it. */
export type Library = typeof import("@platformatic/kafka");

/** @throws KafkaError when it is not installed */
export async function loadLibrary(): Promise<Library> {
  try {
    return await import("@platformatic/kafka");
  } catch (error) {
    throw new KafkaError("no-client", undefined, { cause: error });
  }
}
