import type { CancelAlarm, Clock, SimulatorClock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import type { FaultBoard } from "../faults/fault-board.ts";
import type { Reply } from "../http/reply.ts";
import type { Traffic } from "../traffic/traffic.ts";
import type { ParsedScenario, ScenarioAction } from "./scenario.ts";

export type ScenarioRequest = Extract<ScenarioAction, { readonly do: "request" }>;

export interface ScenarioRunnerOptions {
  readonly clock: Clock;
  /** The clock whose jumps are told. */
  readonly steerableClock: SimulatorClock;
  readonly events: EventFeed;
  readonly faults: FaultBoard;
  readonly traffic: Traffic;
  /** Answers a request from within: Graph's, or the control API's. */
  readonly answer: (request: ScenarioRequest) => Promise<Reply>;
}

/** Does the steps of scenarios, each at its moment. */
export class ScenarioRunner {
  readonly #options: ScenarioRunnerOptions;
  readonly #cancels: CancelAlarm[] = [];

  constructor(options: ScenarioRunnerOptions) {
    this.#options = options;
  }

  /** Resolves when the last step is done; traffic it started may go on. */
  async run(scenario: ParsedScenario): Promise<void> {
    const { clock, events } = this.#options;
    const startedAt = clock.now();
    await Promise.all(
      scenario.steps.map(
        (step) =>
          new Promise<void>((resolve) => {
            const ring = (): void => {
              void clock.activities
                .run(() => this.#do(step.action))
                .then((outcome) => events.emit("scenario:step", { at: step.atMs, step: step.where, outcome }))
                .then(resolve);
            };
            this.#cancels.push(clock.at(startedAt + step.atMs, ring));
          }),
      ),
    );
  }

  /** Does nothing more. */
  clear(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  /** What came of it, in words. */
  async #do(action: ScenarioAction): Promise<string> {
    const { steerableClock, faults, traffic, answer } = this.#options;
    switch (action.do) {
      case "start-fault":
        return `${faults.start(action.fault).id} started`;
      case "stop-faults":
        faults.clear();
        return "faults stopped";
      case "jump":
        steerableClock.advance(action.byMs);
        return `jumped ${action.byMs} ms`;
      case "traffic":
        return `${traffic.start(action.traffic).progress.id} started`;
      case "request": {
        const reply = await answer(action);
        const why = reply.kind === "refused" ? ` ${reply.code}: ${reply.message}` : "";
        return `${action.method} ${action.path}: ${reply.status}${why}`;
      }
    }
  }
}
