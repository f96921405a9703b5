import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { checkHistory, repeatsOf, type Violation } from "../support/history/check-history.ts";
import { HistoryFile, readHistory, type HistoryEvent } from "../support/history/history.ts";
import { send, type KillPoint } from "./chaos-traffic.ts";

/** How long a process lives from its start, its way up included, in milliseconds. */
const LIFE_MS = { min: 50, max: 1_000 };
const SENDER_COUNT = 20;
/** How long what is owed may take when nothing is killed any more. */
const RECOVERY_MS = 15_000;

export interface Killed {
  readonly killCount: number;
  readonly ackedCount: number;
  /** Handled more than once. */
  readonly repeatedCount: number;
  readonly violations: readonly Violation[];
  /** From the last start until everything owed was handled. */
  readonly recoveryMs: number;
}

/** Kills an app again and again while deliveries come, then lets it live. */
export async function killAtRandom(
  kills: number,
  onKill: (killCount: number) => void = () => {},
): Promise<Killed> {
  await using place = await createPlace();
  const ending = new AbortController();
  const senders = Array.from({ length: SENDER_COUNT }, async (_, user) => {
    for (let n = 0; !ending.signal.aborted; n += 1) {
      await send(user, `${user}-${n}`, { port: place.port, history: place.history, hasId: user % 5 !== 0 });
      await sleep(Math.random() * 20);
    }
  });
  for (let killCount = 1; killCount <= kills; killCount += 1) {
    const child = place.spawn();
    await sleep(LIFE_MS.min + Math.random() * (LIFE_MS.max - LIFE_MS.min));
    await place.kill(child);
    onKill(killCount);
  }
  const restartedAt = Date.now();
  const last = place.spawn();
  ending.abort();
  await Promise.all(senders);
  const history = await place.settledHistory(last);
  return {
    killCount: kills,
    ackedCount: history.filter(({ kind }) => kind === "acked").length,
    repeatedCount: repeatsOf(history).size,
    violations: checkHistory(history),
    recoveryMs: Date.now() - restartedAt,
  };
}

export interface KilledAt {
  readonly violations: readonly Violation[];
  /** How often the handler was called for the notification, and how often it ended well. */
  readonly begunCount: number;
  readonly handledCount: number;
}

/** Has an app kill itself at a point of one notification's way, and lets the next life end it. */
export async function killAt(point: KillPoint, hasId: boolean): Promise<KilledAt> {
  await using place = await createPlace();
  const doomed = place.spawn(point);
  const died = once(doomed, "exit");
  const sent = send(1, "only", { port: place.port, history: place.history, hasId });
  await died;
  const last = place.spawn("none");
  await sent;
  const history = await place.settledHistory(last);
  return {
    violations: checkHistory(history),
    begunCount: history.filter(({ kind }) => kind === "began").length,
    handledCount: history.filter((event) => event.kind === "ended" && event.outcome === "ok").length,
  };
}

/** A store, a history, a port, and the processes that live there one after another. */
class Place implements AsyncDisposable {
  readonly port: number;
  readonly history: HistoryFile;
  readonly #folder: string;
  readonly #children = new Set<ChildProcess>();
  #life = 0;

  constructor(port: number) {
    this.port = port;
    this.#folder = mkdtempSync(join(tmpdir(), "tidings-chaos-"));
    this.history = new HistoryFile(this.#historyPath);
  }

  get #historyPath(): string {
    return join(this.#folder, "history.ndjson");
  }

  spawn(point?: KillPoint | "none"): ChildProcess {
    this.#life += 1;
    const child = fork(
      new URL("chaos-app.ts", import.meta.url),
      [
        String(this.port),
        join(this.#folder, "tidings.db"),
        this.#historyPath,
        String(this.#life),
        ...(point === undefined ? [] : [point]),
      ],
      { execArgv: ["--conditions=@tidings/source"], stdio: ["ignore", "ignore", "inherit", "ipc"] },
    );
    this.#children.add(child);
    child.on("exit", () => this.#children.delete(child));
    return child;
  }

  async kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error("the app died by itself");
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  /** The history when nothing waits in the store of a process that came up, or time is up. */
  async settledHistory(child: ChildProcess): Promise<HistoryEvent[]> {
    const until = Date.now() + RECOVERY_MS;
    for (;;) {
      child.send("how many wait?");
      const [waiting] = await once(child, "message");
      if (waiting === 0 || Date.now() > until) return readHistory(this.#historyPath);
      await sleep(100);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) await this.kill(child);
    rmSync(this.#folder, { recursive: true });
  }
}

/** A place whose store knows the subscription already: what comes before that is nobody's. */
async function createPlace(): Promise<Place> {
  const place = new Place(await freePort());
  const first = place.spawn();
  await once(first, "message");
  await place.kill(first);
  return place;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
