import { Tidings } from "tidings";
import { graph } from "./graph.ts";

export const tidings = new Tidings({ name: "graph-to-kafka", ...graph(process.env) });

tidings.on("users", { changeType: ["updated", "deleted"] }, (change, { log }) => {
  log.info("user", { changeType: change.changeType, resource: change.resource });
});
