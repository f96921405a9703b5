import { Tidings } from "tidings";
import { kafka } from "tidings/sink/kafka";
import { graph } from "./graph.ts";

const brokers = (process.env["KAFKA_BROKERS"] ?? "127.0.0.1:9092").split(",");

export const tidings = new Tidings({ name: "graph-to-kafka", ...graph(process.env) });

tidings.on("users", { changeType: ["updated", "deleted"] }, kafka({ brokers, topic: "entra.users" }));
tidings.on("groups", { changeType: ["updated", "deleted"] }, kafka({ brokers, topic: "entra.groups" }));
