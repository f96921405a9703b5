import type { Broker } from "../../packages/tidings/test/support/kafka-broker.ts";
import { Child } from "./child.ts";
import type { DirectProducerFace } from "./direct-producer.ts";
import type { ForwardingAppFace } from "./forwarding-app.ts";
import {
  figuresOf,
  problemsOfTopic,
  ratioOf,
  type FullFigures,
  type FullRound,
  type SteadyFigures,
  type TopicCheck,
} from "./kafka-figures.ts";
import { subscribedWith } from "./kafka-subscribed.ts";
import { LoadError } from "./load.ts";
import type { MeterFace } from "./meter.ts";
import { PostedApp, type SteadyLoad } from "./posted-app.ts";
import { preparePython, PythonError, startPythonApp } from "./python-app.ts";
import type { SenderFace } from "./sender.ts";
import { readContents } from "./topic-contents.ts";

export interface KafkaRounds {
  readonly count: number;
  readonly seconds: number;
  readonly steady: readonly SteadyLoad[];
}

export interface KafkaOptions {
  readonly kafkaRounds: KafkaRounds;
  readonly profiles: string | undefined;
  readonly tell: (text: string) => void;
}

/** What is not measured, since it is not to be had here. */
export interface Skipped {
  readonly server: string;
  readonly reason: string;
}

export interface KafkaResult {
  readonly rounds: KafkaRounds;
  readonly connections: number;
  /** Of what Tidings writes for one notification: key, value and headers. */
  readonly recordBytes: number;
  readonly figures: readonly FullFigures[];
  /** Tidings over writing directly. */
  readonly ratio: number;
  readonly ratioOf10: number;
  readonly steady: readonly SteadyFigures[];
  readonly checks: readonly TopicCheck[];
  readonly skipped: readonly Skipped[];
  readonly problems: readonly string[];
}

const CONNECTIONS = 256;
const ITEMS_PER_POST = [1, 10];
const PARTITIONS = 3;
const SECRET = "a secret of this benchmark, for nothing else";

/** What was written directly is read by nobody, and may fill no disk. */
const KEEP_BYTES = String(64 * 1024 * 1024);
const FORGETFUL = [
  { name: "retention.bytes", value: KEEP_BYTES },
  { name: "segment.bytes", value: KEEP_BYTES },
  { name: "file.delete.delay.ms", value: "1000" },
];

/** All that is measured, in the order of their turns. */
interface Contenders {
  readonly direct: Child<MeterFace & DirectProducerFace>;
  readonly apps: readonly PostedApp[];
}

/**
 * From a POST to the broker's acknowledgement, against the same client that writes the same records to the same broker,
 * and beside an app as one finds them; in turns, so that all meet the same machine.
 */
export async function measureKafka(options: KafkaOptions): Promise<KafkaResult> {
  const { kafkaRounds, profiles, tell } = options;
  const skipped: Skipped[] = [];
  await using broker = await startedBroker(tell);
  await using own = new AsyncDisposableStack();
  const direct = own.use(new Child<MeterFace & DirectProducerFace>(file("direct-producer"), { profiles }));
  const tidings = await startTidings(own, broker, profiles);
  const fastapi = await startFastapi(own, broker, tell).catch((error: unknown) => {
    if (!(error instanceof PythonError)) throw error;
    skipped.push({ server: "fastapi", reason: error.message });
    return undefined;
  });
  await broker.createTopic("direct", { partitions: PARTITIONS, configs: FORGETFUL });
  const apps = fastapi === undefined ? [tidings] : [tidings, fastapi];

  tell("kafka: warming up");
  for (const app of apps) await app.full(1, 1);
  const count = tidings.answered;
  const recordBytes = await direct.ask("copy", { broker: broker.address, topic: "tidings", count });
  await direct.ask("produce", { topic: "direct", records: CONNECTIONS, seconds: 1 });

  const figures = figuresOf(await fullRounds({ direct, apps }, options));
  await steadyRounds(apps, options);
  tell("kafka: reading the topics");
  const checks: TopicCheck[] = [];
  const steady: SteadyFigures[] = [];
  for (const app of apps) {
    const contents = await readContents(broker.address, app.server, PARTITIONS);
    checks.push(app.check(contents));
    steady.push(...app.steadyFigures(contents));
  }
  return {
    rounds: kafkaRounds,
    connections: CONNECTIONS,
    recordBytes,
    figures,
    ratio: ratioOf(figures, "tidings", 1),
    ratioOf10: ratioOf(figures, "tidings", 10),
    steady,
    checks,
    skipped,
    problems: problemsOfTopic(checks, steady),
  };
}

