import type { KafkaConnection } from "./connection.ts";

/** What Kafka takes as the name of a topic. @throws TypeError with the value shown */
export function assertTopic(topic: string): void {
  if (typeof topic === "string" && /^[\w.-]{1,249}$/.test(topic)) return;
  throw new TypeError(`Expected \`topic\` to be 1 to 249 of A-Z a-z 0-9 . _ -, got \`${topic}\``);
}

/** For messages. */
export function describeTopic(topic: string, { brokers }: KafkaConnection): string {
  return `topic ${topic} of ${brokers.join(", ")}`;
}
