import { setTimeout } from "node:timers/promises";
import type { BareServerFace } from "./bare-server.ts";
import { Child } from "./child.ts";
import { runLoad, type LoadResult } from "./load.ts";
import type { MeterFace, ThreadUsage } from "./meter.ts";
import { notificationTemplate } from "./notification.ts";
import { median } from "./statistics.ts";
import { readStored, type Stored } from "./stored.ts";
import { startApp } from "./subscribed-app.ts";

export interface IngestOptions {
  readonly folder: string;
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly profiles: string | undefined;
  readonly tell: (text: string) => void;
}

/** Medians of some rounds at one server. */
export interface IngestFigures {
  readonly server: "bare" | "durable";
  readonly itemsPerPost: number;
  readonly postsPerSecond: number;
  readonly notificationsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Cores kept busy: by the server, by each of its threads, by what makes the load. */
  readonly serverCores: number;
  readonly loadCores: number;
  readonly threads: readonly ThreadFigures[];
}

export interface ThreadFigures {
  readonly thread: string;
  readonly cores: number;
  readonly delayP99Ms: number;
}

export interface IngestResult {
  readonly figures: readonly IngestFigures[];
  /** Durable over bare. */
  readonly ratio: number;
  readonly ratioOf10: number;
  readonly itemBytes: number;
  readonly connections: number;
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly check: IngestCheck;
}

/** In notifications. */
export interface IngestCheck extends Stored {
  readonly sent: number;
  readonly answered: number;
  readonly problems: readonly string[];
}

const CONNECTIONS = 256;
const ITEMS_PER_POST = [1, 10];
/** More numbers than any round uses. */
const NUMBERS_PER_ROUND = 100_000_000;
/** What was under way when a round ended is over by then. */
const SETTLE_MS = 100;

interface Target {
  readonly server: "bare" | "durable";
  readonly child: Child<MeterFace>;
  readonly url: string;
}

interface Round extends LoadResult {
  readonly target: Target;
  readonly itemsPerPost: number;
  readonly serverCores: number;
  readonly threads: readonly ThreadFigures[];
}

/**
 * How fast notifications are accepted, durable before each answer, against a server that does nothing with them; in
 * turns, so that both meet the same machine. Handlers are paused: what is accepted waits in the store.
 */
export async function measureIngest(options: IngestOptions): Promise<IngestResult> {
  const { folder, profiles, rounds, secondsPerRound, tell } = options;
  await using bareChild = new Child<MeterFace & BareServerFace>(new URL("./bare-server.ts", import.meta.url));
  const port = await bareChild.ask("listen", undefined);
  await using app = await startApp({ folder, name: "ingest", profiles });
  await app.child.ask("pause", "users");
  const subscribed = app.subscribedTo("users");
  const bare: Target = { server: "bare", child: bareChild, url: `http://127.0.0.1:${port}/notifications` };
  const durable: Target = { server: "durable", child: app.child, url: subscribed.url };
  const template = notificationTemplate(subscribed);

  const all: Round[] = [];
  const measured: Round[] = [];
  async function round(target: Target, itemsPerPost: number, seconds: number): Promise<Round> {
    const after = all.length * NUMBERS_PER_ROUND;
    const done = await runRound(target, { template, itemsPerPost, seconds, after });
    all.push(done);
    return done;
  }

  tell("ingest: warming up");
  for (const target of [bare, durable]) await round(target, 1, 1);
  for (const itemsPerPost of ITEMS_PER_POST) {
    for (let number = 1; number <= rounds; number += 1) {
      for (const target of [bare, durable]) {
        const done = await round(target, itemsPerPost, secondsPerRound);
        measured.push(done);
        const rate = Math.round(perSecond(done));
        tell(
          `ingest: ${itemsPerPost} a POST, round ${number} of ${rounds}, ${target.server}: ${rate} POSTs/s`,
        );
      }
    }
  }
  await app.child.ask("stop", undefined);
  const stored = readStored(app.storePath);

  const figures = ITEMS_PER_POST.flatMap((items) => [
    figuresOf(measured, bare, items),
    figuresOf(measured, durable, items),
  ]);
  return {
    figures,
    ratio: ratioAt(figures, 1),
    ratioOf10: ratioAt(figures, 10),
    itemBytes: template.length,
    connections: CONNECTIONS,
    rounds,
    secondsPerRound,
    check: checkIngest(
      all.filter(({ target }) => target === durable),
      stored,
    ),
  };
}

