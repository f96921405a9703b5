/** The app under test, in a process of its own: `served-app.ts <Graph's root> <path of the store> <declarations>`. */
import { setTimeout } from "node:timers/promises";
import { sqlite } from "../../packages/tidings/src/store/sqlite/sqlite.ts";
import { RetryAfter, Tidings, type Declaration } from "../../packages/tidings/src/index.ts";
import { ArrivalLog, type ArrivalReport, type Tries } from "./arrival-log.ts";
import { answerParent } from "./face.ts";
import type { Resource } from "./notification.ts";
import { signIn, type SignIn } from "./sign-in.ts";
import { fromStamp, now, type Handling } from "./stamp.ts";

/** One of the app's declarations, by its resource. */
export interface Declared {
  readonly resource: Resource;
  /** @default that of Tidings */
  readonly concurrency?: number | undefined;
}

export type ServedAppFace = {
  start: (credentials: SignIn) => Promise<void>;
  pause: (resource: Resource) => void;
  /** @returns when, on the clock of `stamp.ts` */
  resume: (resource: Resource) => number;
  /** How often handlers were called for a stream. */
  calledCount: (stream: number) => number;
  /** What became of a stream of which so many were sent of each resource. */
  report: (of: { readonly stream: number; readonly sent: readonly number[] }) => ArrivalReport;
  tries: (stream: number) => Tries;
  /** How many calls returned, of all streams. */
  doneCount: (argument: undefined) => number;
  stop: (argument: undefined) => Promise<void>;
};

const RETRY_AFTER_MS = 5_000;

const [graphRoot = "", storePath = "", declared = "[]"] = process.argv.slice(2);
const logs = new Map<number, ArrivalLog>();
let done = 0;

const tidings = new Tidings({
  name: "benchmark",
  cloud: { graphRoot },
  store: sqlite(storePath),
  // Pausing is worth a line to an operator, not here.
  logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
});

tidings.events.on("internal:error", ({ where, error }) => {
  process.stderr.write(`${where}: ${String(error)}\n`);
});

// What `startApp` wrote.
const wanted: readonly Declared[] = JSON.parse(declared);
const declarations = new Map<string, Declaration>(
  wanted.map(({ resource, concurrency }) => [
    resource,
    tidings.on(resource, { changeType: "updated", concurrency }, ({ raw }, { signal }) => {
      const stamp = fromStamp(raw);
      if (stamp === undefined) return undefined;
      logOf(stamp.stream).add(stamp, now());
      return handle(stamp, signal);
    }),
  ]),
);

function logOf(stream: number): ArrivalLog {
  const log = logs.get(stream) ?? new ArrivalLog();
  logs.set(stream, log);
  return log;
}

/** Is no promise when it need not be: most handlings take no time. */
function handle({ takesMs, throws }: Handling, signal: AbortSignal): Promise<void> | undefined {
  if (throws === "error") throw new Error("thrown on purpose");
  if (throws === "retry after") throw new RetryAfter(RETRY_AFTER_MS);
  if (takesMs > 0) return handleSlowly(takesMs, signal);
  done += 1;
  return undefined;
}

async function handleSlowly(takesMs: number, signal: AbortSignal): Promise<void> {
  await setTimeout(takesMs, undefined, { signal });
  done += 1;
}

let server: Awaited<ReturnType<Tidings["listen"]>> | undefined;

answerParent({
  async start(credentials) {
    server = await tidings.listen({ port: 0, hostname: "127.0.0.1" });
    await tidings.start({
      tenantId: credentials.tenantId,
      publicUrl: server.url,
      credential: { getToken: async (scopes) => signIn(graphRoot, credentials, [scopes].flat()) },
    });
  },
  pause: (resource) => declarations.get(resource)?.pause(),
  resume(resource) {
    declarations.get(resource)?.resume();
    return now();
  },
  calledCount: (stream) => logOf(stream).count,
  report: ({ stream, sent }) => logOf(stream).report(sent),
  tries: (stream) => logOf(stream).tries(),
  doneCount: () => done,
  async stop() {
    await tidings.stop();
    await server?.close();
  },
} satisfies ServedAppFace);
