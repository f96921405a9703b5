import type { Applied, ApplyProgress } from "../core/applied.ts";
import { markedAs, type MarkedSubscription } from "../core/audit.ts";
import type { PlannedSubscription } from "../core/planned-subscription.ts";
import type { Certificates } from "../core/ports/certificates.ts";
import type { GraphApi } from "../core/ports/graph-api.ts";
import type { Random } from "../core/ports/random.ts";
import { resourceOf, type SubscriptionRow } from "../core/subscription.ts";
import { outlives, planUpkeep, type Upkeep as UpkeepPlan } from "../core/upkeep.ts";
import { Ceilings } from "./ceilings.ts";
import { OwnCertificate } from "./own-certificate.ts";
import { UpkeepCalls, type UpkeepCallParts } from "./upkeep-calls.ts";
import { describeUndeclared, describeUpkeep } from "./upkeep-words.ts";
import { isInTheWay, UpkeepRound, type Listed, type Scope } from "./upkeep-round.ts";
import { UpkeepRun } from "./upkeep-run.ts";
import { targetRows, type TargetParts } from "./upkeep-targets.ts";

export interface UpkeepParts
  extends TargetParts, Omit<UpkeepCallParts, "graph" | "ceilings" | "certificate"> {
  readonly graph: GraphApi;
  readonly certificates: Certificates | undefined;
  readonly random: Random;
  /** Where resources without a tenant of their own are subscribed to, unless others are named. @throws CredentialError */
  readonly ownTenantId: () => Promise<string>;
}

export interface UpkeepOptions {
  /** Remove what is not declared any more. Without it that is left to end by itself. */
  readonly prune: boolean;
  /** Those looked after. @default the app's own */
  readonly tenantIds?: readonly string[] | undefined;
}

export interface UpkeepApplyOptions extends UpkeepOptions {
  /** How often it is called, in milliseconds. */
  readonly everyMs: number;
  /** How far Graph's list may be behind, in milliseconds: what was made is looked at again after so long. */
  readonly settleMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (progress: ApplyProgress) => void;
}

/** Rows worked on at once: most of the time they wait for Graph's limits. */
const CONCURRENCY = 16;

