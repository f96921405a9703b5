import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { startSimulator, type Simulator } from "@tidings/graph-simulator";
import { createKeyPair } from "../../packages/tidings/src/crypto/create-key-pair.ts";
import { Child } from "./child.ts";
import type { RichAppFace } from "./rich-app.ts";
import type { RsaLimitFace } from "./rsa-limit.ts";
import { median } from "./statistics.ts";
import { readStored } from "./stored.ts";

export interface RichOptions {
  readonly folder: string;
  readonly richRounds: {
    readonly count: number;
    readonly limitSeconds: number;
    readonly backlogPerCore: number;
  };
  readonly profiles: string | undefined;
  readonly tell: (text: string) => void;
}

/** On so many cores, medians of all rounds. */
export interface RichFigures {
  readonly cores: number;
  /** Private-key operations a second that the cores do when they do nothing else. */
  readonly limitPerSecond: number;
  /** Notifications handled a second, from the store to the handler: token, key, signature, content. */
  readonly handledPerSecond: number;
  /** Microseconds of the processor for one, of all threads together. */
  readonly cpuUs: number;
  /** Of what was handled a second to the limit, round by round. */
  readonly ratio: number;
}

export interface RichResult {
  readonly rounds: number;
  readonly handled: number;
  readonly figures: readonly RichFigures[];
  /** The smaller of the ratios, on one core and on all. */
  readonly ratio: number;
  readonly problems: readonly string[];
}

interface Round {
  readonly cores: number;
  readonly limit: number;
  readonly handled: Drained;
}

const ADELE = "AdeleV@contoso.onmicrosoft.com";
const MESSAGES = 100;
const POLL_MS = 10;
const STALL_MS = 20_000;

interface Drained {
  readonly perSecond: number;
  /** Of the processor, for each, all threads together. */
  readonly cpuUs: number;
}

interface Bench {
  readonly simulator: Simulator;
  readonly app: Child<RichAppFace>;
  readonly limit: Child<RsaLimitFace>;
  readonly messageIds: readonly string[];
  readonly options: RichOptions;
  /** Changes that were made. */
  made: number;
}

/** How fast resource data reaches its handler, beside what its private key can do at most. */
export async function measureRich(options: RichOptions): Promise<RichResult> {
  const { folder, profiles, richRounds, tell } = options;
  const storePath = join(folder, "rich.db");
  const pemPath = join(folder, "rich.pem");
  writeFileSync(pemPath, await createKeyPair({ commonName: "benchmark", now: Date.now() }));
  const keyPath = join(folder, "rsa.pem");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(keyPath, privateKey.export({ type: "pkcs8", format: "pem" }));

  await using simulator = await startSimulator();
  const args = [simulator.url, storePath, pemPath];
  await using app = new Child<RichAppFace>(new URL("./rich-app.ts", import.meta.url), {
    args,
    profiles,
    isMetered: false,
  });
  await using limit = new Child<RsaLimitFace>(new URL("./rsa-limit.ts", import.meta.url), {
    args: [keyPath],
    isMetered: false,
  });
  const { tenantId, clientId, clientSecret } = simulator;
  await app.ask("start", { tenantId, clientId, clientSecret, userId: ADELE });
  await until(async () => simulator.subscriptions.list().length === 1, "subscribed");

  const bench: Bench = { simulator, app, limit, options, made: 0, messageIds: await makeMessages(simulator) };
  bench.made = MESSAGES;
  tell("rich: warming up");
  await drain(bench, 500);
  const rounds: Round[] = [];
  for (let round = 1; round <= richRounds.count; round += 1) {
    for (const cores of coresToTry()) rounds.push(await measureRound(bench, cores, round));
  }
  const report = await app.ask("report", undefined);
  await app.ask("stop", undefined);
  const problems = problemsOf(bench.made, report, readStored(storePath));
  const figures = [...Map.groupBy(rounds, ({ cores }) => cores)].map(([cores, own]) => figuresOf(cores, own));
  const ratio = Math.min(...figures.map((entry) => entry.ratio));
  return { rounds: richRounds.count, handled: report.numbers.length, figures, ratio, problems };
}

