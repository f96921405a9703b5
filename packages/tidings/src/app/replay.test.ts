import { expect, it } from "vitest";
import { DispatchBench } from "../../test/support/dispatch-bench.ts";
import { inboxItem } from "../../test/support/inbox-items.ts";
import { STEP_SIZE } from "./in-steps.ts";
import { replay } from "./replay.ts";

it("ends with what was accepted when it began, although more is accepted and finished at each step", async () => {
  const count = 3 * STEP_SIZE;
  await using bench = new DispatchBench([{}], { keepHistory: true });
  const { store } = bench;
  let accepted = 0;
  const append = async (): Promise<void> => {
    const items = Array.from({ length: count }, () => inboxItem("a", `n${(accepted += 1)}`));
    await bench.append(...items);
    await bench.untilEmpty();
  };
  await append();
  let steps = 0;
  const { count: replayed } = await replay(
    {
      async replay(query) {
        const step = await store.replay(query);
        if ((steps += 1) < 9) await append();
        return step;
      },
    },
    {},
  );
  expect(replayed).toBe(count);
});