/** @throws LoadError where there is none */
async function startedBroker(tell: KafkaOptions["tell"]): Promise<Broker> {
  tell("kafka: starting a broker; the first time it is fetched");
  // Looks for Java and fetches the broker as it is loaded, which nobody wants who measures something else.
  const { hasBroker, startBroker } = await import("../../packages/tidings/test/support/kafka-broker.ts");
  if (!hasBroker) {
    throw new LoadError("The broker cannot be started. It needs java, and mvn to fetch it the first time.");
  }
  return startBroker({ config: { "log.retention.check.interval.ms": 2_000 } });
}

async function startTidings(
  own: AsyncDisposableStack,
  broker: Broker,
  profiles: string | undefined,
): Promise<PostedApp> {
  await broker.createTopic("tidings", { partitions: PARTITIONS });
  const args = [broker.address, "tidings", SECRET];
  const child = own.use(new Child<MeterFace & ForwardingAppFace>(file("forwarding-app"), { args, profiles }));
  const url = await child.ask("start", undefined);
  own.defer(async () => child.ask("stop", undefined));
  const subscribed = subscribedWith(SECRET, url);
  return new PostedApp({ server: "tidings", subscribed, child, connections: CONNECTIONS });
}

/** @throws PythonError where it cannot be had */
async function startFastapi(
  own: AsyncDisposableStack,
  broker: Broker,
  tell: KafkaOptions["tell"],
): Promise<PostedApp> {
  tell("kafka: starting a FastAPI app; the first time its packages are fetched");
  const python = await preparePython();
  await broker.createTopic("fastapi", { partitions: PARTITIONS });
  const subscribed = subscribedWith(SECRET, "");
  const { clientState } = subscribed;
  const app = own.use(
    await startPythonApp(python, { brokers: broker.address, topic: "fastapi", clientState }),
  );
  return new PostedApp({
    server: "fastapi",
    subscribed: { ...subscribed, url: app.url },
    connections: CONNECTIONS,
  });
}

async function fullRounds(contenders: Contenders, { kafkaRounds, tell }: KafkaOptions): Promise<FullRound[]> {
  const { count, seconds } = kafkaRounds;
  const rounds: FullRound[] = [];
  for (const itemsPerPost of ITEMS_PER_POST) {
    for (let number = 1; number <= count; number += 1) {
      const turns = [
        async () => directRound(contenders.direct, itemsPerPost, seconds),
        ...contenders.apps.map((app) => async () => app.full(itemsPerPost, seconds)),
      ];
      for (const turn of turns) {
        const round = await turn();
        rounds.push(round);
        const rate = Math.round(round.notificationsPerSecond);
        tell(`kafka: ${itemsPerPost} a POST, round ${number} of ${count}, ${round.server}: ${rate} a second`);
      }
    }
  }
  return rounds;
}

/** As many records at once as the apps have under way at most. */
async function directRound(
  direct: Contenders["direct"],
  itemsPerPost: number,
  seconds: number,
): Promise<FullRound> {
  await direct.ask("beginMetering", undefined);
  const { acknowledged, durationMs, latency } = await direct.ask("produce", {
    topic: "direct",
    records: CONNECTIONS * itemsPerPost,
    seconds,
  });
  const usage = await direct.ask("endMetering", undefined);
  return {
    server: "direct",
    itemsPerPost,
    notificationsPerSecond: (acknowledged / durationMs) * 1000,
    p50Ms: latency.p50Ms,
    p99Ms: latency.p99Ms,
    loadCores: undefined,
    serverCores: usage.cpuMs / durationMs,
  };
}

async function steadyRounds(apps: readonly PostedApp[], { kafkaRounds, tell }: KafkaOptions): Promise<void> {
  await using sender = new Child<SenderFace>(file("sender"), { isMetered: false });
  for (const load of kafkaRounds.steady) {
    for (const app of apps) {
      tell(`kafka: ${load.perSecond} a second, ${app.server}`);
      await app.steady(sender, load);
    }
  }
}

function file(name: string): URL {
  return new URL(`./${name}.ts`, import.meta.url);
}
