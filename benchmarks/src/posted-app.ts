import { setTimeout } from "node:timers/promises";
import type { Child } from "./child.ts";
import type { AppName, FullRound, SteadyFigures, TopicCheck } from "./kafka-figures.ts";
import { runLoad } from "./load.ts";
import type { MeterFace } from "./meter.ts";
import { notificationTemplate, type Subscribed } from "./notification.ts";
import type { SenderFace, SendReport } from "./sender.ts";
import type { TopicContents } from "./topic-contents.ts";

export interface PostedAppOptions {
  readonly server: AppName;
  readonly subscribed: Subscribed;
  /** Its process, where it can be metered. */
  readonly child?: Child<MeterFace> | undefined;
  readonly connections: number;
}

interface SteadyRound {
  readonly stream: number;
  readonly perSecond: number;
  readonly report: SendReport;
}

export interface SteadyLoad {
  readonly perSecond: number;
  readonly seconds: number;
}

/** More numbers than any round uses. */
const NUMBERS_PER_ROUND = 100_000_000;
/** What was under way when a round ended is over by then. */
const SETTLE_MS = 100;
const RESOURCES = 5_000;

/** An app that writes what is posted to it to a topic of its own, and what was posted so far. */
export class PostedApp {
  readonly server: AppName;
  readonly #options: PostedAppOptions;
  readonly #steady: SteadyRound[] = [];
  #roundCount = 0;
  #sent = 0;
  #answered = 0;
  #refused = 0;

  constructor(options: PostedAppOptions) {
    this.server = options.server;
    this.#options = options;
  }

  /** Notifications of full rounds that were answered, so far. */
  get answered(): number {
    return this.#answered;
  }

  /** As fast as answers come back. */
  async full(itemsPerPost: number, seconds: number): Promise<FullRound> {
    const { subscribed, child, connections } = this.#options;
    await child?.ask("beginMetering", undefined);
    const load = await runLoad({
      url: subscribed.url,
      template: notificationTemplate(subscribed),
      itemsPerPost,
      after: this.#roundCount * NUMBERS_PER_ROUND,
      seconds,
      connections,
    });
    const usage = await child?.ask("endMetering", undefined);
    this.#roundCount += 1;
    this.#sent += load.sent * itemsPerPost;
    this.#answered += (load.answered - load.refused) * itemsPerPost;
    this.#refused += load.refused + load.broken;
    await setTimeout(SETTLE_MS);
    return {
      server: this.server,
      itemsPerPost,
      notificationsPerSecond: ((load.answered - load.refused) * itemsPerPost * 1000) / load.durationMs,
      p50Ms: load.p50Ms,
      p99Ms: load.p99Ms,
      loadCores: load.cpuMs / load.durationMs,
      serverCores: usage === undefined ? undefined : usage.cpuMs / load.durationMs,
    };
  }

  /** Each resource over one connection, so that the order of its notifications is settled. */
  async steady(sender: Child<SenderFace>, { perSecond, seconds }: SteadyLoad): Promise<void> {
    const stream = this.#steady.length + 1;
    const report = await sender.ask("send", {
      count: perSecond * seconds,
      perSecond,
      resources: RESOURCES,
      seed: stream,
      subscribed: this.#options.subscribed,
      stream,
      handling: { takesMs: 0, throws: "nothing" },
    });
    this.#steady.push({ stream, perSecond, report });
  }

  check({ distinctCount, unstampedCount }: TopicContents): TopicCheck {
    return {
      server: this.server,
      sent: this.#sent,
      answered: this.#answered,
      distinct: distinctCount,
      repeated: unstampedCount - distinctCount,
      refused: this.#refused,
    };
  }

  steadyFigures(contents: TopicContents): SteadyFigures[] {
    return this.#steady.map(({ stream, perSecond, report }) => {
      const { handled, lost, repeated, misplaced } = contents.stream(stream).report(report.sent);
      const { refused, acknowledged } = report;
      return { server: this.server, perSecond, refused, acknowledged, handled, lost, repeated, misplaced };
    });
  }
}
