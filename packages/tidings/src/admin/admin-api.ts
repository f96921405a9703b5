import { Hono, type Context } from "hono";
import { TidingsError } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { AdminApp, DeadLetterState, SubscriptionState } from "./admin-app.ts";
import type {
  DeadAnswer,
  ErrorAnswer,
  HealthAnswer,
  KeysAnswer,
  PurgeAnswer,
  PurgeTenantAnswer,
  RedriveAnswer,
  ReloadKeysAnswer,
  RenewAnswer,
  ReplayAnswer,
  RotateSecretAnswer,
  SubscriptionsAnswer,
} from "./answers.ts";
import { EventStream } from "./event-stream.ts";
import { createGuard } from "./guard.ts";
import {
  bodyFields,
  parseDeadPage,
  parseForce,
  parseHistoryFilter,
  parseLetterFilter,
  parsePrune,
  parsePurge,
  parseRenewal,
  parseSubscriptionPage,
  parseTenant,
  queryFields,
  type DeadPageQuery,
  type Fields,
  type SubscriptionPageQuery,
} from "./inputs.ts";
import { linesOf } from "./lines.ts";
import { applyLines, planLines } from "./planning.ts";
import { badRequest, Refusal, toRefusal } from "./refusal.ts";

export interface AdminApiOptions {
  readonly app: AdminApp;
  /** At least 32 characters of A–Z a–z 0–9 - . _ ~ + /. */
  readonly token: string;
  /** For heartbeats and the times of events. @default the machine's */
  readonly clock?: Clock | undefined;
}

/** Readers of events at one time; each costs the app a little at every event. */
const MAX_READERS = 32;

/**
 * The admin API of an app as a web-standard function: JSON, and server-sent events at `/events`. Whoever serves it
 * listens on this machine only. See docs/admin.md.
 *
 * @returns a function that never rejects
 * @throws TypeError when the token is too short or cannot stand in a header
 */
export function createAdminApi(options: AdminApiOptions): (request: Request) => Promise<Response> {
  const { app, token, clock = machineClock } = options;
  const guard = createGuard(token);
  const readers = new ReaderCount();
  const routes: Route[] = [
    ["GET", "/health", async ({ req }) => json(await health(app, queryFields(req.url)))],
    [
      "GET",
      "/subscriptions",
      async ({ req }) => json(await subscriptions(app, parseSubscriptionPage(queryFields(req.url)))),
    ],
    ["POST", "/subscriptions/renew", async ({ req }) => json(await renew(app, await bodyFields(req.raw)))],
    ["GET", "/plan", async ({ req }) => lines(app, planLines(app, parsePrune(queryFields(req.url))))],
    [
      "POST",
      "/apply",
      async ({ req }) => lines(app, applyLines(app, parsePrune(await bodyFields(req.raw)), clock)),
    ],
    ["GET", "/keys", async ({ req }) => json(await keys(app, queryFields(req.url)))],
    ["POST", "/keys/reload", async ({ req }) => json(await reloadKeys(app, await bodyFields(req.raw)))],
    [
      "POST",
      "/keys/rotate-secret",
      async ({ req }) => json(await rotateSecret(app, await bodyFields(req.raw))),
    ],
    ["GET", "/dead", async ({ req }) => json(await listDead(app, parseDeadPage(queryFields(req.url))))],
    ["POST", "/dead/redrive", async ({ req }) => json(await redrive(app, await bodyFields(req.raw)))],
    ["POST", "/dead/purge", async ({ req }) => json(await purge(app, await bodyFields(req.raw)))],
    ["POST", "/tenants/purge", async ({ req }) => json(await purgeTenant(app, await bodyFields(req.raw)))],
    ["POST", "/replay", async ({ req }) => json(await replay(app, await bodyFields(req.raw)))],
    ["GET", "/events", ({ req }) => events(app, clock, { fields: queryFields(req.url), readers })],
  ];

  const api = new Hono({ strict: true });
  api.use(async ({ req }, next) => {
    guard(req.raw);
    await next();
  });
  for (const [method, path, answer] of routes) {
    // Not `get`, which would let a HEAD open a stream that nobody reads.
    api.all(path, async (context) => {
      if (context.req.method !== method) throw wrongMethod(method, context.req.method);
      return answer(context);
    });
  }
  api.notFound(({ req }) => refuse(new Refusal(404, "not-found", `There is no ${req.path}`)));
  api.onError((error) => refuse(toRefusal(error)));
  return async (request) => {
    try {
      return await api.fetch(request);
    } catch (error) {
      // Hono takes errors only; anything can be thrown.
      return refuse(toRefusal(error));
    }
  };
}

type Route = readonly [
  method: "GET" | "POST",
  path: string,
  answer: (context: Context) => Response | Promise<Response>,
];

async function health(app: AdminApp, fields: Fields): Promise<HealthAnswer> {
  assertNone(fields);
  return { app: app.name, ...(await app.health()) };
}

