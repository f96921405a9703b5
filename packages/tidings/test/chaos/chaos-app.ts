/**
 * An app in a process of its own that writes down what it does, to be killed, or to kill itself at a point:
 * `chaos-app.ts <port> <store> <history> <life> [<point>]`.
 */
import { systemClock } from "../../src/app/clock.ts";
import { Tidings } from "../../src/app/tidings.ts";
import type { InboxItem, Settlement } from "../../src/core/inbox.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Store, StoreProvider } from "../../src/core/ports/store.ts";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";
import { HistoryFile } from "../support/history/history.ts";
import { APP, SECRET, TENANT_ID, toldOf, type KillPoint } from "./chaos-traffic.ts";

const [port = "", storePath = "", historyPath = "", lifeText = "", point] = process.argv.slice(2);
const life = Number(lifeText);
const history = new HistoryFile(historyPath);

function dieAt(here: KillPoint): void {
  if (point === here) process.kill(process.pid, "SIGKILL");
}

/** The notifications that rows of this life stand for, by number. */
const handledRows = new Map<number, JsonObject>();

/** With a point, the store is watched from this thread: the receiver has none of its own then. */
function watched(provider: StoreProvider): StoreProvider {
  return {
    description: provider.description,
    async open() {
      const store = await provider.open();
      return new Proxy(store, {
        get(target, name: keyof Store) {
          if (name === "append") return async (items: readonly InboxItem[]) => append(target, items);
          if (name === "settle") return async (...call: Parameters<Store["settle"]>) => settle(target, call);
          const method: unknown = Reflect.get(target, name);
          return typeof method === "function" ? method.bind(target) : method;
        },
      });
    },
  };
}

async function append(store: Store, items: readonly InboxItem[]): Promise<unknown> {
  dieAt("before flush");
  const result = await store.append(items);
  for (const { body } of items) history.record({ kind: "stored", life, ...toldOf(body.raw) });
  dieAt("after commit, before the reply");
  return result;
}

async function settle(store: Store, call: Parameters<Store["settle"]>): Promise<void> {
  dieAt("after the handler, before settling");
  const settled = store.settle(...call);
  // The store's thread has the call by then, or is at it.
  if (point === "while settling") setImmediate(() => setImmediate(() => dieAt("while settling")));
  await settled;
  for (const settlement of call[0]) recordSettled(settlement);
}

function recordSettled({ kind, seq }: Settlement): void {
  const raw = handledRows.get(seq);
  if (raw !== undefined) history.record({ kind: "settled", life, outcome: kind, ...toldOf(raw) });
}

const provider = sqlite(storePath, { allowEphemeral: true });
const tidings = new Tidings({
  name: APP,
  tenantId: TENANT_ID,
  secret: SECRET,
  publicUrl: `http://127.0.0.1:${port}`,
  store: point === undefined ? provider : watched(provider),
  logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  // Deliveries come from the test, so Graph is not needed: what is at work here is the inbox.
  credential: {
    async getToken() {
      throw new Error("there is no Graph");
    },
  },
});

const retry = { attempts: 50, firstMs: 20, maxMs: 100 };
tidings.on("users", { changeType: "updated", concurrency: 8, retry }, async ({ id, raw }) => {
  const told = toldOf(raw);
  handledRows.set(Number(id), raw);
  history.record({ kind: "began", life, ...told });
  dieAt("while handling");
  await systemClock.sleep(Math.random() * 4);
  const isFailing = point === undefined && Math.random() < 0.03;
  history.record({ kind: "ended", life, outcome: isFailing ? "failed" : "ok", ...told });
  if (isFailing) throw new Error("as handlers do");
});

// Nobody to be killed by: nobody to live for.
process.on("disconnect", () => process.exit());
process.on("message", () => void tellWaiting());

async function tellWaiting(): Promise<void> {
  const health = await tidings.health();
  if (health.state === "running") process.send?.(health.inbox.waiting);
}

await tidings.listen({ port: Number(port), hostname: "127.0.0.1" });
await tidings.start();
process.send?.("ready");
