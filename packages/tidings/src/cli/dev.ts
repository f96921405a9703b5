import { setTimeout as sleep } from "node:timers/promises";
import ms from "ms";
import type { Tidings } from "../app/tidings.ts";
import { systemClock } from "../app/clock.ts";
import type { Logger } from "../core/ports/logger.ts";
import type { StoreCounts } from "../core/ports/store.ts";
import { sqlite } from "../store/sqlite/sqlite.ts";
import { createDemoApp } from "./dev/demo-app.ts";
import { createDevWorld, type DevWorld } from "./dev/dev-world.ts";
import { Narrator, type WriteLine } from "./dev/narrator.ts";
import { createTenantClient, simulatorSettings } from "./dev/simulated-graph.ts";
import { HandledRecord, type DevSummary } from "./dev/summary.ts";
import { listUserIds, makeTraffic } from "./dev/traffic.ts";
import { EXIT } from "./errors.ts";
import { interruption } from "./interruption.ts";
import { listenOn } from "./listen-on.ts";
import { loadApp } from "./load-app.ts";

export interface DevOptions {
  /** The app's module; the demo when undefined. */
  readonly app: string | undefined;
  /** When to end; undefined for at an interruption. */
  readonly durationMs: number | undefined;
  readonly isJson: boolean;
}

/** The clocks jump once, after this share of the run, or this long, so that a renewal can be seen. */
const JUMP_SHARE = 0.4;
const JUMP_AFTER_MS = 10_000;
/** Past two thirds of a message subscription's week, short of its end. */
const JUMP_MS: number = ms("5.5d");
/** How long to wait for the first subscriptions before making changes all the same. */
const SUBSCRIBE_MS = 3_000;
/** How long what was made last may take to be handled. */
const SETTLE_MS = 10_000;

/**
 * Runs an app against a simulated Graph that changes all the time, and holds what was handled against Graph's own
 * ledger at the end.
 *
 * @returns the exit code: failed when anything was lost
 */
export async function dev({ app, durationMs, isJson }: DevOptions): Promise<number> {
  const write: WriteLine = (line) => void (isJson ? process.stderr : process.stdout).write(`${line}\n`);
  await using world = await createDevWorld();
  const tenant = createTenantClient(world.simulator, world.clock);
  const userIds = await listUserIds(tenant);
  const tidings = app === undefined ? await createDemoApp(userIds.slice(0, 1)) : await loadApp(app);
  write(`${tidings.name} against a simulated Microsoft Graph at ${world.simulator.url}. Ctrl-C ends it.`);

  const record = new HandledRecord();
  tidings.events.on("change:handled", (outcome) => record.add(outcome));
  const narrator = new Narrator(world.clock, write);
  narrator.follow(tidings);

  const server = await listenOn(tidings, { port: 0, hostname: "127.0.0.1" });
  const end = endAfter(durationMs);
  try {
    await tidings.start({
      ...simulatorSettings(world.simulator, world.clock),
      publicUrl: server.url,
      store: sqlite(world.storePath, { allowEphemeral: true }),
      certificates: world.certificates,
      logger: SILENT,
    });
    await untilSubscribed(tidings, end);
    const traffic = makeTraffic(tenant, userIds, { clock: systemClock, signal: end });
    const jump = jumpOnce(world, narrator, { afterMs: jumpAfter(durationMs), signal: end });
    await Promise.all([traffic, jump]);
    const summary = record.summarize(world.simulator.ledger, await settle(world, tidings));
    const unmade = await unmadeResources(tidings);
    for (const resource of unmade) narrator.tell("red", "subscription", `was never made for ${resource}`);
    tellSummary(summary, isJson);
    return summary.lost === 0 && unmade.length === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    await tidings.stop();
    await server.close();
  }
}

/** Aborts after the time, or at an interruption. */
function endAfter(durationMs: number | undefined): AbortSignal {
  const end = new AbortController();
  if (durationMs !== undefined) setTimeout(() => end.abort(), durationMs);
  void interruption().then(() => end.abort());
  return end.signal;
}

/** A change made before Graph has the subscription is told to nobody, and would only puzzle. */
async function untilSubscribed(tidings: Tidings, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + SUBSCRIBE_MS;
  while (!signal.aborted && Date.now() < deadline) {
    const subscriptions = await tidings.subscriptions.list();
    if (subscriptions.length > 0 && subscriptions.every(({ id }) => id !== undefined)) return;
    await sleep(50);
  }
}

/** Resources that Graph has granted no subscription for, such as misspelled ones. */
async function unmadeResources(tidings: Tidings): Promise<string[]> {
  const subscriptions = await tidings.subscriptions.list();
  return subscriptions.filter(({ id }) => id === undefined).map(({ resource }) => resource);
}

function jumpAfter(durationMs: number | undefined): number {
  return durationMs === undefined ? JUMP_AFTER_MS : durationMs * JUMP_SHARE;
}

async function jumpOnce(
  world: DevWorld,
  narrator: Narrator,
  { afterMs, signal }: { afterMs: number; signal: AbortSignal },
): Promise<void> {
  await systemClock.sleep(afterMs, signal);
  if (signal.aborted) return;
  world.jump(JUMP_MS);
  narrator.tell("cyan", "clock", `jumps ${JUMP_MS / ms("1d")} days ahead`);
}

/** Waits until Graph has delivered and the inbox is empty, or for {@link SETTLE_MS}. */
async function settle({ simulator }: DevWorld, tidings: Tidings): Promise<StoreCounts> {
  const deadline = Date.now() + SETTLE_MS;
  await Promise.race([simulator.settled(), sleep(SETTLE_MS, undefined, { ref: false })]);
  for (;;) {
    const health = await tidings.health();
    const inbox = health.state === "running" ? health.inbox : { waiting: 0, dead: 0 };
    if (inbox.waiting === 0 || Date.now() > deadline) return inbox;
    await sleep(50);
  }
}

/** The summary goes to stdout as its last line, whatever form it has. */
function tellSummary(summary: DevSummary, isJson: boolean): void {
  const { made, handled, duplicate, lost, waiting, dead } = summary;
  const rest = waiting + dead > 0 ? ` · waiting ${waiting} · dead ${dead}` : "";
  process.stdout.write(
    isJson
      ? `${JSON.stringify(summary)}\n`
      : `\nmade ${made} · handled ${handled} · duplicate ${duplicate} · lost ${lost}${rest}\n`,
  );
}

/** The narrator tells all; log lines between would only disturb. */
const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
