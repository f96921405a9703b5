/** The app under test, in a process of its own: `served-app.ts <Graph's root> <path of the store>`. */
import { sqlite } from "../../packages/tidings/src/store/sqlite/sqlite.ts";
import { Tidings } from "../../packages/tidings/src/index.ts";
import { answerParent } from "./face.ts";
import { checkArrivals, type ArrivalCheck } from "./arrivals.ts";
import { fromStamp, now } from "./stamp.ts";
import { summarizeLatencies, type LatencySummary } from "./statistics.ts";

/** How the app did since it was last asked to begin a run. */
export interface RunReport extends ArrivalCheck {
  /** From the moment the sender wrote a notification to the start of its handler. */
  readonly sinceSent: LatencySummary;
  /** The same from the moment it was due, also when the sender had to wait for an answer before it could write. */
  readonly sinceDue: LatencySummary;
  /** When the last handler started, on the clock of `stamp.ts`. */
  readonly lastAt: number;
}

export type ServedAppFace = {
  start: (tenant: Tenant) => Promise<void>;
  pause: (argument: undefined) => void;
  /** @returns when, on the clock of `stamp.ts` */
  resume: (argument: undefined) => number;
  beginRun: (argument: undefined) => void;
  handledCount: (argument: undefined) => number;
  endRun: (sent: readonly number[]) => RunReport;
  stop: (argument: undefined) => Promise<void>;
};

/** How the simulator's ready-made app signs in. */
export interface Tenant {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Arrival {
  readonly sinceSentMs: number;
  readonly sinceDueMs: number;
}

const [graphRoot = "", storePath = ""] = process.argv.slice(2);
const arrivals: Arrival[] = [];
let countsByResource = new Map<number, number[]>();
let lastAt = 0;

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

const users = tidings.on("users", { changeType: "updated" }, ({ raw }) => {
  const stamp = fromStamp(raw);
  lastAt = now();
  if (stamp === undefined) return;
  arrivals.push({ sinceSentMs: lastAt - stamp.sentAt, sinceDueMs: lastAt - stamp.dueAt });
  const counts = countsByResource.get(stamp.resource);
  if (counts === undefined) countsByResource.set(stamp.resource, [stamp.count]);
  else counts.push(stamp.count);
});

let server: Awaited<ReturnType<Tidings["listen"]>> | undefined;

answerParent({
  async start({ tenantId, clientId, clientSecret }) {
    server = await tidings.listen({ port: 0, hostname: "127.0.0.1" });
    await tidings.start({
      tenantId,
      publicUrl: server.url,
      credential: {
        getToken: async (scopes) => signIn({ tenantId, clientId, clientSecret }, [scopes].flat()),
      },
    });
  },
  pause: () => users.pause(),
  resume() {
    users.resume();
    return now();
  },
  beginRun() {
    arrivals.length = 0;
    countsByResource = new Map();
  },
  handledCount: () => arrivals.length,
  endRun: (sent) => ({
    ...checkArrivals(sent, countsByResource),
    sinceSent: summarizeLatencies(arrivals.map(({ sinceSentMs }) => sinceSentMs)),
    sinceDue: summarizeLatencies(arrivals.map(({ sinceDueMs }) => sinceDueMs)),
    lastAt,
  }),
  async stop() {
    await tidings.stop();
    await server?.close();
  },
} satisfies ServedAppFace);

async function signIn(
  { tenantId, clientId, clientSecret }: Tenant,
  scopes: readonly string[],
): Promise<{ token: string; expiresOnTimestamp: number }> {
  const response = await fetch(`${graphRoot}/${tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope: scopes.join(" "),
    }),
  });
  const { access_token: token }: Record<string, unknown> = Object(await response.json());
  if (typeof token !== "string") throw new Error(`The simulated login service answered ${response.status}`);
  return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
}
