import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { CHANGE_TYPES, type ChangeType } from "./change-type.ts";
import type { SubscriptionUrls } from "./mark.ts";
import { planSubscription, type SubscriptionAction } from "./subscription-plan.ts";
import { newSubscriptionRow, wantedChangeTypes, type SubscriptionRow } from "./subscription.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface Live {
  readonly id: string;
  readonly url: string;
  readonly changeTypes: readonly ChangeType[];
  expiresAt: number;
}

/** When the process dies while it acts: not at all, before Graph hears of it, or before the row hears of Graph's answer. */
type Crash = "none" | "before-graph" | "before-row";

/** One row, and Graph as far as it concerns that row: everything at Graph here carries the row's mark. */
class World {
  now = Date.UTC(2026, 0, 1);
  row: SubscriptionRow | undefined;
  /** Whether Graph has the subscription no more and the row does not know, so that only the next renewal can tell. */
  isLossUnknown = false;
  #endpoint = 0;
  #lastId = 0;
  #atGraph: Live[] = [];
  readonly #lifeMs: number;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  get urls(): SubscriptionUrls {
    const endpoint = `https://tidings-${this.#endpoint}.example/notifications`;
    return { notificationUrl: `${endpoint}/mark`, lifecycleNotificationUrl: `${endpoint}/lifecycle/mark` };
  }

  get live(): Live[] {
    return this.#atGraph.filter(({ expiresAt }) => expiresAt > this.now);
  }

  get isCreating(): boolean {
    return typeof this.row?.createStartedAt === "number";
  }

  /** What should be at Graph when there is nothing to do. */
  get wanted(): Live[] {
    const { row, urls } = this;
    if (row === undefined || row.graph === null || this.isLossUnknown) return [];
    const { id, expiresAt } = row.graph;
    return [{ id, url: urls.notificationUrl, changeTypes: wantedChangeTypes(row), expiresAt }];
  }

  want(sets: readonly (readonly ChangeType[])[]): void {
    const wants = sets.map((changeTypes, at) => ({ declaration: `d${at}`, changeTypes, params: {} }));
    const row = this.row ?? newSubscriptionRow("key", { tenantId: "t", path: "users", query: "" }, this.now);
    if (wants.length > 0 || this.row !== undefined) this.row = { ...row, wants };
  }

  move(): void {
    this.#endpoint += 1;
  }

  lose(isTold: boolean): void {
    if (this.row?.graph == null) return;
    this.#delete(this.row.graph.id);
    if (isTold) this.row = { ...this.row, graph: null };
    else this.isLossUnknown = true;
  }

  askRenewal(): void {
    if (this.row?.graph == null) return;
    this.row = { ...this.row, graph: { ...this.row.graph, isRenewalAsked: true } };
  }

  /** Plans and acts once. */
  step(crash: Crash = "none"): SubscriptionAction | undefined {
    const { row } = this;
    if (row === undefined) return undefined;
    const action = planSubscription(row, this.urls, this.now);
    switch (action.kind) {
      case "wait":
        break;
      case "create":
        // An expired one too: Graph may have renewed it in an answer that was lost.
        this.#create(row, row.graph?.id, crash);
        break;
      case "find":
        if (crash === "none") this.#find(row);
        break;
      case "renew":
        if (crash !== "before-graph") this.#renew(row, action.id, crash);
        break;
      case "remove":
        if (action.id !== undefined) this.row = { ...row, graph: null, createStartedAt: this.now };
        if (crash === "before-graph") break;
        this.#delete(action.id);
        if (crash === "none") this.row = undefined;
        break;
    }
    return action;
  }

  /** Steps until there is nothing to do. */
  settle(): SubscriptionAction | undefined {
    for (let steps = 0; steps < 8; steps += 1) {
      const action = this.step();
      if (action === undefined || action.kind === "wait") return action;
    }
    throw new Error("Expected to end in wait after a few steps");
  }

  #create(row: SubscriptionRow, previousId: string | undefined, crash: Crash): void {
    this.row = { ...row, createStartedAt: this.now };
    if (crash === "before-graph") return;
    this.#lastId += 1;
    const changeTypes = wantedChangeTypes(row);
    const made = {
      id: `${this.#lastId}`,
      url: this.urls.notificationUrl,
      changeTypes,
      expiresAt: this.now + this.#lifeMs,
    };
    this.#atGraph.push(made);
    if (crash === "before-row") return;
    this.#delete(previousId);
    this.#grant(row, made);
  }

  #find(row: SubscriptionRow): void {
    const found = this.live.find(({ id }) => id !== row.graph?.id);
    if (found === undefined) {
      this.row = { ...row, createStartedAt: null };
      return;
    }
    this.#delete(row.graph?.id);
    this.#grant(row, found);
  }

  #renew(row: SubscriptionRow, id: string, crash: Crash): void {
    const found = this.live.find((each) => each.id === id);
    if (found !== undefined) found.expiresAt = this.now + this.#lifeMs;
    if (crash === "before-row") return;
    if (found === undefined) {
      this.row = { ...row, graph: null };
      this.isLossUnknown = false;
      return;
    }
    this.#grant(row, found);
  }

  #grant(row: SubscriptionRow, { id, url, changeTypes, expiresAt }: Live): void {
    const graph = {
      id,
      changeTypes,
      notificationUrl: url,
      expiresAt,
      grantedAt: this.now,
      isRenewalAsked: false,
    };
    this.row = { ...row, graph, createStartedAt: null };
    this.isLossUnknown = false;
  }

  #delete(id: string | undefined): void {
    this.#atGraph = this.#atGraph.filter((each) => each.id !== id);
  }
}

