import { setImmediate as turn } from "node:timers/promises";
import { seededRandom } from "../support/seeded-random.ts";
import type { FuzzFailure, FuzzOptions, FuzzResult, FuzzTarget } from "./fuzz-target.ts";

/** No case may take so much of the processor. */
const HANG_MS = 100;

/** Tried again so often when it was slow: another process, or the collector of garbage, may have been in the way. */
const SLOW_TRIES = 3;

/** More are seldom different. */
const MAX_FAILURES = 20;

/** Runs cases that follow from the seed alone, each from a seed of its own. */
export async function runTarget(target: FuzzTarget, options: FuzzOptions): Promise<FuzzResult> {
  const { cases, seed, concurrency = 8, onProgress = () => {} } = options;
  const subject = await target.prepare();
  const outcomes: Record<string, number> = {};
  const failures: FuzzFailure[] = [];
  let slowestMs = 0;
  let begun = 0;

  async function tryCase(caseSeed: number): Promise<void> {
    try {
      const outcome = await subject.run(seededRandom(caseSeed));
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    } catch (error) {
      failures.push({ seed: caseSeed, message: String(error).slice(0, 2_000) });
    }
  }

  async function work(): Promise<void> {
    while (begun < cases && failures.length < MAX_FAILURES) {
      const caseSeed = seed + begun;
      begun += 1;
      if (begun % 10_000 === 0) onProgress(begun);
      const startedAt = process.threadCpuUsage();
      const trying = tryCase(caseSeed);
      // Up to the first wait it is this case's alone.
      const busyMs = cpuMs(startedAt);
      await trying;
      if (busyMs > HANG_MS) slowestMs = Math.max(slowestMs, await confirmSlow(caseSeed));
      else slowestMs = Math.max(slowestMs, busyMs);
    }
  }

  /** What a case takes when it is alone, all its waits included. */
  async function confirmSlow(caseSeed: number): Promise<number> {
    let least = Infinity;
    for (let n = 0; n < SLOW_TRIES; n += 1) {
      await turn();
      const startedAt = process.threadCpuUsage();
      await subject.run(seededRandom(caseSeed)).catch(() => {});
      least = Math.min(least, cpuMs(startedAt));
    }
    if (least > HANG_MS)
      failures.push({ seed: caseSeed, message: `took ${least.toFixed(0)} ms of the processor` });
    return least;
  }

  const startedAt = performance.now();
  await Promise.all(Array.from({ length: concurrency }, work));
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    cases: begun,
    outcomes,
    failures,
    casesPerSecond: Math.round(begun / seconds),
    slowestMs: Math.round(slowestMs * 10) / 10,
  };
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) / 1000;
}