/** One core can only be asked for where processes can be bound to it. */
function coresToTry(): readonly number[] {
  const all = availableParallelism();
  return process.platform === "linux" && all > 1 ? [1, all] : [all];
}

async function measureRound(bench: Bench, cores: number, number: number): Promise<Round> {
  const { app, limit, options } = bench;
  const { limitSeconds, backlogPerCore } = options.richRounds;
  bindTo(limit.pid, cores);
  const before = await limit.ask("measure", { threads: cores, seconds: limitSeconds });
  const handled = await drain(bench, backlogPerCore * cores, () => bindTo(app.pid, cores));
  bindTo(app.pid, availableParallelism());
  // The machine may be slower by now: what it could do meanwhile is between the two.
  const after = await limit.ask("measure", { threads: cores, seconds: limitSeconds });
  const round = { cores, limit: (before + after) / 2, handled };
  options.tell(
    `rich: round ${number} on ${cores}: ${handled.perSecond.toFixed(0)} a second, of ${round.limit.toFixed(0)}`,
  );
  return round;
}

/** All threads of a process. */
function bindTo(pid: number, cores: number): void {
  if (process.platform !== "linux") return;
  execFileSync("taskset", ["-a", "-c", "-p", `0-${cores - 1}`, String(pid)], { stdio: "ignore" });
}

/** Lets so many changes wait in the store, then lets them be handled. */
async function drain(bench: Bench, count: number, beforeResume: () => void = () => {}): Promise<Drained> {
  const { app } = bench;
  await until(async () => (await app.ask("handledCount", undefined)) >= bench.made, "handled");
  await app.ask("pause", undefined);
  for (let n = 0; n < count; n += 1) {
    const id = bench.messageIds[bench.made % MESSAGES] ?? "";
    await bench.simulator.request("PATCH", `users/${ADELE}/messages/${id}`, { subject: String(bench.made) });
    bench.made += 1;
  }
  await until(async () => (await app.ask("waiting", undefined)) === count, "stored");
  beforeResume();
  const beginning = await app.ask("resume", undefined);
  await until(async () => (await app.ask("handledCount", undefined)) >= bench.made, "handled");
  const cpuMs = await app.ask("cpuMs", beginning);
  const { lastAt } = await app.ask("report", undefined);
  return { perSecond: (count / (lastAt - beginning.at)) * 1000, cpuUs: (cpuMs / count) * 1000 };
}

async function makeMessages(simulator: Simulator): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < MESSAGES; n += 1) {
    const message = await simulator.request("POST", `users/${ADELE}/messages`, { subject: String(n) });
    if (typeof message["id"] !== "string") throw new TypeError("Expected a message with an id");
    ids.push(message["id"]);
  }
  return ids;
}

/** @throws Error when it is not so for long */
async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (let waitedMs = 0; !(await isSo()); waitedMs += POLL_MS) {
    if (waitedMs >= STALL_MS) throw new Error(`The app has not ${what} all in ${STALL_MS} ms`);
    await setTimeout(POLL_MS);
  }
}

function figuresOf(cores: number, rounds: readonly Round[]): RichFigures {
  return {
    cores,
    limitPerSecond: median(rounds.map(({ limit }) => limit)),
    handledPerSecond: median(rounds.map(({ handled }) => handled.perSecond)),
    cpuUs: median(rounds.map(({ handled }) => handled.cpuUs)),
    ratio: median(rounds.map(({ limit, handled }) => handled.perSecond / limit)),
  };
}

function problemsOf(
  made: number,
  { numbers, misplaced }: { readonly numbers: readonly number[]; readonly misplaced: number },
  { waiting, dead }: { readonly waiting: number; readonly dead: number },
): string[] {
  const different = new Set(numbers).size;
  return [
    different < made && `${made - different} of ${made} changes never reached the handler with their content`,
    numbers.length > different && `${numbers.length - different} changes were handled more than once`,
    misplaced > 0 && `${misplaced} changes were handled out of order`,
    waiting > 0 && `${waiting} handled notifications are still in the store`,
    dead > 0 && `${dead} notifications are dead letters`,
  ].filter((problem) => problem !== false);
}
