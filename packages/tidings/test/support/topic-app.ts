/** An app that reads a topic into a store, in a process of its own, to be killed: `topic-app.ts <broker> <topic> <store> <log>`. */
import { appendFileSync } from "node:fs";
import { Tidings } from "../../src/app/tidings.ts";
import { kafka } from "../../src/kafka/source.ts";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";
import { SECRET, TENANT_ID } from "./deliveries.ts";

const [broker = "", topic = "", storePath = "", logPath = ""] = process.argv.slice(2);

const tidings = new Tidings({
  name: "forwarding",
  tenantId: TENANT_ID,
  publicUrl: "https://tidings.example",
  secret: SECRET,
  credential: { getToken: async () => null },
  store: sqlite(storePath, { allowEphemeral: true }),
  // Short, so that who was killed is not waited for.
  sources: [kafka({ brokers: [broker], topic, groupId: "apps", sessionTimeoutMs: 6_000 })],
  logger: { debug() {}, info() {}, warn() {}, error() {} },
});
tidings.on("users", ({ raw: { id } }) => {
  if (typeof id === "string") appendFileSync(logPath, `${id}\n`);
});
tidings.events.on("records:stored", ({ storedCount }) => process.send?.({ storedCount }));

// Nobody to be killed by: nobody to live for.
process.on("disconnect", () => process.exit());

await tidings.start();
