import { setTimeout } from "node:timers/promises";
import { Child } from "./child.ts";
import type { MeterFace } from "./meter.ts";
import type { SenderFace, SendReport } from "./sender.ts";
import type { RunReport } from "./served-app.ts";
import { now } from "./stamp.ts";
import { readStored, type Stored } from "./stored.ts";
import { startApp, type SubscribedApp } from "./subscribed-app.ts";

export interface DispatchOptions {
  readonly folder: string;
  readonly secondsPerRate: number;
  readonly backlog: number;
  readonly profiles: string | undefined;
  readonly tell: (text: string) => void;
}

/** Notifications sent at one rate, each to the start of its handler. */
export interface RateFigures extends Omit<RunReport, "lastAt"> {
  readonly perSecond: number;
  readonly sent: number;
  readonly posts: number;
  readonly acknowledged: SendReport["acknowledged"];
  readonly appCores: number;
  readonly senderCores: number;
}

export interface DrainFigures {
  readonly backlog: number;
  readonly perSecond: number;
  readonly appCores: number;
}

export interface DispatchResult {
  readonly resources: number;
  readonly rates: readonly RateFigures[];
  readonly drain: DrainFigures;
  readonly stored: Stored;
  readonly problems: readonly string[];
}

const RATES = [1000, 5000];
const RESOURCES = 5000;
const WARM_UP = 2000;
const POLL_MS = 25;
/** When nothing has been handled for so long, nothing will be. */
const STALL_MS = 5_000;

interface Run {
  readonly sent: SendReport;
  readonly report: RunReport;
  readonly appCores: number;
  readonly senderCores: number;
}

/** How long accepted notifications take to their handler at a steady rate, and how fast a backlog of them is handled. */
export async function measureDispatch(options: DispatchOptions): Promise<DispatchResult> {
  const { folder, profiles, secondsPerRate, backlog, tell } = options;
  await using app = await startApp({ folder, name: "dispatch", profiles });
  await using sender = new Child<MeterFace & SenderFace>(new URL("./sender.ts", import.meta.url));
  const bench = new DispatchBench(app, sender);

  tell("dispatch: warming up");
  const warmUp = await bench.run(WARM_UP, 1000);
  const problems = problemsOf("the warm-up", warmUp);
  const rates: RateFigures[] = [];
  for (const perSecond of RATES) {
    tell(`dispatch: ${perSecond} a second for ${secondsPerRate} s`);
    const run = await bench.run(perSecond * secondsPerRate, perSecond);
    rates.push(toRateFigures(perSecond, run));
    problems.push(...problemsOf(`${perSecond} a second`, run));
  }
  tell(`dispatch: draining a backlog of ${backlog}`);
  const drained = await bench.drain(backlog);
  problems.push(...problemsOf("the backlog", drained.run));

  await app.child.ask("stop", undefined);
  const stored = readStored(app.storePath);
  if (stored.waiting > 0) problems.push(`${stored.waiting} handled notifications are still in the store`);
  if (stored.dead > 0) problems.push(`${stored.dead} notifications are dead letters`);
  return { resources: RESOURCES, rates, drain: drained.figures, stored, problems };
}

class DispatchBench {
  readonly #app: SubscribedApp;
  readonly #sender: Child<MeterFace & SenderFace>;
  #total = 0;

  constructor(app: SubscribedApp, sender: Child<MeterFace & SenderFace>) {
    this.#app = app;
    this.#sender = sender;
  }

  /** Sends at a rate while handlers run. */
  async run(count: number, perSecond: number): Promise<Run> {
    const { child } = this.#app;
    await child.ask("beginRun", undefined);
    await Promise.all([child.ask("beginMetering", undefined), this.#sender.ask("beginMetering", undefined)]);
    const sent = await this.#send(count, perSecond);
    await this.#allHandled(count);
    const [appUsage, senderUsage] = await Promise.all([
      child.ask("endMetering", undefined),
      this.#sender.ask("endMetering", undefined),
    ]);
    return {
      sent,
      report: await child.ask("endRun", sent.sent),
      appCores: appUsage.cpuMs / appUsage.elapsedMs,
      senderCores: senderUsage.cpuMs / senderUsage.elapsedMs,
    };
  }

  /** Sends everything while handlers are paused, then lets them run. */
  async drain(count: number): Promise<{ run: Run; figures: DrainFigures }> {
    const { child } = this.#app;
    await child.ask("pause", undefined);
    await child.ask("beginRun", undefined);
    const sent = await this.#send(count, Infinity);
    await child.ask("beginMetering", undefined);
    const resumedAt = await child.ask("resume", undefined);
    await this.#allHandled(count);
    const usage = await child.ask("endMetering", undefined);
    const report = await child.ask("endRun", sent.sent);
    const elapsedMs = report.lastAt - resumedAt;
    const appCores = usage.cpuMs / usage.elapsedMs;
    return {
      run: { sent, report, appCores, senderCores: 0 },
      figures: { backlog: count, perSecond: (count / elapsedMs) * 1000, appCores },
    };
  }

  async #send(count: number, perSecond: number): Promise<SendReport> {
    const { url, subscribed } = this.#app;
    const after = this.#total;
    this.#total += count;
    return this.#sender.ask("send", {
      url,
      subscribed,
      after,
      count,
      perSecond,
      resources: RESOURCES,
      seed: after + 1,
    });
  }

  /** Returns also when nothing more comes: what is missing is counted then. */
  async #allHandled(count: number): Promise<void> {
    let handled = -1;
    let changedAt = now();
    while (handled < count && now() - changedAt < STALL_MS) {
      await setTimeout(POLL_MS);
      const found = await this.#app.child.ask("handledCount", undefined);
      if (found > handled) changedAt = now();
      handled = found;
    }
  }
}

function toRateFigures(perSecond: number, { sent, report, appCores, senderCores }: Run): RateFigures {
  const { lastAt: _, ...arrived } = report;
  const { posts, acknowledged } = sent;
  return { perSecond, sent: totalOf(sent), posts, acknowledged, ...arrived, appCores, senderCores };
}

function problemsOf(what: string, { sent, report }: Run): string[] {
  return [
    sent.refused > 0 && `${sent.refused} POSTs of ${what} were refused`,
    report.lost > 0 && `${report.lost} of ${totalOf(sent)} notifications of ${what} were never handled`,
    report.repeated > 0 && `${report.repeated} notifications of ${what} were handled more than once`,
    report.misplaced > 0 && `${report.misplaced} notifications of ${what} were handled out of order`,
  ].filter((problem) => problem !== false);
}

function totalOf({ sent }: SendReport): number {
  return sent.reduce((sum, count) => sum + count, 0);
}