const changeTypes = fc.subarray([...CHANGE_TYPES], { minLength: 1 });
const lives = fc.integer({ min: 45 * MINUTE, max: 29 * DAY });

/** What may happen to a row between two looks at it. */
const happenings = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .constantFrom<Crash>("none", "before-graph", "before-row")
      .map((crash) => ({ what: "step", crash }) as const),
  },
  fc.array(changeTypes, { maxLength: 3 }).map((sets) => ({ what: "want", sets }) as const),
  fc.integer({ min: 1, max: 3 * DAY }).map((ms) => ({ what: "pass", ms }) as const),
  fc.boolean().map((isTold) => ({ what: "lose", isTold }) as const),
  fc.constantFrom("move", "ask" as const).map((what) => ({ what }) as const),
);

type Happening = typeof happenings extends fc.Arbitrary<infer Value> ? Value : never;

function happen(world: World, happening: Happening): void {
  switch (happening.what) {
    case "step":
      world.step(happening.crash);
      return;
    case "want":
      world.want(happening.sets);
      return;
    case "pass":
      world.now += happening.ms;
      return;
    case "lose":
      world.lose(happening.isTold);
      return;
    case "move":
      world.move();
      return;
    case "ask":
      world.askRenewal();
  }
}

function worldAfter(lifeMs: number, history: readonly Happening[]): World {
  const world = new World(lifeMs);
  world.want([["updated"]]);
  for (const happening of history) happen(world, happening);
  return world;
}

const histories = fc.array(happenings, { maxLength: 30 });

describe("whatever happened to a row", () => {
  it("acting on the plan ends in one subscription, as wanted, or in none if nobody wants it", () => {
    fc.assert(
      fc.property(lives, histories, (lifeMs, history) => {
        const world = worldAfter(lifeMs, history);
        const kind = world.settle()?.kind;
        const { row, live, wanted, isCreating } = world;
        const expected = { kind: row && "wait", live: wanted, isCreating: false };
        expect({ kind, live, isCreating }).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it("planning again changes nothing", () => {
    fc.assert(
      fc.property(lives, histories, (lifeMs, history) => {
        const world = worldAfter(lifeMs, history);
        const action = world.settle();
        const { row, live } = world;
        expect(world.settle()).toEqual(action);
        expect(world.row).toBe(row);
        expect(world.live).toEqual(live);
      }),
    );
  });

  it("a subscription that is looked at when the plan says so never lapses, and is found out when lost", () => {
    fc.assert(
      fc.property(lives, histories, (lifeMs, history) => {
        const world = worldAfter(lifeMs, history);
        for (let looks = 0; looks < 5; looks += 1) {
          const action = world.settle();
          if (action?.kind !== "wait") return;
          expect(action.until).toBeGreaterThan(world.now);
          expect(action.until).toBeLessThan(world.row?.graph?.expiresAt ?? 0);
          world.now = action.until;
        }
        expect(world.isLossUnknown).toBe(false);
        expect(world.live).toHaveLength(1);
      }),
    );
  });
});