interface RoundOptions {
  readonly template: string;
  readonly itemsPerPost: number;
  readonly seconds: number;
  readonly after: number;
}

async function runRound(target: Target, options: RoundOptions): Promise<Round> {
  await target.child.ask("beginMetering", undefined);
  const load = await runLoad({ ...options, url: target.url, connections: CONNECTIONS });
  const usage = await target.child.ask("endMetering", undefined);
  await setTimeout(SETTLE_MS);
  return {
    ...load,
    target,
    itemsPerPost: options.itemsPerPost,
    serverCores: usage.cpuMs / load.durationMs,
    threads: usage.threads.map((thread) => toThreadFigures(thread, load.durationMs)),
  };
}

function toThreadFigures({ thread, cpuMs, delayP99Ms }: ThreadUsage, durationMs: number): ThreadFigures {
  return { thread, cores: cpuMs / durationMs, delayP99Ms };
}

function perSecond({ answered, durationMs }: LoadResult): number {
  return (answered / durationMs) * 1000;
}

function figuresOf(rounds: readonly Round[], target: Target, itemsPerPost: number): IngestFigures {
  const own = rounds.filter((round) => round.target === target && round.itemsPerPost === itemsPerPost);
  const of = (value: (round: Round) => number): number => median(own.map((round) => value(round)));
  const postsPerSecond = of(perSecond);
  const names = own[0]?.threads.map(({ thread }) => thread) ?? [];
  return {
    server: target.server,
    itemsPerPost,
    postsPerSecond,
    notificationsPerSecond: postsPerSecond * itemsPerPost,
    p50Ms: of(({ p50Ms }) => p50Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
    serverCores: of(({ serverCores }) => serverCores),
    loadCores: of(({ cpuMs, durationMs }) => cpuMs / durationMs),
    threads: names.map((name) => {
      const at = (field: "cores" | "delayP99Ms"): number =>
        of(({ threads }) => threads.find(({ thread }) => thread === name)?.[field] ?? Number.NaN);
      return { thread: name, cores: at("cores"), delayP99Ms: at("delayP99Ms") };
    }),
  };
}

function ratioAt(figures: readonly IngestFigures[], itemsPerPost: number): number {
  const rate = (server: IngestFigures["server"]): number =>
    figures.find((entry) => entry.server === server && entry.itemsPerPost === itemsPerPost)?.postsPerSecond ??
    Number.NaN;
  return rate("durable") / rate("bare");
}

/** What one round of load did, as far as the check goes. */
export type CheckedRound = Pick<Round, "sent" | "answered" | "refused" | "broken" | "itemsPerPost">;

/**
 * Everything that was answered must be in the store. What was under way when a round ended was sent and not answered,
 * and may be in the store or not: so there may be more in it than was answered, and never more than was sent.
 */
export function checkIngest(rounds: readonly CheckedRound[], stored: Stored): IngestCheck {
  const total = (field: "sent" | "answered"): number =>
    rounds.reduce((sum, round) => sum + round[field] * round.itemsPerPost, 0);
  const sent = total("sent");
  const answered = total("answered");
  const problems = [
    rounds.some(({ refused, broken }) => refused + broken > 0) && "Some POSTs were refused or broke off",
    stored.waiting < answered &&
      `${answered - stored.waiting} notifications were answered 202 and are not in the store`,
    stored.waiting > sent && `${stored.waiting - sent} more notifications are in the store than were sent`,
    stored.accepted !== stored.waiting &&
      "The store has the same notification twice, or lacks one that it accepted",
    stored.dead > 0 && `${stored.dead} notifications are dead letters`,
  ].filter((problem) => problem !== false);
  return { ...stored, sent, answered, problems };
}
