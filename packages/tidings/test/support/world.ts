import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator, type SimulatorOptions } from "@tidings/graph-simulator";
import { JumpableClock } from "../../src/app/clock.ts";
import type { HostSettings } from "../../src/app/options.ts";
import { Tidings } from "../../src/app/tidings.ts";
import { createTenantClient, simulatorSettings } from "../../src/cli/dev/simulated-graph.ts";
import type { TidingsEventName } from "../../src/core/events.ts";
import type { Logger } from "../../src/core/ports/logger.ts";
import type { GraphClient } from "../../src/graph/graph-client.ts";
import type { Listening } from "../../src/host/node/listen.ts";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** An app that runs, and the server in front of it. */
export interface ServedApp extends AsyncDisposable {
  readonly tidings: Tidings;
  readonly server: Listening;
  /** What it told, in order. */
  readonly told: { readonly name: TidingsEventName; readonly event: unknown }[];
}

/** A simulated Graph, somebody who works in its tenant, and a folder for stores; both clocks jump together. */
export interface World extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly clock: JumpableClock;
  readonly tenant: GraphClient;
  readonly userIds: readonly string[];
  jump(ms: number): void;
  /** Runs an app as `declare` makes it; a later one of the same name finds the store of the one before. */
  serve(declare: (tidings: Tidings) => unknown, options?: ServeOptions): Promise<ServedApp>;
}

export interface ServeOptions {
  readonly name?: string;
  /** The same port again keeps the public URL. @default any */
  readonly port?: number;
  /** The host's, beside what the simulator needs. */
  readonly host?: Pick<HostSettings, "urlKey" | "certificates" | "logger" | "fetch">;
}

const FOLLOWED = [
  "handshake:answered",
  "delivery:stored",
  "items:refused",
  "change:handled",
  "change:failed",
  "change:dead",
  "lifecycle:received",
  "subscription:created",
  "subscription:adopted",
  "subscription:renewed",
  "subscription:replaced",
  "subscription:removed",
  "subscription:lapsed",
  "subscription:gap",
  "subscription:parked",
  "subscription:gone",
  "subscription:failed",
  "internal:error",
] as const satisfies readonly TidingsEventName[];

export async function createWorld(options: SimulatorOptions = {}): Promise<World> {
  const clock = new JumpableClock();
  const simulator = await startSimulator(options);
  const folder = mkdtempSync(join(tmpdir(), "tidings-world-"));
  const tenant = createTenantClient(simulator, clock);
  const users = await Array.fromAsync(tenant.pages("users"));
  return {
    simulator,
    clock,
    tenant,
    userIds: users.map((user) => String(Reflect.get(Object(user), "id"))),
    jump(ms) {
      simulator.clock.advance(ms);
      clock.advance(ms);
    },
    async serve(declare, { name = "scenario", port = 0, host = {} } = {}) {
      const tidings = new Tidings({ name, logger: SILENT });
      await declare(tidings);
      const told: ServedApp["told"] = [];
      for (const eventName of FOLLOWED)
        tidings.events.on(eventName, (event) => told.push({ name: eventName, event }));
      const server = await tidings.listen({ port, hostname: "127.0.0.1" }, host);
      await tidings.start({
        ...simulatorSettings(simulator, clock),
        ...host,
        publicUrl: server.url,
        store: sqlite(join(folder, `${name}.db`), { allowEphemeral: true }),
      });
      return {
        tidings,
        server,
        told,
        async [Symbol.asyncDispose]() {
          await tidings.stop();
          await server.close();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await simulator.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The events of one name that an app told. */
export function toldOf({ told }: ServedApp, name: TidingsEventName): unknown[] {
  return told.filter((entry) => entry.name === name).map(({ event }) => event);
}
