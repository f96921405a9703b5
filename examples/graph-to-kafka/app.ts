import { Tidings } from "tidings";
import { kafka } from "tidings/sink/kafka";
import { graph } from "./graph.ts";

const { KAFKA_BROKERS = "127.0.0.1:9092", KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = process.env;
const brokers = KAFKA_BROKERS.split(",");
const sasl = username && password ? ({ mechanism: "PLAIN", username, password } as const) : undefined;

export const tidings = new Tidings({ name: "graph-to-kafka", ...graph(process.env) });

tidings.on("users", { changeType: ["updated", "deleted"] }, kafka({ brokers, sasl, topic: "entra.users" }));
tidings.on("groups", { changeType: ["updated", "deleted"] }, kafka({ brokers, sasl, topic: "entra.groups" }));
