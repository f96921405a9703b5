/** A receiver that keeps nothing, in a process of its own, to be killed: `forwarding-app.ts <broker> <topic>`. */
import { Tidings } from "../../src/app/tidings.ts";
import { kafka } from "../../src/kafka/inbox.ts";
import { SECRET, TENANT_ID } from "./deliveries.ts";

const [broker = "", topic = ""] = process.argv.slice(2);

const tidings = new Tidings({
  name: "forwarding",
  tenantId: TENANT_ID,
  publicUrl: "https://tidings.example",
  secret: SECRET,
  credential: { getToken: async () => null },
  inbox: kafka({ brokers: [broker], topic }),
  logger: { debug() {}, info() {}, warn() {}, error() {} },
});
tidings.on("users");

// Nobody to be killed by: nobody to live for.
process.on("disconnect", () => process.exit());

const { port } = await tidings.listen({ port: 0, hostname: "127.0.0.1" });
await tidings.start();
process.send?.(port);
