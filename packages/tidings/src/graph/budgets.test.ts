import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { graphClaims, type BudgetClaim } from "../core/budget-claims.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { Budgets, type ClaimTerms } from "./budgets.ts";

const SECOND = 1_000;

function writes(tenantId: string): readonly BudgetClaim[] {
  return graphClaims({ method: "PATCH", path: "subscriptions/1", tenantId });
}

function chat(id: string): readonly BudgetClaim[] {
  return graphClaims({ method: "GET", path: `chats/${id}/messages/1`, tenantId: "t" });
}

function mailbox(id: string): readonly BudgetClaim[] {
  return graphClaims({ method: "GET", path: `users/${id}/messages/1`, tenantId: "t" });
}

interface Granted {
  readonly name: string;
  readonly at: number;
}

/** Budgets, and who was granted what when, in seconds from the beginning. */
function bank(): {
  clock: FakeClock;
  budgets: Budgets;
  granted: Granted[];
  /** Lets those that wait be looked at, then time pass. */
  readonly pass: (ms: number) => Promise<void>;
  readonly ask: (name: string, claims: readonly BudgetClaim[], terms?: Partial<ClaimTerms>) => Promise<void>;
} {
  const clock = new FakeClock();
  const startedAt = clock.now();
  const budgets = new Budgets(clock);
  const granted: Granted[] = [];
  return {
    clock,
    budgets,
    granted,
    async pass(ms) {
      await clock.advance(0);
      await clock.advance(ms);
    },
    async ask(name, claims, terms = {}) {
      const outcome = await budgets.claim(claims, { dueAt: clock.now(), giveUpAt: Infinity, ...terms });
      const suffix = outcome === "late" ? " late" : "";
      granted.push({ name: `${name}${suffix}`, at: (clock.now() - startedAt) / SECOND });
    },
  };
}

const namesOf = (granted: readonly Granted[]): string[] => granted.map(({ name }) => name);

describe("requests that wait for one budget", () => {
  it("go in the order of when they are due, however they came", async () => {
    const { granted, ask, pass } = bank();
    for (let index = 0; index < 35; index += 1) void ask("first", writes("t"));
    await pass(0);
    granted.length = 0;
    const dueAts = [5, 1, 4, 2, 3];
    for (const dueAt of dueAts) void ask(`due ${dueAt}`, writes("t"), { dueAt });
    await pass(SECOND);
    expect(namesOf(granted)).toEqual(["due 1", "due 2", "due 3", "due 4", "due 5"]);
  });

  it("go in the order they came when they are due at one time", async () => {
    const { granted, ask, pass } = bank();
    for (const name of ["a", "b", "c"]) void ask(name, chat("1"), { dueAt: 7 });
    await pass(3 * SECOND);
    expect(granted).toEqual([
      { name: "a", at: 0 },
      { name: "b", at: 1 },
      { name: "c", at: 2 },
    ]);
  });

  it("do not keep those waiting who need another one", async () => {
    const { granted, ask, pass } = bank();
    for (const name of ["a1", "a2"]) void ask(name, chat("a"), { dueAt: 1 });
    void ask("b1", chat("b"), { dueAt: 2 });
    await pass(100);
    expect(namesOf(granted)).toEqual(["a1", "b1"]);
    await pass(SECOND);
    expect(namesOf(granted)).toEqual(["a1", "b1", "a2"]);
  });

  it("share what is the app's among tenants", async () => {
    const { granted, ask, pass } = bank();
    // 1,400 in 20 s for the app and 350 for each tenant: ten tenants could use 3,500.
    for (let index = 0; index < 4_000; index += 1) void ask("x", writes(`tenant ${index % 10}`));
    await pass(20 * SECOND - 1);
    expect(granted.length).toBeLessThanOrEqual(1_400);
    expect(granted.length).toBeGreaterThan(1_350);
  });
});

describe("a mailbox", () => {
  it("has four requests under way at most", async () => {
    const { budgets, granted, ask, pass } = bank();
    for (const name of ["1", "2", "3", "4", "5", "6"]) void ask(name, mailbox("a"));
    void ask("other", mailbox("b"));
    await pass(SECOND);
    expect(namesOf(granted)).toEqual(["1", "2", "3", "4", "other"]);
    budgets.release(mailbox("a"));
    await pass(0);
    expect(namesOf(granted)).toEqual(["1", "2", "3", "4", "other", "5"]);
  });
});

