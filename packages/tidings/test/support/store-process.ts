/**
 * A store in a process of its own, on whatever disk that process was given: `store-process.ts <path> <scenario>`.
 * Writes what happened to standard output, as JSON.
 */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { InboxItem } from "../../src/core/inbox.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";

/** What a call came to: the code of its error, and how long it took. */
export interface Attempt {
  readonly code: string | undefined;
  readonly ms: number;
}

/** Makes one sync fail: see native/failing-fsync.c. */
const faultPath = process.env["FSYNC_FAILS_ONCE"] ?? "";

/** Takes up room on the disk until it is removed. */
const roomPath = process.env["ROOM"] ?? "";

/** About as large as a notification is, unless it is to be otherwise. */
const padding = "x".repeat(Number(process.env["PADDING"] ?? 1_000));

const SCENARIOS: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  async nothing() {},

  async counts(store) {
    return store.counts();
  },

  async appendOneByOne(store) {
    for (let n = 0; n < 50; n += 1) await store.append([itemOf(n)]);
  },

  async appendAtOnce(store) {
    await Promise.all(Array.from({ length: 200 }, async (_, n) => store.append([itemOf(n)])));
  },

  /** As requests come: each in a turn of its own, while earlier ones wait for the disk. */
  async appendSteadily(store) {
    const startedAt = performance.now();
    const appends: Promise<unknown>[] = [];
    for (let n = 0; n < 200; n += 1) {
      appends.push(store.append([itemOf(n)]));
      await sleep(1);
    }
    await Promise.all(appends);
    return performance.now() - startedAt;
  },

  async fill(store) {
    return fill(store);
  },

  /** With a full disk, ends what was accepted in every way there is; then room is made, as if by somebody else. */
  async settleWhileFull(store) {
    const { acceptedCount, attempts } = await fill(store);
    const lease = await store.lease();
    if (lease === undefined) throw new Error("no lease");
    const { rows } = await store.scan({ declaration: "users", after: 0, limit: acceptedCount });
    const codes = new Set<string | undefined>();
    for (const [n, { seq, lane, declaration }] of rows.entries()) {
      const outcome = [
        { kind: "done", seq, endedAt: n },
        { kind: "dead", seq, failures: 1, endedAt: n, error: "Error: no" },
        { kind: "retry", seq, lane, declaration, failures: 1, endedAt: n, until: n },
      ] as const;
      const settled = store.settle([outcome[n % 3] ?? outcome[0]], lease, { keepHistory: true });
      codes.add(await settled.then(() => undefined, codeOf));
    }
    const redriven = await store.redrive({ limit: 9 }).then(() => undefined, codeOf);
    const counts = await store.counts();
    rmSync(roomPath);
    const fullAt = performance.now();
    while ((await attemptOf(store, acceptedCount + 1)).code !== undefined) await sleep(10);
    return {
      acceptedCount,
      attempts,
      codes: [...codes],
      redriven,
      counts,
      fullMs: performance.now() - fullAt,
    };
  },

  /** The sync of a commit of several appends fails; all later ones work. */
  async failSync(store) {
    for (let n = 0; n < 10; n += 1) await store.append([itemOf(n)]);
    writeFileSync(faultPath, "");
    const during = await Promise.all([100, 101, 102].map(async (n) => attemptOf(store, n)));
    const after = await attemptOf(store, 200);
    const isFaultGone = !existsSync(faultPath);
    const read = await store.counts().then(
      () => undefined,
      (error: unknown) => codeOf(error),
    );
    return { isFaultGone, during, after, read };
  },
};

/** Until the disk takes no more, and a few times after. */
async function fill(store: Store): Promise<{ acceptedCount: number; attempts: Attempt[] }> {
  let acceptedCount = 0;
  let attempt = await attemptOf(store, 0);
  while (attempt.code === undefined) {
    acceptedCount += 1;
    attempt = await attemptOf(store, acceptedCount);
  }
  const again = await Promise.all(Array.from({ length: 20 }, async (_, n) => attemptOf(store, -1 - n)));
  return { acceptedCount, attempts: [attempt, ...again] };
}

function itemOf(n: number): InboxItem {
  return {
    declaration: "users",
    subscriptionKey: "subscription-key",
    lane: `users subscription-key users/${n % 10}`,
    identity: `identity-${n}`,
    body: { raw: { padding }, params: {} },
    receivedAt: 1_000 + n,
    source: "webhook",
    tokensKey: undefined,
  };
}

async function attemptOf(store: Store, n: number): Promise<Attempt> {
  const startedAt = performance.now();
  const code = await store.append([itemOf(n)]).then(
    () => undefined,
    (error: unknown) => codeOf(error),
  );
  return { code, ms: performance.now() - startedAt };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

const [path = "", scenario = ""] = process.argv.slice(2);
try {
  const store = await sqlite(path).open();
  const outcome = await SCENARIOS[scenario]?.(store);
  await store.close();
  process.stdout.write(JSON.stringify({ outcome: outcome ?? null }));
} catch (error) {
  process.stdout.write(JSON.stringify({ refused: codeOf(error), message: String(error) }));
}
