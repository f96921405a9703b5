import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@tidings/graph-simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { hasBroker, startBroker, type Broker } from "../../packages/tidings/test/support/kafka-broker.ts";
import { readTopic } from "../../packages/tidings/test/support/kafka-topic.ts";
import { Container, freePort } from "./container.ts";
import { readText, REPOSITORY } from "./files.ts";
import { buildImage, type Image } from "./image.ts";

const TOPICS = ["entra.users", "entra.groups"];
const USER = "AdeleV@contoso.onmicrosoft.com";
const USER_ID = "0a4b7c18-6d2e-4f93-b5a1-c3e8d7f60921";
/** How long Cloud Run lets a container end; Container Apps lets it for 30 s. */
const TERMINATION_MS = 10_000;
/** Two installs and a build, on a machine that is busy with others. */
const BUILD_MS = 300_000;

// Nobody else can become the image's user.
describe.skipIf(process.getuid?.() !== 0 || !hasBroker)(
  "the container's entry point (needs root, java and mvn)",
  () => {
    let folder: string;
    let image: Image;
    let graph: Simulator;
    let broker: Broker;
    let port: number;
    let environment: Readonly<Record<string, string>>;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "tidings-image-"));
      image = buildImage(REPOSITORY, folder);
      graph = await startSimulator();
      broker = await startBroker();
      for (const topic of TOPICS) await broker.createTopic(topic);
      port = await freePort();
      environment = {
        PORT: String(port),
        TIDINGS_PUBLIC_URL: `http://127.0.0.1:${port}`,
        GRAPH_SIMULATOR: graph.url,
        KAFKA_BROKERS: broker.address,
      };
    }, BUILD_MS);
    afterAll(async () => {
      await graph.close();
      await broker[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    const filesOf = (path: string): string[] => readdirSync(join(image.root, image.workdir, path));

    /** As with a volume that is new: what is known of one Graph is no use with another. */
    function emptyVolume(): void {
      const data = join(image.root, image.workdir, "data");
      for (const name of filesOf("data")) rmSync(join(data, name), { recursive: true });
    }

    /** What is on the topic once it holds so many. */
    async function changesInKafka(count: number): Promise<string> {
      const messages = await readTopic(broker.address, "entra.users", count);
      return messages.map(({ value }) => Buffer.from(value ?? []).toString()).join("\n");
    }

    it("finds what a production install has: no sources, no tests, no tools", () => {
      expect(filesOf("node_modules")).toContain("jose");
      for (const tool of ["typescript", "vitest", "oxlint"])
        expect(filesOf("node_modules")).not.toContain(tool);
      expect(filesOf("packages/tidings")).not.toContain("src");
      expect(filesOf("packages/graph-simulator")).not.toContain("src");
      expect(filesOf("packages/tidings/dist").filter((name) => name.includes(".test."))).toEqual([]);
    });

    it("passes a change at Graph on, and ends when it is told to", { timeout: 60_000 }, async () => {
      using service = new Container(image, image.command, environment);
      await service.said(/("message":"subscription created"[^]*){2}/);
      await graph.request("PATCH", `users/${USER}`, { jobTitle: "Director" });
      expect(await changesInKafka(1)).toContain(USER_ID);

      expect(await new Container(image, image.healthCheck, environment).ended()).toBe(0);
      expect(readFileSync(`/proc/${service.pid}/status`, "utf8")).toMatch(/^Uid:\t1000\t1000\t1000\t1000$/m);

      const { code, afterMs } = await service.stop();
      expect(code).toBe(0);
      expect(afterMs).toBeLessThan(TERMINATION_MS);
      for (const line of service.lines) {
        expect(JSON.parse(line)).toMatchObject({
          severity: expect.stringMatching(/^(?:INFO|WARNING|ERROR)$/),
          message: expect.any(String),
        });
      }
      expect(await new Container(image, image.healthCheck, environment).ended()).toBe(1);
    });

    it("has its state where a volume goes, and takes it up again", { timeout: 60_000 }, async () => {
      expect(filesOf("data")).toContain("tidings.db");
      using service = new Container(image, image.command, environment);
      await service.said(/"message":"serving"/);
      await graph.request("PATCH", `users/${USER}`, { jobTitle: "Manager" });
      expect(await changesInKafka(2)).toContain(USER_ID);
      expect((await service.stop()).code).toBe(0);
      expect(graph.subscriptions.list()).toHaveLength(TOPICS.length);
    });

    it("runs what compose.yaml runs: Graph, people and service", { timeout: 60_000 }, async () => {
      const graphPort = await freePort();
      const text = readText("compose.yaml")
        .replaceAll("4010", String(graphPort))
        .replaceAll("8080", String(port))
        .replaceAll("kafka:9092", broker.address);
      const {
        services,
      }: { services: Record<string, { command?: string[]; environment?: Record<string, string> }> } =
        parse(text);
      emptyVolume();
      const start = (name: string): Container =>
        new Container(image, services[name]?.command ?? image.command, strings(services[name]?.environment));
      using simulator = start("graph");
      await simulator.said(new RegExp(`${graphPort}`));
      using service = start("service");
      await service.said(/"message":"subscription created"/);
      using people = start("people");
      await changesInKafka(3);
      expect((await people.stop()).code).toBe(0);
      expect((await service.stop()).code).toBe(0);
      expect((await simulator.stop()).code).toBe(0);
    });

    it("ends in time even while a handler hangs", { timeout: 60_000 }, async () => {
      const [node = "", bin = "", verb = ""] = image.command;
      const app = "examples/graph-to-kafka/dist/hanging.js";
      writeFileSync(
        join(image.root, image.workdir, app),
        `import { Tidings } from "tidings";
       import { graph } from "./graph.js";
       export const tidings = new Tidings({ name: "graph-to-kafka", ...graph(process.env) });
       tidings.on("users", { changeType: ["updated", "deleted"] }, async (change, { log }) => {
         log.info("hanging");
         await new Promise(() => {});
       });`,
      );
      emptyVolume();
      using service = new Container(image, [node, bin, verb, app], environment);
      await service.said(/"message":"subscription (?:created|adopted)"/);
      await graph.request("PATCH", `users/${USER}`, { jobTitle: "Sleeper" });
      await service.said(/"message":"hanging"/);
      const { code, afterMs } = await service.stop();
      expect(code).toBe(0);
      expect(afterMs).toBeLessThan(TERMINATION_MS);
    });
  },
);

/** As a container's environment has them. */
function strings(environment: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));
}
