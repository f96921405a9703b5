import { describeError } from "../core/error-text.ts";
import { CredentialError, KafkaError, type KafkaFault } from "../core/errors.ts";

/** What the library threw: errors hold others, of attempts before, of partitions, of the network. */
export function toKafkaError(thrown: unknown): KafkaError {
  if (thrown instanceof KafkaError) return thrown;
  return new KafkaError(faultOf(within(thrown)), detailOf(thrown), { cause: thrown });
}

/**
 * Kafka's names of errors, and what they mean for us.
 * @see https://kafka.apache.org/43/design/protocol/#error-codes
 */
const FAULTS: Readonly<Record<string, KafkaFault>> = {
  MESSAGE_TOO_LARGE: "too-large",
  RECORD_LIST_TOO_LARGE: "too-large",
  UNKNOWN_TOPIC_OR_PARTITION: "no-topic",
  INVALID_TOPIC_EXCEPTION: "no-topic",
  TOPIC_AUTHORIZATION_FAILED: "unauthorized",
  GROUP_AUTHORIZATION_FAILED: "unauthorized",
  CLUSTER_AUTHORIZATION_FAILED: "unauthorized",
  SASL_AUTHENTICATION_FAILED: "unauthenticated",
  UNSUPPORTED_SASL_MECHANISM: "unauthenticated",
  ILLEGAL_SASL_STATE: "unauthenticated",
};

/** An answer about one partition, in an error the library threw. */
export interface PartitionAnswer {
  readonly topic: string;
  readonly partition: number;
  /** Undefined: written. */
  readonly error: KafkaError | undefined;
}

/**
 * What is known of partitions although the request as a whole failed. The library tells it in the answer it refuses,
 * in what other brokers acknowledged, and for each of its attempts: the last word counts.
 */
export function partitionAnswers(thrown: unknown): PartitionAnswer[] {
  return within(thrown).flatMap((error) => [...refusedIn(error), ...acknowledgedIn(error)]);
}

function acknowledgedIn(error: object): PartitionAnswer[] {
  return listOf(get(get(error, "produced"), "offsets")).flatMap((each) => answerOf(each, undefined));
}

function refusedIn(error: object): PartitionAnswer[] {
  const refusals = new Map(listOf(get(error, "errors")).map((each) => [get(each, "path"), each]));
  return listOf(get(get(error, "response"), "responses")).flatMap((answered, i) =>
    listOf(get(answered, "partitionResponses")).flatMap((each, j) => {
      const refusal = refusals.get(`/responses/${i}/partition_responses/${j}`);
      const failure = get(each, "errorCode") === 0 ? undefined : toKafkaError(refusal);
      return answerOf({ topic: get(answered, "name"), partition: get(each, "index") }, failure);
    }),
  );
}

function answerOf(where: unknown, error: KafkaError | undefined): PartitionAnswer[] {
  const [topic, partition] = [get(where, "topic"), get(where, "partition")];
  return typeof topic === "string" && typeof partition === "number" ? [{ topic, partition, error }] : [];
}

/** An error holds others; no library nests them deeper. */
const MAX_DEPTH = 8;

/** An error and all it holds: earlier ones first, and inner ones before those around them. */
function within(thrown: unknown, depth = 0): object[] {
  if (typeof thrown !== "object" || thrown === null || depth > MAX_DEPTH) return [];
  const held = [...listOf(get(thrown, "errors")), get(thrown, "cause")];
  return [...held.flatMap((each) => within(each, depth + 1)), thrown];
}

function faultOf(all: readonly object[]): KafkaFault {
  const faults = all.flatMap((error) => ownFaultOf(error) ?? []);
  // What a broker said before its connection ended is why it ended.
  return faults.findLast((fault) => fault !== "unreachable") ?? faults.at(-1) ?? "unavailable";
}

function ownFaultOf(error: object): KafkaFault | undefined {
  const [code, apiId] = [get(error, "code"), get(error, "apiId")];
  if (error instanceof CredentialError || code === "PLT_KFK_AUTHENTICATION") return "unauthenticated";
  if (typeof apiId === "string")
    return FAULTS[apiId] ?? (get(error, "canRetry") === true ? "unavailable" : "refused");
  if (typeof code === "string" && /^PLT_KFK_U(?:SER|NSUPPORTED)/.test(code)) return "refused";
  return code === "PLT_KFK_NETWORK" ? "unreachable" : undefined;
}

/** What the innermost of the last attempt says: those around it say no more than that something failed. */
function detailOf(thrown: unknown): string {
  const inner = listOf(get(thrown, "errors")).at(-1) ?? get(thrown, "cause");
  return inner === undefined ? describeError(thrown) : detailOf(inner);
}

function get(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
