import { Tidings } from "tidings";
import { kafka } from "tidings/inbox/kafka";
import { graph } from "./graph.ts";

const { KAFKA_BROKERS = "127.0.0.1:9092", KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = process.env;
const brokers = KAFKA_BROKERS.split(",");
const sasl = username && password ? ({ mechanism: "PLAIN", username, password } as const) : undefined;

/** Keeps nothing: what Graph sends is in the topic before it is answered. `tidings apply` looks after the subscriptions. */
export const tidings = new Tidings({
  name: "graph-to-kafka",
  ...graph(process.env),
  inbox: kafka({ brokers, sasl, topic: "entra.notifications" }),
});

tidings.on("users", { changeType: ["updated", "deleted"] });
tidings.on("groups", { changeType: ["updated", "deleted"] });
