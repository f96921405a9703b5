import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type { Image } from "./image.ts";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** From the signal to the end, milliseconds. */
  readonly afterMs: number;
}

/** A command of an image that runs as in its container: with its files, in its folder, as its user, in its environment. */
export class Container {
  readonly #process: ChildProcess;
  readonly #stopSignal: string;
  readonly #exited: Promise<unknown[]>;
  #output = "";

  constructor(image: Image, command: readonly string[], given: Readonly<Record<string, string>> = {}) {
    const { root, workdir, env, user, stopSignal } = image;
    const [file = "", ...args] = command;
    const [uid, gid] = user?.split(":").map(Number) ?? [];
    // A temporary folder is its maker's alone.
    chmodSync(dirname(root), 0o755);
    const bin = join(root, "usr/local/bin");
    this.#process = spawn(join(bin, file), args, {
      cwd: join(root, workdir),
      env: { PATH: bin, HOME: "/nonexistent", ...env, ...given },
      uid,
      gid,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#stopSignal = stopSignal;
    this.#exited = once(this.#process, "exit");
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
    }
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** What it wrote until now, line by line. */
  get lines(): string[] {
    return this.#output.split("\n").slice(0, -1);
  }

  /** Resolves once it wrote what matches. @throws Error when it ends before */
  async said(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#output)) {
      const { exitCode, signalCode, stdout, stderr } = this.#process;
      if (exitCode !== null || signalCode !== null || stdout === null || stderr === null) {
        throw new Error(`ended without ${String(pattern)}: ${this.#output}`);
      }
      await Promise.race([once(stdout, "data"), once(stderr, "data"), this.#exited]);
    }
  }

  /** Waits for a command that ends by itself. @returns its exit code */
  async ended(): Promise<unknown> {
    const [code] = await this.#exited;
    return code;
  }

  /** Ends it as a platform does that has patience: its signal, and no other. */
  async stop(): Promise<Ended> {
    const startedAt = performance.now();
    process.kill(this.pid, this.#stopSignal);
    await this.#exited;
    const { exitCode, signalCode } = this.#process;
    return { code: exitCode, signal: signalCode, afterMs: performance.now() - startedAt };
  }

  /** Ends it at once, if it has not ended. */
  [Symbol.dispose](): void {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill("SIGKILL");
  }
}

/** A port that nothing listens on, for a process that has to be told which. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("it did not listen");
  return address.port;
}
