/** `npm start [-- --for 20s]`: a simulated Graph, people who change things there, the service, and Kafka, on this machine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Consumer, MessagesStreamModes, stringDeserializers } from "@platformatic/kafka";
import { startSimulator } from "@tidings/graph-simulator";
import { startBroker } from "../../packages/tidings/test/support/kafka-broker.ts";

const TOPICS = ["entra.users", "entra.groups"];
const PORT = 8080;

const { values } = parseArgs({ options: { for: { type: "string" } } });
const end = new AbortController();
process.once("SIGINT", () => end.abort());
if (values.for !== undefined) setTimeout(() => end.abort(), Number.parseFloat(values.for) * 1000);

const folder = mkdtempSync(join(tmpdir(), "graph-to-kafka-"));
try {
  await using broker = await startBroker();
  await using graph = await startSimulator();
  for (const topic of TOPICS) await broker.createTopic(topic, { partitions: 3 });
  const consumer = new Consumer({
    clientId: "reader",
    groupId: "reader",
    bootstrapBrokers: [broker.address],
    deserializers: stringDeserializers,
  });
  const stream = await consumer.consume({ topics: TOPICS, mode: MessagesStreamModes.EARLIEST });
  const read: string[] = [];
  stream.on("data", ({ topic, key, value }) => {
    read.push(value);
    process.stdout.write(`${topic}  ${key}  ${value}\n`);
  });

  const bin = join(dirname(createRequire(import.meta.url).resolve("tidings/package.json")), "bin/tidings.js");
  const app = fileURLToPath(new URL("app.ts", import.meta.url));
  const service = spawn(process.execPath, ["--conditions=@tidings/source", bin, "serve", app], {
    env: {
      ...process.env,
      PORT: String(PORT),
      TIDINGS_PUBLIC_URL: `http://127.0.0.1:${PORT}`,
      TIDINGS_STORE: join(folder, "tidings.db"),
      GRAPH_SIMULATOR: graph.url,
      KAFKA_BROKERS: broker.address,
    },
    // Ctrl-C is for this process, which ends the other when it has handled what is there.
    detached: true,
    stdio: ["ignore", "ignore", "inherit"],
  });
  process.once("exit", () => service.kill("SIGKILL"));
  const exited = once(service, "exit");
  while (!end.signal.aborted && graph.subscriptions.list().length < TOPICS.length) await sleep(100);
  const traffic = graph.traffic.start({ for: "24h", ratePerSecond: 2, mix: { user: 1, group: 1 } });
  await Promise.race([once(end.signal, "abort"), exited]);
  traffic.stop();
  await traffic.over;
  await Promise.race([graph.settled(), sleep(10_000)]);
  const made = graph.ledger.find("notifications").entries.length;
  const deadline = Date.now() + 10_000;
  while (read.length < made && Date.now() < deadline) await sleep(100);
  service.kill("SIGTERM");
  await exited;
  await consumer.close(true);
  process.stdout.write(`\nmade ${made} · in Kafka ${read.length}\n`);
  if (read.length < made) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