/**
 * Keeps subscriptions without a store: Graph's own list says what there is, and the mark in it what is ours. Each call
 * begins anew, so nothing is lost with the process; several at once end with one subscription each, since all keep the
 * same of two.
 */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #certificate: OwnCertificate;
  readonly #ceilings = new Ceilings({ listNotes: async () => [], putNote: async () => {} });
  readonly #calls: UpkeepCalls;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    this.#certificate = new OwnCertificate(parts.certificates);
    this.#calls = new UpkeepCalls({ ...parts, ceilings: this.#ceilings, certificate: this.#certificate });
  }

  /** What would be done by now, as Graph lists it. @throws what Graph's client throws, CredentialError */
  async *plan(options: UpkeepOptions): AsyncGenerator<PlannedSubscription> {
    const { clock } = this.#parts;
    await this.#certificate.look();
    const { rows, tenantIds } = await this.#targets(options);
    for (const [scope, scoped] of scopesOf(rows, tenantIds)) {
      const listed = await this.#list(scope);
      for (const row of scoped) yield describeUpkeep(row, await this.#plan(row, listed), clock.now());
      for (const remote of undeclaredIn(listed, rows))
        yield describeUndeclared(remote, scope.tenantId, { isPruned: options.prune, now: clock.now() });
    }
  }

  /**
   * Makes what is missing, renews what is past a third of its life, replaces what differs, and removes what is one too
   * many. What fails is told in what it returns.
   *
   * @throws TypeError when a life is too short for `everyMs`; CredentialError when the app's own tenant is not known
   */
  async apply(options: UpkeepApplyOptions): Promise<Applied> {
    const { clock, random } = this.#parts;
    const { settleMs, signal, onProgress } = options;
    await this.#certificate.look();
    const { rows, tenantIds } = await this.#targets(options);
    await this.#assertLongLives(rows, options.everyMs);
    const round = new UpkeepRound(new UpkeepRun(rows.length), onProgress, signal);
    await this.#visit(scopesOf(rows, tenantIds), round, async (row, listed) =>
      this.#bring(row, listed, round),
    );
    if (options.prune) await this.#prune(rows, round);
    if (round.missing.size > 0) {
      // So that of several that were started at the same time not all make the same.
      await clock.sleep((random.next() * settleMs) / 4, signal);
      await this.#visit(scopesOf([...round.missing], []), round, async (row, listed) =>
        this.#bring(row, listed, round, true),
      );
    }
    if (round.unsettled.size > 0) {
      await clock.sleep(settleMs, signal);
      await this.#visit(scopesOf([...round.unsettled.keys()], []), round, async (row, listed) =>
        this.#settle(row, listed, round),
      );
    }
    return round.run.applied;
  }

  async #targets({
    tenantIds,
  }: UpkeepOptions): Promise<{ rows: SubscriptionRow[]; tenantIds: readonly string[] }> {
    const meant = tenantIds ?? [await this.#parts.ownTenantId()];
    return { rows: targetRows(this.#parts, meant, this.#parts.clock.now()), tenantIds: meant };
  }

  async #assertLongLives(rows: readonly SubscriptionRow[], everyMs: number): Promise<void> {
    for (const row of rows) {
      const lifeMs = await this.#ceilings.lifetimeMs(row);
      if (outlives(lifeMs, everyMs)) continue;
      throw new TypeError(
        `Expected a subscription to live for three times \`every\` or longer, so that one run may fail; \`${resourceOf(row)}\` lives for ${minutes(lifeMs)} and \`every\` is ${minutes(everyMs)}: run it more often, and say so`,
      );
    }
  }

  async #list({ tenantId, userId }: Scope): Promise<Listed> {
    const { graph, app, keyring } = this.#parts;
    const listed = await graph.listSubscriptions({ tenantId, userId });
    return Map.groupBy(markedAs(app, listed, keyring), ({ subscriptionKey }) => subscriptionKey);
  }

  async #plan(row: SubscriptionRow, listed: Listed): Promise<UpkeepPlan> {
    const lifeMs = await this.#ceilings.lifetimeMs(row);
    const { goalOf, clock } = this.#parts;
    const goal = { ...goalOf(row), certificateId: row.isRich ? this.#certificate.id : undefined };
    return planUpkeep(row, listed.get(row.key) ?? [], { goal, lifeMs, now: clock.now() });
  }

  /** Lists each scope, and does `what` for its rows. A list that cannot be had is a failure of all that need it. */
  async #visit(
    scopes: ReadonlyMap<Scope, readonly SubscriptionRow[]>,
    round: UpkeepRound,
    what: (row: SubscriptionRow, listed: Listed) => Promise<void>,
  ): Promise<void> {
    for (const [scope, rows] of scopes) {
      if (round.isOver) return;
      try {
        const listed = await this.#list(scope);
        round.listed.set(scope, listed);
        await atOnce(rows, async (row) => round.attempt(row, async () => what(row, listed)));
      } catch (error) {
        for (const row of rows) round.fail(row, error);
        if (rows.length === 0) round.run.failToList(scope.tenantId, error);
      }
    }
  }

  /** @param mayCreate whether what is missing is made now, or noted only */
  async #bring(row: SubscriptionRow, listed: Listed, round: UpkeepRound, mayCreate = false): Promise<void> {
    const plan = await this.#plan(row, listed);
    switch (plan.kind) {
      case "keep":
        round.run.end(row, "kept");
        return;
      case "renew": {
        const { chosen, others, reason } = plan;
        const renewed = await this.#calls.renew(row, chosen, reason === "certificate");
        if (renewed === undefined) return this.#bring(row, without(listed, chosen), round, mayCreate);
        for (const { id } of others) await this.#calls.remove(row, id);
        round.run.end(row, reason === "proof" ? "kept" : "renewed");
        return;
      }
      case "create":
        round.missing.add(row);
        if (!mayCreate) return;
        round.made(row, await this.#calls.create(row));
        round.run.end(row, "created");
        return;
      case "replace":
        round.made(row, await this.#replace(row, plan));
        round.run.end(row, "replaced");
    }
  }

  async #replace(
    row: SubscriptionRow,
    { order, others }: UpkeepPlan & { readonly kind: "replace" },
  ): Promise<MarkedSubscription> {
    const removeOthers = async (): Promise<void> => {
      for (const { id } of others) await this.#calls.remove(row, id);
    };
    if (order === "create first") {
      try {
        const made = await this.#calls.create(row);
        await removeOthers();
        return made;
      } catch (error) {
        if (!isInTheWay(error)) throw error;
      }
    }
    await removeOthers();
    return this.#calls.create(row);
  }

  /** Another process may have made the same meanwhile. */
  async #settle(row: SubscriptionRow, listed: Listed, round: UpkeepRound): Promise<void> {
    const made = round.unsettled.get(row);
    const found = listed.get(row.key) ?? [];
    const isListed = made === undefined || found.some(({ id }) => id === made.id);
    const all = new Map(listed).set(row.key, isListed ? found : [...found, made]);
    const plan = await this.#plan(row, all);
    if (plan.kind === "keep") round.run.end(row, plan.chosen.id === made?.id ? "kept" : "adopted");
    if (plan.kind !== "renew") return;
    const renewed = await this.#calls.renew(row, plan.chosen, false);
    if (renewed === undefined)
      return this.#settle(row, without(listed, plan.chosen), round.forget(row, plan.chosen));
    for (const { id } of plan.others) await this.#calls.remove(row, id);
    round.run.end(row, renewed.id === made?.id ? "kept" : "adopted");
  }

  async #prune(rows: readonly SubscriptionRow[], round: UpkeepRound): Promise<void> {
    const { graph, report } = this.#parts;
    for (const [{ tenantId, userId }, listed] of round.listed) {
      await atOnce(undeclaredIn(listed, rows), async (remote) => {
        if (round.isOver) return;
        try {
          const { id, resource, subscriptionKey: key } = remote;
          await graph.deleteSubscription({ tenantId, userId }, id);
          report("subscription:removed", { key, tenantId, resource, id });
          round.run.removed();
        } catch (error) {
          round.run.failToRemove(remote, tenantId, error);
        }
      });
    }
  }
}

