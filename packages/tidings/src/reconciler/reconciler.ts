import { backoffMs } from "../core/backoff.ts";
import { subscribesByItself, type DeclarationSpec } from "../core/declaration.ts";
import { subscriptionUrls, type SubscriptionUrls } from "../core/mark.ts";
import type { LifecycleEvent } from "../core/notification.ts";
import type { RemoteSubscription } from "../core/ports/graph-api.ts";
import type { Hash } from "../core/ports/hash.ts";
import { expandTemplate, type Params } from "../core/resource-template.ts";
import { planSubscription } from "../core/subscription-plan.ts";
import {
  newSubscriptionRow,
  resourceOf,
  subscriptionKeyOf,
  withoutWant,
  withWant,
  type SubscriptionRow,
  type SubscriptionTarget,
} from "../core/subscription.ts";
import { act, type ActParts } from "./act.ts";

export interface ReconcilerParts extends Omit<ActParts, "list"> {
  readonly hash: Hash;
  /** Public URL of the notification path. */
  readonly endpoint: string;
  /** Every declaration of this process. */
  readonly specs: readonly DeclarationSpec[];
  /** What was asked of declarations before the store was open, in order. */
  readonly early: readonly InitialRequest[];
  /** Since when subscriptions may exist that this store does not know: it was begun anew. Null when it was not. */
  readonly lookFirst: number | null;
  /** The tenant meant where none is named. May ask the login service. */
  readonly tenantId: () => Promise<string>;
}

/** One declaration on one target. */
export interface SubscribeRequest {
  readonly spec: DeclarationSpec;
  readonly params: Params;
  readonly tenantId: string;
}

/** A request whose tenant is not known yet. */
export interface InitialRequest extends Omit<SubscribeRequest, "tenantId"> {
  readonly kind: "subscribe" | "unsubscribe";
  readonly tenantId: string | undefined;
}

/** Rows taken from the store at once. */
const PASS_SIZE = 100;
/** A pass at least this often, whatever the rows say, since another process may write them. */
const MAX_REST_MS = 60_000;
/** @see https://learn.microsoft.com/graph/change-notifications-lifecycle-events#actions-to-take */
const REAUTHORIZE_GAP_MS = 10 * 60_000;
/** How long one list serves; Graph allows 25 in 20 s for an app in a tenant. */
const LIST_LIFE_MS = 20_000;
const DECLARE_AGAIN_MS = 10_000;
const STORE_RETRY = { firstMs: 1_000, maxMs: 30_000 };

