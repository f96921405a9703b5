import { expect, it } from "vitest";
import { DispatchBench } from "../../test/support/dispatch-bench.ts";
import { inboxItem } from "../../test/support/inbox-items.ts";
import { Permanent } from "../core/handler-errors.ts";
import { MemoryStore } from "../store/memory/memory-store.ts";
import { DeadLetters } from "./dead-letters.ts";
import { STEP_SIZE } from "./in-steps.ts";

it("redrives each letter once and ends, although all die again at once", async () => {
  const count = 3 * STEP_SIZE + 1;
  let calls = 0;
  await using bench = new DispatchBench([
    {
      handle() {
        calls += 1;
        throw new Permanent("still not mended");
      },
    },
  ]);
  await bench.append(...Array.from({ length: count }, (_, n) => inboxItem(String(n), `n${n}`)));
  await bench.untilEmpty();
  calls = 0;

  // Each step is done only after what the one before redrove is dead again.
  const { store } = bench;
  const slowStore = new Proxy(store, {
    get: (target, name: keyof MemoryStore) =>
      name === "redrive"
        ? async (query: Parameters<typeof store.redrive>[0]) => {
            const step = await target.redrive(query);
            await bench.untilEmpty();
            return step;
          }
        : Reflect.get(target, name),
  });
  expect(await new DeadLetters(() => ({ store: slowStore })).redrive()).toBe(count);
  expect(calls).toBe(count);
  expect(await store.counts()).toEqual({ waiting: 0, dead: count });
});

it("lists, redrives and purges what a condition finds, however far apart it is", async () => {
  const store = new MemoryStore();
  const deadLetters = new DeadLetters(() => ({ store }));
  const isRare = (n: number): boolean => n % (STEP_SIZE + 7) === 0;
  await store.append(
    Array.from({ length: 4 * STEP_SIZE }, (_, n) => inboxItem(isRare(n) ? "rare" : "common", `n${n}`)),
  );
  const { rows } = await store.scan({ declaration: "users", after: 0, limit: 4 * STEP_SIZE });
  const settlements = rows.map(
    ({ seq }) => ({ kind: "dead", seq, failures: 1, endedAt: 0, error: "" }) as const,
  );
  await store.settle(settlements, await store.lease());
  const rare = { resourceKey: "users/rare" };
  expect(await Array.fromAsync(deadLetters.list(rare))).toHaveLength(4);
  expect(await Array.fromAsync(deadLetters.list())).toHaveLength(4 * STEP_SIZE);
  expect(await deadLetters.redrive({ ...rare, ids: [1, 1 + STEP_SIZE + 7, 2] })).toBe(2);
  expect(await deadLetters.purge(rare)).toBe(2);
  expect(await store.counts()).toEqual({ waiting: 2, dead: 4 * STEP_SIZE - 4 });
});
