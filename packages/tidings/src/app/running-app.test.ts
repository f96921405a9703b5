import { expect, it, vi } from "vitest";
import type { BatchHandler } from "../core/change.ts";
import type { Store } from "../core/ports/store.ts";
import { MemoryStore } from "../store/memory/memory-store.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { Tidings } from "./tidings.ts";

const NEVER: Promise<never> = new Promise(() => {});
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** An app that runs on such a store, and what it told of errors. */
async function running(store: Store, clock: FakeClock, declare: (tidings: Tidings) => void = () => {}) {
  const tidings = new Tidings({
    name: "app",
    tenantId: "84bd8158-6d4d-4958-8b9f-9d6445542f95",
    publicUrl: "https://tidings.example",
    logger: SILENT,
    credential: { getToken: async () => NEVER },
    store: { description: "a store", open: async () => store },
  });
  tidings.on("users", { changeType: "updated" }, () => {});
  declare(tidings);
  const errors: { where: string; error: unknown }[] = [];
  tidings.events.on("internal:error", (event) => errors.push(event));
  await tidings.start({ clock });
  return { tidings, errors };
}

it.each(["sweep", "scan", "lease", "close"] as const)(
  "stop() ends within the 10 s that a host grants, though %s() of the store never does",
  async (operation) => {
    const clock = new FakeClock();
    const store = new MemoryStore();
    store[operation] = async () => NEVER;
    const { tidings, errors } = await running(store, clock);
    await clock.advance(0);
    const stopped = vi.fn<() => void>();
    void tidings.stop().then(stopped);
    await clock.advance(0);
    await clock.advance(10_000);
    expect(stopped).toHaveBeenCalled();
    expect(errors.filter(({ where }) => where === "stopping")).toHaveLength(operation === "close" ? 1 : 0);
  },
);

it("stop() closes what handlers hold open, each once, whatever one of them does", async () => {
  const clock = new FakeClock();
  const closed: string[] = [];
  const handler = (name: string): BatchHandler => ({
    batch: () => {},
    async [Symbol.asyncDispose]() {
      closed.push(name);
      if (name === "broken") throw new Error("no");
    },
  });
  const [shared, broken] = [handler("shared"), handler("broken")];
  const { tidings, errors } = await running(new MemoryStore(), clock, (declaring) => {
    declaring.on("groups", broken);
    declaring.on("applications", shared);
    declaring.on("servicePrincipals", shared);
  });
  await tidings.stop();
  expect(closed.toSorted()).toEqual(["broken", "shared"]);
  expect(errors.map(({ where }) => where)).toEqual(["closing a handler"]);
});