/** By whose list they are in; tenants without any, too. */
function scopesOf(
  rows: readonly SubscriptionRow[],
  tenantIds: readonly string[],
): ReadonlyMap<Scope, readonly SubscriptionRow[]> {
  const nameOf = ({ tenantId, userId = "" }: { tenantId: string; userId?: string | undefined }): string =>
    `${tenantId} ${userId}`;
  const byName = Map.groupBy(rows, nameOf);
  for (const tenantId of tenantIds) {
    const name = nameOf({ tenantId });
    byName.set(name, byName.get(name) ?? []);
  }
  return new Map(
    [...byName].map(([name, scoped]) => {
      const [tenantId = "", userId = ""] = name.split(" ");
      return [{ tenantId, userId: userId === "" ? undefined : userId }, scoped];
    }),
  );
}

function undeclaredIn(listed: Listed, rows: readonly SubscriptionRow[]): MarkedSubscription[] {
  const declared = new Set(rows.map(({ key }) => key));
  return [...listed].flatMap(([key, remotes]) => (declared.has(key) ? [] : remotes));
}

function without(listed: Listed, { subscriptionKey: key, id }: MarkedSubscription): Listed {
  return new Map(listed).set(
    key,
    (listed.get(key) ?? []).filter((each) => each.id !== id),
  );
}

async function atOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  const workers = Array.from({ length: CONCURRENCY }, async () => {
    for (const item of left) await work(item);
  });
  await Promise.all(workers);
}

function minutes(ms: number): string {
  return `${Math.round(ms / 60_000)} min`;
}
