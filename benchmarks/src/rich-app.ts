/** An app that is sent resource data, in a process of its own: `rich-app.ts <Graph's root> <store> <PEM bundle>`. */
import { readFileSync } from "node:fs";
import { sqlite } from "../../packages/tidings/src/store/sqlite/sqlite.ts";
import { Tidings } from "../../packages/tidings/src/index.ts";
import { answerParent } from "./face.ts";
import { signIn, type SignIn } from "./sign-in.ts";
import { now } from "./stamp.ts";

/** What the handler was given, of all there was until it was asked. */
export interface RichReport {
  /** When it was called last, on the clock of `stamp.ts`. */
  readonly lastAt: number;
  /** Numbers it was given, once for each call. */
  readonly numbers: readonly number[];
  /** How often it was given a smaller number of a message than before. */
  readonly misplaced: number;
}

export interface Beginning {
  /** On the clock of `stamp.ts`. */
  readonly at: number;
  readonly cpu: NodeJS.CpuUsage;
}

export type RichAppFace = {
  start: (options: SignIn & { readonly userId: string }) => Promise<void>;
  pause: (argument: undefined) => void;
  resume: (argument: undefined) => Beginning;
  waiting: (argument: undefined) => Promise<number>;
  handledCount: (argument: undefined) => number;
  /** Of the processor, all threads together, since a beginning: milliseconds. */
  cpuMs: (since: Beginning) => number;
  report: (argument: undefined) => RichReport;
  stop: (argument: undefined) => Promise<void>;
};

const [graphRoot = "", storePath = "", pemPath = ""] = process.argv.slice(2);
const numbers: number[] = [];
const lastOf = new Map<string, number>();
let misplaced = 0;
let lastAt = 0;

const tidings = new Tidings({
  name: "benchmark",
  cloud: { graphRoot, loginRoot: graphRoot },
  certificates: readFileSync(pemPath, "utf8"),
  store: sqlite(storePath),
  logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
});

/** The subject is a number, which rises with each change of any message. */
const mail = tidings.on(
  "users/{userId}/messages",
  { select: ["subject"], includeResourceData: true },
  ({ data, resourceKey = "" }) => {
    const number = Number(data?.subject);
    numbers.push(number);
    if (number < (lastOf.get(resourceKey) ?? -1)) misplaced += 1;
    lastOf.set(resourceKey, number);
    lastAt = now();
  },
);

let server: Awaited<ReturnType<Tidings["listen"]>> | undefined;

answerParent({
  async start({ userId, ...credentials }) {
    server = await tidings.listen({ port: 0, hostname: "127.0.0.1" });
    await tidings.start({
      tenantId: credentials.tenantId,
      publicUrl: server.url,
      credential: { getToken: async (scopes) => signIn(graphRoot, credentials, [scopes].flat()) },
    });
    await mail.subscribe({ userId });
  },
  pause: () => mail.pause(),
  resume() {
    const beginning = { at: now(), cpu: process.cpuUsage() };
    mail.resume();
    return beginning;
  },
  async waiting() {
    const health = await tidings.health();
    return health.state === "running" ? health.inbox.waiting : 0;
  },
  handledCount: () => numbers.length,
  cpuMs({ cpu }) {
    const { user, system } = process.cpuUsage(cpu);
    return (user + system) / 1_000;
  },
  report: () => ({ lastAt, numbers, misplaced }),
  async stop() {
    await tidings.stop();
    await server?.close();
  },
} satisfies RichAppFace);