/**
 * Brings Graph's subscriptions to what is declared, and keeps them there.
 *
 * All it knows is in the store: each row says when it needs a look, a pass looks at those that are due, decides from
 * the row ({@link planSubscription}), asks Graph and writes the answer. There is no timer per subscription, and
 * nothing in memory that a crash could lose.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #stopping = new AbortController();
  #wakeUp = new AbortController();
  #loop: Promise<void> | undefined;
  /** What is still to be made desired; what fails, such as for want of a tenant, holds up nothing else. */
  #undeclared: readonly InitialRequest[] | undefined;
  readonly #lists = new Map<string, { readonly at: number; readonly list: Promise<RemoteSubscription[]> }>();

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  /** Makes one target desired. Durable when it resolves; Graph is asked soon after. */
  async subscribe({ spec, params, tenantId }: SubscribeRequest): Promise<void> {
    const { clock, lookFirst } = this.#parts;
    const target = targetOf(spec, params, tenantId);
    const { name, changeTypes, lifetimeMs } = spec;
    const want = { declaration: name, changeTypes, lifetimeMs, params };
    await this.#edit(this.#keyOf(target), (row) =>
      withWant(
        row ?? newSubscriptionRow(this.#keyOf(target), target, clock.now(), lookFirst),
        want,
        clock.now(),
      ),
    );
    this.wake();
  }

  /** Ends what `subscribe` began. Durable when it resolves; Graph is asked soon after. */
  async unsubscribe({ spec, params, tenantId }: SubscribeRequest): Promise<void> {
    const { clock } = this.#parts;
    const key = this.#keyOf(targetOf(spec, params, tenantId));
    await this.#edit(key, (row) => row && withoutWant(row, spec.name, clock.now()));
    this.wake();
  }

  /**
   * Acts on a lifecycle notification: whatever it says, the row is looked at afresh.
   * @see https://learn.microsoft.com/graph/change-notifications-lifecycle-events
   */
  async react(event: LifecycleEvent, subscriptionKey: string, graphId: string): Promise<void> {
    const { clock, report } = this.#parts;
    report("lifecycle:received", { event, subscriptionKey });
    await this.#edit(subscriptionKey, (row) => {
      if (row?.graph?.id !== graphId) return row;
      switch (event) {
        case "missed":
          // Catch-up finds what was missed; the subscription itself is alive.
          return row;
        case "subscriptionRemoved":
          report("subscription:gone", { key: row.key, id: graphId, resource: resourceOf(row) });
          return { ...row, graph: null, nextActionAt: clock.now(), failures: 0 };
        case "reauthorizationRequired":
          // A PATCH renews and reauthorizes, so a recent one has answered this challenge already.
          return clock.now() - row.graph.grantedAt < REAUTHORIZE_GAP_MS
            ? row
            : {
                ...row,
                graph: { ...row.graph, isRenewalAsked: true },
                nextActionAt: clock.now(),
                failures: 0,
              };
        default:
          return row;
      }
    });
    this.wake();
  }

  /** Looks at every row that is due, again until none is. @returns when the next will be */
  async reconcileOnce(): Promise<{ nextAt: number | undefined }> {
    const { rows, clock } = this.#parts;
    const retryAt = await this.#declare();
    for (;;) {
      const due = await rows.due({ now: clock.now(), limit: PASS_SIZE });
      for (const row of due) {
        if (this.#stopping.signal.aborted) return { nextAt: row.nextActionAt };
        await this.#reconcileRow(row);
      }
      if (due.length === 0) return { nextAt: earliest(await rows.nextAt(), retryAt) };
    }
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Says that a row was changed. */
  wake(): void {
    this.#wakeUp.abort();
  }

  /** Ends after the call to Graph in progress, or after this time; what that call did is found out by the next process. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const ended = new AbortController();
    await Promise.race([this.#loop, this.#parts.clock.sleep(graceMs, ended.signal)]);
    ended.abort();
  }

  async #run(): Promise<void> {
    const { clock, random, report } = this.#parts;
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      this.#wakeUp = new AbortController();
      const signal = AbortSignal.any([this.#wakeUp.signal, this.#stopping.signal]);
      try {
        const { nextAt } = await this.reconcileOnce();
        failures = 0;
        const restMs = nextAt === undefined ? MAX_REST_MS : nextAt - clock.now();
        await clock.sleep(Math.max(0, Math.min(restMs, MAX_REST_MS)), signal);
      } catch (error) {
        failures += 1;
        report("internal:error", { where: "reconciler", error });
        await clock.sleep(backoffMs(failures, STORE_RETRY, random), this.#stopping.signal);
      }
    }
  }

  async #reconcileRow(row: SubscriptionRow): Promise<void> {
    const urls = this.#urlsOf(row);
    const parts = {
      ...this.#parts,
      list: async (tenantId: string, since: number) => this.#list(tenantId, since),
    };
    await act(planSubscription(row, urls, this.#parts.clock.now()), { row, urls }, parts);
  }

  /** Graph allows few lists, so rows that look for something share one. */
  async #list(tenantId: string, since: number): Promise<readonly RemoteSubscription[]> {
    const { clock, graph } = this.#parts;
    const kept = this.#lists.get(tenantId);
    if (kept !== undefined && kept.at > since && clock.now() - kept.at < LIST_LIFE_MS) return kept.list;
    const list = graph.listSubscriptions({ tenantId });
    this.#lists.set(tenantId, { at: clock.now(), list });
    list.catch(() => this.#lists.delete(tenantId));
    return list;
  }

  /** Brings the rows to what this process declares. @returns when to try again what failed */
  async #declare(): Promise<number | undefined> {
    const { rows, early, tenantId, clock, report } = this.#parts;
    if (this.#undeclared === undefined) await this.#refreshRows();
    const failed: InitialRequest[] = [];
    for (const request of this.#undeclared ?? [...this.#ownRequests(), ...early]) {
      try {
        const { kind, ...rest } = request;
        await this[kind]({ ...rest, tenantId: rest.tenantId ?? (await tenantId()) });
      } catch (error) {
        report("internal:error", { where: `declaring ${request.spec.name}`, error });
        failed.push(request);
      }
    }
    this.#undeclared = failed;
    if (failed.length === 0) await rows.completeRoutes();
    return failed.length === 0 ? undefined : clock.now() + DECLARE_AGAIN_MS;
  }

  #ownRequests(): InitialRequest[] {
    return this.#parts.specs
      .filter((spec) => subscribesByItself(spec))
      .map((spec) => ({ kind: "subscribe", spec, params: {}, tenantId: undefined }));
  }

  /**
   * Finds what edited declarations or another public URL change for the rows there are already: they say when they
   * need a look for the passage of time alone.
   */
  async #refreshRows(): Promise<void> {
    const { rows, clock, specs } = this.#parts;
    const byName = new Map(specs.map((spec) => [spec.name, spec]));
    for (const { key, wants, tenantId } of await rows.list()) {
      for (const { declaration, params } of wants) {
        const spec = byName.get(declaration);
        if (spec !== undefined) await this.#refreshWant(key, { spec, params, tenantId });
      }
      await this.#edit(key, (row) => {
        const now = clock.now();
        const isDue = row !== undefined && planSubscription(row, this.#urlsOf(row), now).kind !== "wait";
        return isDue && row.nextActionAt > now ? { ...row, nextActionAt: now } : row;
      });
    }
  }

  /** A declaration whose resource or query was edited wants another row than before. */
  async #refreshWant(key: string, request: SubscribeRequest): Promise<void> {
    const { clock } = this.#parts;
    const { spec } = request;
    if (
      !takesParams(spec, request.params) ||
      this.#keyOf(targetOf(spec, request.params, request.tenantId)) !== key
    ) {
      await this.#edit(key, (row) => row && withoutWant(row, spec.name, clock.now()));
    }
    if (takesParams(spec, request.params)) await this.subscribe(request);
  }

  /** Reads, changes and writes a row until no other write comes between. Unchanged rows are not written. */
  async #edit(
    key: string,
    change: (row: SubscriptionRow | undefined) => SubscriptionRow | undefined,
  ): Promise<void> {
    const { rows } = this.#parts;
    for (;;) {
      const row = await rows.get(key);
      const changed = change(row);
      if (changed === undefined || changed === row) return;
      if ((await rows.put(changed)) !== undefined) return;
    }
  }

  #urlsOf({ key }: SubscriptionRow): SubscriptionUrls {
    const { keyring, endpoint, app } = this.#parts;
    return subscriptionUrls(keyring, endpoint, { app, subscriptionKey: key });
  }

  #keyOf(target: SubscriptionTarget): string {
    return subscriptionKeyOf(this.#parts.app, target, this.#parts.hash);
  }
}

function targetOf(
  { template, query }: DeclarationSpec,
  params: Params,
  tenantId: string,
): SubscriptionTarget {
  return { tenantId, path: expandTemplate(template, params), query };
}

/** False when the declaration's parameters were edited, so that old values fit it no more. */
function takesParams({ template }: DeclarationSpec, params: Params): boolean {
  return template.paramNames.toSorted().join() === Object.keys(params).toSorted().join();
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
