import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Admin, type CreateTopicsOptions } from "@platformatic/kafka";
import { kafkaJars } from "./kafka-jars.ts";

/** Whether a real broker can be started here. */
export const hasBroker: boolean = kafkaJars !== undefined;

/** How long a start may take, in milliseconds; it takes 3 s or so. */
const START_LIMIT_MS = 60_000;

const JAVA = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"];

export interface BrokerOptions {
  /** @default a free one */
  readonly port?: number;
  /** Of topics and metadata; formatted when it is empty. @default a new one in the temp folder */
  readonly dataDir?: string;
  /** Settings of the broker over ours. */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** More listeners beside the plain one, each at a port of its own. */
  readonly listeners?: Readonly<Record<string, BrokerListener>>;
  /** Users who prove themselves by SCRAM, with their passwords. */
  readonly scramUsers?: Readonly<Record<string, string>>;
}

export interface BrokerListener {
  readonly protocol: "SSL" | "SASL_SSL" | "SASL_PLAINTEXT";
  /** Settings of the broker for this listener, without their prefix. */
  readonly config: Readonly<Record<string, string>>;
}

/** A topic to be made. */
export type TopicSettings = Partial<Pick<CreateTopicsOptions, "partitions" | "configs">>;

/** A real Apache Kafka broker in a process of its own, which is its own controller. */
export interface Broker {
  /** Of the plain listener. */
  readonly port: number;
  /** Of the plain listener, as clients take it. */
  readonly address: string;
  /** Of other listeners, by name, as clients take them. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly dataDir: string;
  createTopic(name: string, settings?: TopicSettings): Promise<void>;
  /** Ends it as a power failure would end its process. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it as an operator does. */
  stop(): Promise<void>;
  /** Starts it again after `kill` or `stop`, on the same data and ports. Resolves when it answers. */
  restart(): Promise<void>;
  /** Lets it do nothing, with its connections open, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Kills it, and removes its data if they were made for it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a broker and waits until it answers. Its log is beside its data. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const home = mkdtempSync(join(tmpdir(), "tidings-kafka-"));
  const { dataDir = join(home, "data"), listeners = {} } = options;
  const [port = 0, controllerPort = 0, ...others] = await freePorts(2 + Object.keys(listeners).length);
  const ports: Ports = {
    plain: options.port ?? port,
    controller: controllerPort,
    others: Object.fromEntries(Object.keys(listeners).map((name, place) => [name, others[place] ?? 0])),
  };
  const settings = join(home, "server.properties");
  writeFileSync(settings, propertiesOf(options, dataDir, ports));
  const broker = new BrokerProcess(home, settings, ports.plain);
  await broker.format(options.scramUsers ?? {});
  await broker.start();
  const { address } = broker;
  return {
    port: ports.plain,
    address,
    addresses: Object.fromEntries(Object.entries(ports.others).map(([name, own]) => [name, named(own)])),
    dataDir,
    createTopic: async (name, topic = {}) => createTopic(address, name, topic),
    kill: async () => broker.end("SIGKILL"),
    stop: async () => broker.end("SIGTERM"),
    restart: async () => broker.start(),
    freeze: () => broker.signal("SIGSTOP"),
    thaw: () => broker.signal("SIGCONT"),
    async [Symbol.asyncDispose]() {
      await broker.end("SIGKILL");
      rmSync(home, { recursive: true });
    },
  };
}

interface Ports {
  readonly plain: number;
  readonly controller: number;
  readonly others: Readonly<Record<string, number>>;
}

class BrokerProcess {
  readonly address: string;
  readonly #settings: string;
  readonly #log: string;
  #child: ChildProcess | undefined;

  constructor(home: string, settings: string, port: number) {
    this.address = local(port);
    this.#settings = settings;
    this.#log = join(home, "broker.log");
  }

  async format(scramUsers: Readonly<Record<string, string>>): Promise<void> {
    const scram = Object.entries(scramUsers).flatMap(([name, password]) =>
      ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => [
        "--add-scram",
        `${mechanism}=[name=${name},password=${password}]`,
      ]),
    );
    const format = [
      "kafka.tools.StorageTool",
      "format",
      "--ignore-formatted",
      "-t",
      "dGlkaW5ncy1icm9rZXItMQ",
    ];
    const child = this.#java([...format, "-c", this.#settings, ...scram]);
    await once(child, "exit");
    if (child.exitCode !== 0) throw this.#failure("could not format its storage");
  }

  async start(): Promise<void> {
    const child = this.#java(["kafka.Kafka", this.#settings]);
    this.#child = child;
    const isOver = Date.now() + START_LIMIT_MS;
    while (!(await answers(this.address))) {
      if (child.exitCode !== null) throw this.#failure("ended as it started");
      if (Date.now() > isOver) {
        await this.end("SIGKILL");
        throw this.#failure("did not answer in time");
      }
      await sleep(100);
    }
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(signal);
  }

  #java(args: readonly string[]): ChildProcess {
    if (kafkaJars === undefined) throw new Error("Java, Maven or the jars of the broker are not there");
    const log = openSync(this.#log, "a");
    const child = spawn("java", [...JAVA, "-cp", join(kafkaJars, "*"), ...args], {
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    const end = (): void => void child.kill("SIGKILL");
    process.once("exit", end);
    child.once("exit", () => process.off("exit", end));
    return child;
  }

  #failure(what: string): Error {
    return new Error(`The broker ${what}: ${readFileSync(this.#log, "utf8").slice(-4_000)}`);
  }
}

/** Small, quick to start, and as careful with what it acknowledges as any other. */
function propertiesOf({ config, listeners = {} }: BrokerOptions, dataDir: string, ports: Ports): string {
  const names = Object.keys(listeners);
  const own = names.map((name) => `${name}://${local(ports.others[name] ?? 0)}`);
  const plain = `PLAINTEXT://${local(ports.plain)}`;
  const settings: Record<string, string | number | boolean> = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@${local(ports.controller)}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    listeners: [plain, `CONTROLLER://${local(ports.controller)}`, ...own].join(","),
    "advertised.listeners": [
      plain,
      ...names.map((name) => `${name}://${named(ports.others[name] ?? 0)}`),
    ].join(","),
    "listener.security.protocol.map": [
      "PLAINTEXT:PLAINTEXT",
      "CONTROLLER:PLAINTEXT",
      ...Object.entries(listeners).map(([name, { protocol }]) => `${name}:${protocol}`),
    ].join(","),
    "log.dirs": dataDir,
    "auto.create.topics.enable": false,
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 1,
    "group.initial.rebalance.delay.ms": 0,
    // Who was killed is let in again once nobody believes it alive.
    "broker.session.timeout.ms": 1_000,
    "broker.heartbeat.interval.ms": 200,
    "num.network.threads": 1,
    "num.io.threads": 2,
    "log.cleaner.enable": false,
    ...Object.fromEntries(
      Object.entries(listeners).flatMap(([name, listener]) =>
        Object.entries(listener.config).map(([key, value]) => [
          `listener.name.${name.toLowerCase()}.${key}`,
          value,
        ]),
      ),
    ),
    ...config,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${String(value).replaceAll("\n", "\\n")}\n`)
    .join("");
}

async function createTopic(
  address: string,
  name: string,
  { partitions = 1, configs = [] }: TopicSettings,
): Promise<void> {
  const admin = adminOf(address);
  try {
    await admin.createTopics({ topics: [name], partitions, replicas: 1, configs });
  } finally {
    await admin.close();
  }
}

async function answers(address: string): Promise<boolean> {
  const admin = adminOf(address);
  try {
    const { brokers } = await admin.metadata({ topics: [] });
    return brokers.size > 0;
  } catch {
    return false;
  } finally {
    await admin.close();
  }
}

function adminOf(address: string): Admin {
  return new Admin({ clientId: "test", bootstrapBrokers: [address], retries: 0, requestTimeout: 5_000 });
}

function local(port: number): string {
  return `127.0.0.1:${port}`;
}

/** As a certificate can have it. */
function named(port: number): string {
  return `localhost:${port}`;
}

/** Ports that nobody listens at now. Held all at once, so that none comes twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map(async (server) => once(server, "listening")));
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      if (typeof address !== "object" || address === null) throw new Error("a server has no port");
      return address.port;
    }),
  );
}
