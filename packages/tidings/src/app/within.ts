import type { Clock } from "../core/ports/clock.ts";

/** Waits for work, but not longer than that. @returns whether the work ended */
export async function within(ms: number, work: Promise<unknown>, clock: Clock): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([work.then(() => true), clock.sleep(ms, over.signal).then(() => false)]);
  } finally {
    over.abort();
  }
}
