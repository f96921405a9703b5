import { setTimeout } from "node:timers/promises";
import type { PlanOptions } from "./arrival-plan.ts";
import type { ArrivalReport } from "./arrival-log.ts";
import { Child } from "./child.ts";
import type { MeterFace } from "./meter.ts";
import type { Resource } from "./notification.ts";
import type { SenderFace, SendReport } from "./sender.ts";
import { now, type Handling } from "./stamp.ts";
import { startApp, type StartAppOptions, type SubscribedApp } from "./subscribed-app.ts";

/** Notifications to be sent one after another. */
export interface Stream extends Omit<PlanOptions, "seed"> {
  readonly resource: Resource;
  /** @default to return at once */
  readonly handling?: Partial<Handling> | undefined;
}

/** A stream that is being sent, or was. */
export interface Sending {
  readonly number: number;
  /** Notifications, without copies. */
  readonly count: number;
  readonly done: Promise<SendReport>;
}

/** What became of a stream. */
export interface StreamReport extends ArrivalReport {
  readonly sent: number;
  readonly send: SendReport;
}

/** While something was done. */
export interface Usage {
  readonly appCores: number;
  readonly senderCores: number;
  /** In the end. */
  readonly appBytes: number;
}

const POLL_MS = 25;
/** When nothing has been handled for so long, nothing will be. */
const STALL_MS = 5_000;

/** An app and what sends notifications to it. */
export class LoadBench implements AsyncDisposable {
  readonly app: SubscribedApp;
  readonly #sender: Child<MeterFace & SenderFace>;
  #lastStream = 0;

  private constructor(app: SubscribedApp, sender: Child<MeterFace & SenderFace>) {
    this.app = app;
    this.#sender = sender;
  }

  static async start(options: StartAppOptions): Promise<LoadBench> {
    const app = await startApp(options);
    return new LoadBench(app, new Child<MeterFace & SenderFace>(new URL("./sender.ts", import.meta.url)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.app[Symbol.asyncDispose](), this.#sender[Symbol.asyncDispose]()]);
  }

  /** Begins to send, and waits for nothing. */
  send({ resource, handling, ...plan }: Stream): Sending {
    this.#lastStream += 1;
    const number = this.#lastStream;
    const done = this.#sender.ask("send", {
      ...plan,
      subscribed: this.app.subscribedTo(resource),
      stream: number,
      handling: { takesMs: 0, throws: "nothing", ...handling },
      seed: number,
    });
    return { number, count: plan.count, done };
  }

  /** Resolves when a handler was called for each, or nothing more comes: what is missing is counted then. */
  async called({ number, count, done }: Sending, stallMs = STALL_MS): Promise<void> {
    await done;
    let called = -1;
    let changedAt = now();
    while (called < count && now() - changedAt < stallMs) {
      await setTimeout(POLL_MS);
      const found = await this.app.child.ask("calledCount", number);
      if (found > called) changedAt = now();
      called = found;
    }
  }

  async report({ number, count, done }: Sending): Promise<StreamReport> {
    const send = await done;
    const report = await this.app.child.ask("report", { stream: number, sent: send.sent });
    return { ...report, sent: count, send };
  }

  async metered<Result>(work: () => Promise<Result>): Promise<[Result, Usage]> {
    const { child } = this.app;
    await Promise.all([child.ask("beginMetering", undefined), this.#sender.ask("beginMetering", undefined)]);
    const result = await work();
    const [app, sender] = await Promise.all([
      child.ask("endMetering", undefined),
      this.#sender.ask("endMetering", undefined),
    ]);
    const usage = {
      appCores: app.cpuMs / app.elapsedMs,
      senderCores: sender.cpuMs / sender.elapsedMs,
      appBytes: app.residentBytes,
    };
    return [result, usage];
  }
}

/** What must not be, of a stream of which each is handled once. */
export function problemsOf(what: string, { sent, send, lost, repeated, misplaced }: StreamReport): string[] {
  return [
    send.refused > 0 && `${send.refused} POSTs of ${what} were refused`,
    lost > 0 && `${lost} of ${sent} notifications of ${what} were never handled`,
    repeated > 0 && `${repeated} notifications of ${what} were handled more than once`,
    misplaced > 0 && `${misplaced} notifications of ${what} were handled out of order`,
  ].filter((problem) => problem !== false);
}
