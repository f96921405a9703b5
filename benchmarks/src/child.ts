import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { METER } from "./meter.ts";
import { toReply, type Call, type Face, type Reply } from "./face.ts";

export interface ChildOptions {
  readonly args?: readonly string[];
  /** Folder for a CPU profile of each of its threads; none is made by default. */
  readonly profiles?: string | undefined;
  /** @default true */
  readonly isMetered?: boolean | undefined;
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

const ANSWER_MS = 60_000;
const END_MS = 5_000;

/** A process that does one part of a benchmark, can have its threads metered, and is asked over IPC. */
export class Child<F extends Face> implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(file: URL, { args = [], profiles, isMetered = true }: ChildOptions = {}) {
    this.#name = file.pathname.split("/").at(-1) ?? file.pathname;
    const profiling = profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`];
    const metering = isMetered ? [`--import=${METER.href}`] : [];
    this.#process = fork(fileURLToPath(file), args, {
      execArgv: ["--conditions=@tidings/source"],
      // Threads that are started without the options of the process have those of the environment.
      env: { ...process.env, NODE_OPTIONS: [...metering, ...profiling].join(" ") },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // JSON has no Infinity.
      serialization: "advanced",
    });
    this.#process.on("message", (message) => this.#take(toReply(message)));
    this.#process.on("exit", (code, signal) => this.#fail(`ended (${signal ?? code})`));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** @throws Error when it fails there, ends, or takes too long */
  async ask<Name extends keyof F & string>(
    name: Name,
    argument: Parameters<F[Name]>[0],
  ): Promise<Awaited<ReturnType<F[Name]>>> {
    this.#lastId += 1;
    const id = this.#lastId;
    // The other end answers this name with the method of this name.
    const answer = Promise.withResolvers<Awaited<ReturnType<F[Name]>>>();
    this.#waiting.set(id, answer);
    const timer = setTimeout(() => this.#fail(`did not answer ${name}`), ANSWER_MS);
    try {
      this.#process.send({ id, name, argument } satisfies Call);
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Lets it end, and ends it if it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), END_MS);
    if (this.#process.connected) this.#process.disconnect();
    await ended;
    clearTimeout(timer);
  }

  #take(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (reply.kind === "failed") waiting?.reject(new Error(`${this.#name}: ${reply.reason}`));
    else if (waiting !== undefined) Reflect.apply(waiting.resolve, undefined, [reply.result]);
  }

  #fail(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(`${this.#name} ${reason}`));
  }
}
