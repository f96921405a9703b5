import type { Clock } from "../core/ports/clock.ts";

/**
 * Does work that must end within `ms`.
 *
 * @param work is told by its signal when nobody waits for it any more
 * @throws Error when it is late, and whatever the work throws
 */
export async function withDeadline<Result>(
  ms: number,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const over = new AbortController();
  const late = clock.sleep(ms, over.signal).then(() => {
    throw new Error(`took longer than ${ms} ms`);
  });
  try {
    return await Promise.race([work(over.signal), late]);
  } finally {
    over.abort();
  }
}
