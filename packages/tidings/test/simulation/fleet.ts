import type { Tidings } from "../../src/app/tidings.ts";
import { AppProcess, type Surroundings } from "./app-process.ts";

/** The processes of one app that are up, behind one public URL. */
export class Fleet<Declared> {
  readonly #world: Surroundings;
  readonly #declare: (tidings: Tidings) => Declared;
  readonly #onCount: (upCount: number) => void;
  readonly #up: AppProcess<Declared>[] = [];
  #waiting: (() => void)[] = [];
  #turn = 0;

  /** @param onCount is told how many are up whenever that changes */
  constructor(
    world: Surroundings,
    declare: (tidings: Tidings) => Declared,
    onCount: (upCount: number) => void = () => {},
  ) {
    this.#world = world;
    this.#declare = declare;
    this.#onCount = onCount;
  }

  get up(): readonly AppProcess<Declared>[] {
    return this.#up;
  }

  /** @param declare what this one declares, if not what the others do */
  start(declare: (tidings: Tidings) => Declared = this.#declare): AppProcess<Declared> {
    const started = new AppProcess(this.#world, declare);
    this.#up.push(started);
    this.#onCount(this.#up.length);
    void started.start();
    void this.#bury(started);
    for (const resolve of this.#waiting.splice(0)) resolve();
    return started;
  }

  /** One after another. @throws Error when none is up */
  async receive(request: Request): Promise<Response> {
    this.#turn += 1;
    const process = this.#up[this.#turn % this.#up.length];
    if (process === undefined) throw new Error("ECONNREFUSED");
    return process.receive(request);
  }

  /** Has a process do something; when that dies before it is done, another. */
  async ask(work: (process: AppProcess<Declared>) => Promise<void>): Promise<void> {
    for (;;) {
      const [process] = this.#up;
      if (process === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      else if ((await process.life.outcomeOf(work(process))) !== "died") return;
    }
  }

  /** Ends them all. */
  end(): void {
    for (const { life } of this.#up) life.end();
  }

  async #bury(started: AppProcess<Declared>): Promise<void> {
    await started.life.over;
    this.#up.splice(this.#up.indexOf(started), 1);
    this.#onCount(this.#up.length);
  }
}