describe("waiting", () => {
  it("ends when it is aborted, with the reason, and those behind go ahead", async () => {
    const { granted, ask, pass } = bank();
    const giveUp = new AbortController();
    await ask("a", chat("1"));
    const aborted = ask("b", chat("1"), { signal: giveUp.signal });
    void ask("c", chat("1"));
    const reason = new Error("enough");
    giveUp.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await pass(SECOND);
    expect(granted).toEqual([
      { name: "a", at: 0 },
      { name: "c", at: 1 },
    ]);
  });

  it("does not begin when it is aborted already", async () => {
    const { ask } = bank();
    await expect(ask("a", chat("1"), { signal: AbortSignal.abort("no") })).rejects.toBe("no");
  });

  it("ends when its time is over, without having spent anything", async () => {
    const { clock, granted, ask, pass } = bank();
    const giveUpAt = clock.now() + 500;
    await ask("a", chat("1"));
    void ask("b", chat("1"), { giveUpAt });
    void ask("c", chat("1"));
    await pass(SECOND);
    expect(granted).toEqual([
      { name: "a", at: 0 },
      { name: "b late", at: 0.5 },
      { name: "c", at: 1 },
    ]);
  });

  it("is not begun where Graph has said that it would be too long", async () => {
    const { clock, budgets, granted, ask, pass } = bank();
    const [tenant] = writes("t").slice(-1);
    if (tenant === undefined) throw new Error("Expected a claim");
    budgets.park(tenant, 60 * SECOND);
    void ask("short", writes("t"), { giveUpAt: clock.now() + 59 * SECOND });
    void ask("long", writes("t"), { giveUpAt: clock.now() + 61 * SECOND });
    void ask("other", writes("u"));
    await pass(0);
    expect(namesOf(granted)).toEqual(["short late", "other"]);
    await pass(60 * SECOND);
    expect(granted.at(-1)).toEqual({ name: "long", at: 60 });
    expect(budgets.parkedUntil(writes("t"))).toBe(clock.now());
  });
});

// As with a real clock, between the question and its answer.
it("what need not wait is never too late, however late it is", async () => {
  const { clock, granted, ask } = bank();
  await ask("a", writes("t"), { giveUpAt: clock.now() - 1 });
  expect(namesOf(granted)).toEqual(["a"]);
});

/** Two tenants, each with two chats. */
const SOME_CLAIMS = ["a", "b"].flatMap((tenantId) =>
  ["1", "2"].map((id) => graphClaims({ method: "GET", path: `chats/${id}/messages/1`, tenantId })),
);

it("never goes beyond any budget, and serves each in order, whatever is asked when", async () => {
  const asked = fc.record({
    claims: fc.constantFrom(...SOME_CLAIMS),
    dueAt: fc.integer({ min: 0, max: 50 }),
    afterMs: fc.integer({ min: 0, max: 400 }),
    parksMs: fc.option(fc.integer({ min: 0, max: 3_000 }), { freq: 10 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 40 }), async (requests) => {
      const clock = new FakeClock();
      const budgets = new Budgets(clock);
      const grants: { claims: readonly BudgetClaim[]; dueAt: number; askedAt: number; at: number }[] = [];
      for (const { claims, dueAt, afterMs, parksMs } of requests) {
        const askedAt = clock.now();
        const claim = async (): Promise<void> => {
          await budgets.claim(claims, { dueAt, giveUpAt: Infinity });
          grants.push({ claims, dueAt, askedAt, at: clock.now() });
          budgets.release(claims);
        };
        void claim();
        const last = claims.at(-1);
        if (parksMs !== null && last !== undefined) budgets.park(last, parksMs);
        await clock.advance(afterMs);
      }
      await clock.advance(10 * 60 * SECOND);
      expect(grants).toHaveLength(requests.length);
      for (const { key, limit } of SOME_CLAIMS.flat()) {
        const ats = grants
          .filter(({ claims }) => claims.some((claim) => claim.key === key))
          .map(({ at }) => at);
        const { units = Infinity, windowMs = 0 } = limit.pace ?? {};
        for (const from of ats) {
          expect(ats.filter((at) => at >= from && at < from + windowMs).length).toBeLessThanOrEqual(units);
        }
      }
      // Of two that waited for the same budgets at the same time, the one that was due first went first.
      for (const [index, first] of grants.entries()) {
        for (const second of grants.slice(index + 1)) {
          if (first.claims !== second.claims || second.askedAt >= first.at) continue;
          expect(first.dueAt).toBeLessThanOrEqual(second.dueAt);
        }
      }
    }),
    { numRuns: 40 },
  );
});
