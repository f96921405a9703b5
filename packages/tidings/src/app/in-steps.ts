import type { CountedStep, StepQuery, Stretch } from "../core/ports/store.ts";

/** Rows that one step looks at: few, so that no delivery waits for it. */
export const STEP_SIZE = 500;

/**
 * Takes the steps of a walk.
 *
 * @param mayGoOn asked before each
 * @returns how many rows it did something to
 */
export async function inSteps(
  step: (query: StepQuery) => Promise<CountedStep>,
  mayGoOn: () => boolean = () => true,
): Promise<number> {
  let total = 0;
  for (let stretch: Stretch | undefined = {}; stretch !== undefined && mayGoOn();) {
    const { count, next }: CountedStep = await step({ ...stretch, limit: STEP_SIZE });
    total += count;
    stretch = next;
  }
  return total;
}
