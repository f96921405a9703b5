import type { SourceProvider } from "../core/ports/inbox.ts";
import { assertConnection, type KafkaConnection } from "./connection.ts";
import { createConsumer } from "./consumer.ts";
import { assertTopic, describeTopic } from "./topic.ts";

export interface KafkaSourceOptions extends KafkaConnection {
  /** What receivers forwarded to, or an event hub that Graph writes to. */
  readonly topic: string;
  /** Processes that share a store share it: each record is read by one of them. */
  readonly groupId: string;
  /** How long the group waits for a member that is not heard of, in milliseconds. @default 30,000 */
  readonly sessionTimeoutMs?: number | undefined;
}

/** Within which the group is joined, or a commit noted. */
const DEADLINE_MS = 30_000;

/**
 * A topic that an app with a store reads: what an app with `inbox: kafka(…)` wrote there.
 *
 * @throws TypeError when an option makes no sense, with the value shown
 */
export function kafka(options: KafkaSourceOptions): SourceProvider {
  assertConnection(options);
  const { topic, groupId, sessionTimeoutMs = 30_000 } = options;
  assertTopic(topic);
  if (typeof groupId !== "string" || groupId === "") {
    throw new TypeError(`Expected \`groupId\` to name a group of consumers, got \`${groupId}\``);
  }
  const settings = {
    connection: options,
    topics: [topic],
    groupId,
    sessionTimeoutMs,
    deadlineMs: DEADLINE_MS,
  };
  return {
    description: describeTopic(topic, options),
    connect: async (clock) => createConsumer({ ...settings, clock }),
  };
}
