import { problemsOfStore, type Round } from "./isolation-figures.ts";
import { LoadBench, problemsOf, type Sending, type Stream, type StreamReport } from "./load-bench.ts";
import { readStored } from "./stored.ts";
import type { StartAppOptions } from "./subscribed-app.ts";
import { MEASURED_RESOURCES, type Side, type Trouble } from "./troubles.ts";

const WARM_UP_SECONDS = 2;

/** One app of a trouble's two, from its start to what is found in its store. */
export class SideBench implements AsyncDisposable {
  readonly rounds: Round[] = [];
  readonly #trouble: Trouble;
  readonly #side: Side;
  readonly #bench: LoadBench;
  readonly #beside: Sending[] = [];
  readonly #reports: StreamReport[] = [];
  #backlog: Sending | undefined;

  private constructor(trouble: Trouble, side: Side, bench: LoadBench) {
    this.#trouble = trouble;
    this.#side = side;
    this.#bench = bench;
  }

  static async start(
    trouble: Trouble,
    side: Side,
    options: Omit<StartAppOptions, "declarations">,
  ): Promise<SideBench> {
    const bench = await LoadBench.start({ ...options, declarations: side.declarations });
    const started = new SideBench(trouble, side, bench);
    try {
      await started.#prepare();
    } catch (error) {
      await bench[Symbol.asyncDispose]();
      throw error;
    }
    return started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bench[Symbol.asyncDispose]();
  }

  async round(seconds: number): Promise<Round> {
    const { child } = this.#bench.app;
    const { waitsForBeside = true, copies } = this.#side;
    const [measured, usage] = await this.#bench.metered(async () => {
      if (this.#backlog !== undefined) await child.ask("resume", "groups");
      const own = this.#bench.send({ ...this.#measuredFor(seconds), copies });
      const beside = this.#sendBeside(seconds);
      for (const sending of waitsForBeside ? [own, ...beside] : [own]) await this.#called(sending);
      if (this.#backlog !== undefined) await child.ask("pause", "groups");
      return this.#bench.report(own);
    });
    this.#reports.push(measured);
    const round = { measured, usage };
    this.rounds.push(round);
    return round;
  }

  /** Stops the app. @returns what must not be */
  async end(): Promise<string[]> {
    const { child, storePath } = this.#bench.app;
    await child.ask("stop", undefined);
    const beside = await Promise.all(this.#beside.map(async (sending) => this.#bench.report(sending)));
    const all = [...this.#reports, ...beside];
    const sent = all.reduce((sum, report) => sum + report.sent, this.#backlog?.count ?? 0);
    const done = await child.ask("doneCount", undefined);
    return [
      ...this.#reports.flatMap((report) => problemsOf("those measured", report)),
      ...beside.flatMap((report) => problemsOf("those beside", this.#whatCame(report))),
      ...(await this.#problemsOfBacklog()),
      ...problemsOfStore({ sent, done, stored: readStored(storePath) }),
    ];
  }

  async #prepare(): Promise<void> {
    const warmUp = this.#bench.send(this.#measuredFor(WARM_UP_SECONDS));
    await this.#called(warmUp);
    this.#reports.push(await this.#bench.report(warmUp));
    if (this.#side.backlog === undefined) return;
    await this.#bench.app.child.ask("pause", "groups");
    this.#backlog = this.#bench.send(this.#side.backlog);
    await this.#backlog.done;
  }

  #measuredFor(seconds: number): Stream {
    const { perSecond } = this.#trouble;
    return { resource: "users", count: perSecond * seconds, perSecond, resources: MEASURED_RESOURCES };
  }

  #sendBeside(seconds: number): Sending[] {
    const sendings = (this.#side.beside ?? []).map((stream) =>
      this.#bench.send({ ...stream, count: stream.perSecond * seconds }),
    );
    this.#beside.push(...sendings);
    return sendings;
  }

  async #called(sending: Sending): Promise<void> {
    await this.#bench.called(sending, this.#trouble.stallMs);
  }

  /** What was not waited for is not lost: it is looked for in the store. */
  #whatCame(report: StreamReport): StreamReport {
    return this.#side.waitsForBeside === false ? { ...report, lost: 0 } : report;
  }

  async #problemsOfBacklog(): Promise<string[]> {
    if (this.#backlog === undefined) return [];
    const { refused } = await this.#backlog.done;
    const { calls, ofLaterOnes } = await this.#bench.app.child.ask("tries", this.#backlog.number);
    return [
      refused > 0 && `${refused} POSTs of those that throw were refused`,
      calls === 0 && "None of those that throw were tried",
      ofLaterOnes > 0 && `${ofLaterOnes} of those that throw were tried before an earlier one was done`,
    ].filter((problem) => problem !== false);
  }
}
