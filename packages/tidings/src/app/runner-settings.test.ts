import { expect, it } from "vitest";
import { DispatchBench } from "../../test/support/dispatch-bench.ts";
import { inboxItem } from "../../test/support/inbox-items.ts";
import { resolveDeclaration } from "../core/declaration.ts";
import type { Logger } from "../core/ports/logger.ts";
import { Permanent } from "../core/handler-errors.ts";
import { sha256 } from "../crypto/hash.ts";
import { runnerSettings } from "./runner-settings.ts";

const LOG: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

it("a batch handler that names what it was not given has nothing done", async () => {
  const { handle: handleGroups } = runnerSettings(
    {
      spec: resolveDeclaration("users", {}),
      handler: { batch: async (changes) => changes.map(({ idempotencyKey }) => idempotencyKey) },
    },
    { graph: { getEntity: async () => undefined }, hash: sha256, opener: { open: async () => undefined } },
    LOG,
  );
  await using bench = new DispatchBench([{ batchSize: 100, handleGroups }]);
  await bench.append(inboxItem("a", "n1"), inboxItem("b", "n2"));
  await bench.pass(0);
  expect(bench.toldOf("change:handled")).toEqual([]);
  const [failed] = bench.toldOf("change:failed");
  expect(failed?.error).toBeInstanceOf(TypeError);
  expect(String(failed?.error)).toMatch(
    /^TypeError: Expected the `id`s of changes that failed, got `.+`, which is none/,
  );
  expect(await bench.store.counts()).toEqual({ waiting: 2, dead: 0 });
});

it("a batch handler says what each change failed with; one it gives up is a dead letter alone", async () => {
  const { handle: handleGroups } = runnerSettings(
    {
      spec: resolveDeclaration("users", {}),
      handler: {
        batch: async ([first, second]) =>
          new Map<string, unknown>([
            [first?.id ?? "", new Permanent("never")],
            [second?.id ?? "", new Error("not now")],
          ]),
      },
    },
    { graph: { getEntity: async () => undefined }, hash: sha256, opener: { open: async () => undefined } },
    LOG,
  );
  await using bench = new DispatchBench([{ batchSize: 100, handleGroups }]);
  await bench.append(inboxItem("a", "n1"), inboxItem("b", "n2"), inboxItem("c", "n3"));
  await bench.pass(0);
  expect(bench.toldOf("change:dead").map(({ error }) => String(error))).toEqual(["Permanent: never"]);
  expect(bench.toldOf("change:failed").map(({ error }) => String(error))).toEqual(["Error: not now"]);
  expect(bench.toldOf("change:handled")).toHaveLength(1);
  expect(await bench.store.counts()).toEqual({ waiting: 1, dead: 1 });
});