async function subscriptions(
  app: AdminApp,
  { filter, limit }: SubscriptionPageQuery,
): Promise<SubscriptionsAnswer> {
  return whileRunning(app, async () => {
    const found: SubscriptionState[] = [];
    for await (const page of app.subscriptions.pages(filter)) {
      found.push(...page);
      if (found.length > limit)
        return { subscriptions: found.slice(0, limit), next: found[limit - 1]?.key ?? null };
    }
    return { subscriptions: found, next: null };
  });
}

async function renew(app: AdminApp, fields: Fields): Promise<RenewAnswer> {
  const id = parseRenewal(fields);
  const isFound = await whileRunning(app, async () => app.subscriptions.renew(id));
  if (isFound) return { asked: true };
  throw new Refusal(404, "no-subscription", `There is no subscription with the id ${id.slice(0, 100)}`);
}

async function keys(app: AdminApp, fields: Fields): Promise<KeysAnswer> {
  assertNone(fields);
  return whileRunning(app, async () => app.keys.list());
}

async function reloadKeys(app: AdminApp, fields: Fields): Promise<ReloadKeysAnswer> {
  assertNone(fields);
  return { encrypts: (await whileRunning(app, async () => app.keys.reload())) ?? null };
}

async function rotateSecret(app: AdminApp, fields: Fields): Promise<RotateSecretAnswer> {
  const force = parseForce(fields);
  return whileRunning(app, async () => app.keys.rotateSecret({ force }));
}

async function lines(app: AdminApp, items: AsyncGenerator<object, void, undefined>): Promise<Response> {
  const body = await whileRunning(app, async () => linesOf(items));
  return new Response(body, { headers: { ...HEADERS, "content-type": "application/x-ndjson" } });
}

async function listDead(app: AdminApp, { filter, after, limit }: DeadPageQuery): Promise<DeadAnswer> {
  return whileRunning(app, async () => {
    const dead: DeadLetterState[] = [];
    for await (const letter of app.deadLetters.list({ ...filter, after })) {
      if (dead.length === limit) return { dead, next: dead.at(-1)?.id ?? null };
      dead.push(letter);
    }
    return { dead, next: null };
  });
}

async function redrive(app: AdminApp, fields: Fields): Promise<RedriveAnswer> {
  const filter = parseLetterFilter(fields);
  return { redriven: await whileRunning(app, async () => app.deadLetters.redrive(filter)) };
}

async function purge(app: AdminApp, fields: Fields): Promise<PurgeAnswer> {
  const filter = parsePurge(fields);
  return { purged: await whileRunning(app, async () => app.deadLetters.purge(filter)) };
}

async function purgeTenant(app: AdminApp, fields: Fields): Promise<PurgeTenantAnswer> {
  const tenantId = parseTenant(fields);
  return whileRunning(app, async () => app.tenants.purge(tenantId));
}

async function replay(app: AdminApp, fields: Fields): Promise<ReplayAnswer> {
  const filter = parseHistoryFilter(fields);
  try {
    return await whileRunning(app, async () => app.replay(filter));
  } catch (error) {
    if (error instanceof TypeError) throw new Refusal(409, "no-history", error.message);
    throw error;
  }
}

function events(
  app: AdminApp,
  clock: Clock,
  { fields, readers }: { readonly fields: Fields; readonly readers: ReaderCount },
): Response {
  assertNone(fields);
  const { body } = new EventStream(app, clock, readers.take());
  return new Response(body, { headers: { ...HEADERS, "content-type": "text/event-stream; charset=utf-8" } });
}

class ReaderCount {
  #count = 0;

  /** @returns what gives the place back */
  take(): () => void {
    if (this.#count >= MAX_READERS) {
      throw new Refusal(503, "too-many-readers", `${MAX_READERS} readers follow the events already`);
    }
    this.#count += 1;
    return () => {
      this.#count -= 1;
    };
  }
}

/** Does it, and says so when it failed because the app does not run. */
async function whileRunning<Result>(app: AdminApp, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof TidingsError) throw error;
    const { state } = await app.health();
    throw state === "running"
      ? error
      : new Refusal(503, "not-running", `${app.name} is ${state}, not running`);
  }
}

function assertNone(fields: Fields): void {
  const [name] = fields.keys();
  if (name !== undefined) throw badRequest(`Expected no parameter, got \`${name.slice(0, 100)}\``);
}

function wrongMethod(expected: string, got: string): Refusal {
  return new Refusal(405, "method-not-allowed", `Expected ${expected}, got ${got}`, { allow: expected });
}

/** Nothing of it is for a cache, or to be taken for a page. */
const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

function json(answer: object, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(answer, { status, headers: { ...HEADERS, ...headers } });
}

function refuse({ status, code, message, headers }: Refusal): Response {
  return json({ error: { code, message } } satisfies ErrorAnswer, status, headers);
}

const machineClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    if (signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  },
};
