import { backoffMs } from "../core/backoff.ts";
import { StoreBrokenError, StoreError } from "../core/errors.ts";
import { keyIdOfUrl } from "../core/mark.ts";
import { markedGoal } from "../core/marked-goal.ts";
import type { KeyUse } from "../core/key-use.ts";
import type { HeardSubscription } from "../core/events.ts";
import type { LifecycleEvent } from "../core/notification.ts";
import type { PlannedSubscription } from "../core/planned-subscription.ts";
import type { Certificates } from "../core/ports/certificates.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { EndpointProbe } from "../core/ports/endpoint-probe.ts";
import type { Random } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import { isTrouble } from "../core/subscription-failure.ts";
import { planSubscription, type SubscriptionAction } from "../core/subscription-plan.ts";
import type { SubscriptionGoal } from "../core/subscription-goal.ts";
import { subscriptionKeyOf, type SubscriptionRow, type SubscriptionTarget } from "../core/subscription.ts";
import type { UrlKeys } from "../core/url-key.ts";
import { act } from "./act.ts";
import type { ActParts } from "./act-parts.ts";
import { askedFor, freed } from "./row-changes.ts";
import { Audit } from "./audit.ts";
import { Ceilings } from "./ceilings.ts";
import { DesiredSubscriptions, type DesiredParts } from "./desired-subscriptions.ts";
import { KeyWatch } from "./key-watch.ts";
import { reactTo } from "./lifecycle.ts";
import { Observations } from "./observations.ts";
import { OwnCertificate } from "./own-certificate.ts";
import { OwnEndpoint } from "./own-endpoint.ts";
import { preview } from "./preview.ts";
import { recordFailure } from "./record-failure.ts";
import { RemoteLists } from "./remote-lists.ts";
import { admitBeside, rivalOf } from "./rival.ts";
import { TenantCircuits } from "./tenant-circuits.ts";
import { Tenants, type TenantsParts } from "./tenants.ts";

export interface ReconcilerParts
  extends
    Pick<ActParts, "graph" | "rows" | "keyring" | "report">,
    Pick<DesiredParts, "app" | "specs" | "early" | "lookFirst" | "hash">,
    Pick<TenantsParts, "ownTenantId" | "isOwnGiven"> {
  readonly store: Pick<Store, "putNote" | "listNotes" | "deleteNote">;
  /** Public URL of the notification path. */
  readonly endpoint: string;
  /** In the query of our URLs. @default none */
  readonly urlKeys?: UrlKeys | undefined;
  readonly probe: EndpointProbe;
  /** What Graph encrypts resource data for. Absent: nothing is declared with it. */
  readonly certificates?: Certificates | undefined;
  /** What becomes of keys that signed before. Absent: only one ever did. */
  readonly signers?: Signers | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** Keys that signed what Graph keeps for us. */
export interface Signers {
  /** Whether there are others than the one that signs now. */
  readonly hasFormer: boolean;
  /** Whether what a key signed is to be made anew. */
  isRetired(keyId: string): boolean;
  /** Takes up how many subscriptions refer to which. */
  settle(use: KeyUse): Promise<void>;
}

/** Rows worked on at once: most of the time they wait for Graph, or for its limits. */
const CONCURRENCY = 64;
/**
 * How long a claim lasts: longer than any action, which waits a minute at most for each of its requests' budgets and
 * half a minute for the answer. After a crash, the time until another process takes the row up.
 */
const CLAIM_MS = 5 * 60_000;
/** A pass at least this often, whatever the rows say, since another process may write them. */
const MAX_REST_MS = 60_000;
const STORE_RETRY = { firstMs: 1_000, maxMs: 30_000 };

/**
 * Brings Graph's subscriptions to what is declared, and keeps them there.
 *
 * All it knows is in the store: each row says when it needs a look, a pass claims those that are due, decides from the
 * row ({@link planSubscription}), asks Graph and writes the answer. There is no timer per subscription, and nothing in
 * memory that a crash could lose.
 */
export class Reconciler {
  readonly desired: DesiredSubscriptions;
  readonly tenants: Tenants;
  readonly keys: KeyWatch;
  readonly #parts: ReconcilerParts;
  readonly #actParts: ActParts;
  readonly #audit: Audit;
  readonly #observations: Observations;
  readonly #certificate: OwnCertificate;
  /** Rows may differ from what they should be, and not know. */
  #isDriftDue = false;
  readonly #ownEndpoint: OwnEndpoint;
  readonly #circuits = new TenantCircuits();
  readonly #stopping = new AbortController();
  #wakeUp = new AbortController();
  readonly #observing = new Set<Promise<unknown>>();
  #loop: Promise<void> | undefined;

  constructor(parts: ReconcilerParts) {
    const { store, graph, clock, rows, keyring, app, report, probe, ownTenantId, isOwnGiven } = parts;
    const goalOf = (row: SubscriptionRow) => this.#goalOf(row);
    const lists = new RemoteLists({ graph, clock, app, keyring });
    this.#parts = parts;
    this.#certificate = new OwnCertificate(parts.certificates);
    this.#actParts = {
      graph,
      rows,
      lists,
      ceilings: new Ceilings(store),
      keyring,
      clock,
      report,
      certificate: this.#certificate,
      goalOf,
      rivalKeyOf: (target) => this.#rivalKeyOf(target),
    };
    this.tenants = new Tenants({ notes: store, clock, ownTenantId, isOwnGiven });
    this.desired = new DesiredSubscriptions({
      ...parts,
      tenants: this.tenants,
      notes: store,
      goalOf,
      onChanged: () => this.wake(),
    });
    this.keys = new KeyWatch({
      certificates: parts.certificates,
      rows,
      notes: store,
      clock,
      report,
      onUse: async (use) => parts.signers?.settle(use),
      hasFormerSigners: () => parts.signers?.hasFormer === true,
    });
    this.#observations = new Observations({ rows, clock });
    this.#ownEndpoint = new OwnEndpoint({ probe, clock, report });
    this.#audit = new Audit({ graph, lists, rows, tenants: this.tenants, clock, report });
  }

  /** What a row's subscription should be like, by the secrets and the certificate there are now. */
  #goalOf({ key, isRich }: SubscriptionRow): SubscriptionGoal {
    const { app, endpoint, keyring, urlKeys, signers } = this.#parts;
    const goal = markedGoal({ app, subscriptionKey: key }, { keyring, endpoint, urlKeys });
    return {
      ...goal,
      isFormerUrl: (url) =>
        goal.isFormerUrl?.(url) === true && signers?.isRetired(keyIdOfUrl(url) ?? "") !== true,
      certificateId: isRich === true ? this.#certificate.id : undefined,
    };
  }

  #rivalKeyOf(target: SubscriptionTarget): string | undefined {
    const rival = rivalOf(target);
    return rival && subscriptionKeyOf(this.#parts.app, rival, this.#parts.hash);
  }

  /** Acts on a lifecycle notification: whatever it says, the row is looked at afresh. */
  async react(event: LifecycleEvent, subscriptionKey: string, graphId: string): Promise<void> {
    await reactTo(event, { subscriptionKey, graphId }, this.#parts);
    this.wake();
  }

  /** Takes up what notifications tell of the subscriptions they come from. @throws StoreError */
  async observe(heard: readonly HeardSubscription[]): Promise<void> {
    const taking = this.#observations.take(heard);
    this.#observing.add(taking);
    try {
      if (await taking) this.wake();
    } finally {
      this.#observing.delete(taking);
    }
  }

  /**
   * Has a row looked at now, and its subscription renewed, whatever failed before.
   *
   * @param id its key, or Graph's id
   * @returns false when there is none
   */
  async renewNow(id: string): Promise<boolean> {
    const { rows, clock } = this.#parts;
    const key = (await rows.get(id))?.key ?? (await this.#keyOf(id));
    if (key === undefined) return false;
    await rows.edit(
      key,
      (row) => row && { ...askedFor(row), parked: null, failures: 0, nextActionAt: clock.now() },
    );
    this.wake();
    return true;
  }

  /**
   * What would be done by now, without doing it.
   *
   * @param isPruned as if what this process does not declare were given up
   * @throws CredentialError, StoreError
   */
  async *preview(isPruned: boolean): AsyncGenerator<PlannedSubscription> {
    const { store } = this.#parts;
    await this.#certificate.look();
    yield* preview(
      { ...this.#parts, desired: this.desired, notes: store, goalOf: this.#actParts.goalOf },
      isPruned,
    );
  }

  /** Has a row looked at now, whatever failed before. */
  async retryNow(key: string): Promise<void> {
    const { rows, clock } = this.#parts;
    this.#ownEndpoint.retryNow();
    await rows.edit(key, (row) => row && { ...row, parked: null, failures: 0, nextActionAt: clock.now() });
  }

  /** What is to be done about a row as it is now. */
  planOf(row: SubscriptionRow): SubscriptionAction {
    return planSubscription(row, this.#actParts.goalOf(row), this.#parts.clock.now());
  }

  /** Why a row is put off for longer than a moment, for people; undefined when nothing is known to hold it up. */
  obstacleTo(row: SubscriptionRow): string | undefined {
    const { fault } = this.#ownEndpoint;
    if (fault !== undefined && makesOne(this.planOf(row))) return fault;
    return this.#circuits.isOpen(row.tenantId)
      ? "Graph was asked about others of the tenant, and failed"
      : undefined;
  }

  async #keyOf(graphId: string): Promise<string | undefined> {
    for await (const { key, graph } of this.#parts.rows.all()) if (graph?.id === graphId) return key;
    return undefined;
  }

  /**
   * Looks at every row that is due, again until none is.
   *
   * @param signal no more rows are taken up once it aborts
   * @returns when the next will be
   */
  async reconcileOnce(signal?: AbortSignal): Promise<{ nextAt: number | undefined }> {
    // Before anything is given another certificate, so that what is missing is told of.
    const keysAt = await this.keys.once();
    await this.lookAtCertificate();
    const declareAt = await this.desired.declare();
    const { signal: stopping } = this.#stopping;
    const over = signal === undefined ? stopping : AbortSignal.any([stopping, signal]);
    const auditing = this.#audit.once();
    await this.#workOff(auditing, over);
    const times = [declareAt, keysAt, await auditing, await this.#parts.rows.nextAt()];
    return { nextAt: Math.min(...times.filter((time) => time !== undefined)) };
  }

  /** The certificate that Graph is to encrypt for; undefined while it is not known, or there is none. */
  get certificate(): { readonly id: string; readonly notAfter: number } | undefined {
    return this.#certificate.summary;
  }

  /** Takes up another certificate, if there is one: Graph is given it as soon as its limits allow. */
  async lookAtCertificate(): Promise<void> {
    if (await this.#certificate.look()) this.#isDriftDue = true;
    if (!this.#isDriftDue) return;
    await this.desired.lookAtDrifted();
    this.#isDriftDue = false;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Says that a row was changed. */
  wake(): void {
    this.#wakeUp.abort();
  }

  /** Ends after the calls to Graph in progress, or after this time; what those did is found out by the next process. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const ended = new AbortController();
    const work = Promise.allSettled([this.#loop, ...this.#observing]);
    await Promise.race([work, this.#parts.clock.sleep(graceMs, ended.signal)]);
    ended.abort();
  }

  async #run(): Promise<void> {
    const { clock, random, report } = this.#parts;
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      try {
        const { nextAt } = await this.reconcileOnce();
        failures = 0;
        const ended = AbortSignal.any([this.#wakeUp.signal, this.#stopping.signal]);
        await this.#restUntil(nextAt, ended);
      } catch (error) {
        failures += 1;
        report("internal:error", { where: "reconciler", error });
        await clock.sleep(backoffMs(failures, STORE_RETRY, random), this.#stopping.signal);
      }
    }
  }

  async #restUntil(at: number | undefined, ended: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const restMs = (at ?? Infinity) - clock.now();
    await clock.sleep(Math.max(0, Math.min(restMs, MAX_REST_MS)), ended);
  }

  /**
   * Claims rows as they are due and others are done, so that one that takes long, or other work, holds up nothing.
   *
   * @param beside what else is done meanwhile
   * @param over no more rows are claimed once it aborts
   */
  async #workOff(beside: Promise<unknown>, over: AbortSignal): Promise<void> {
    const atWork = new Set<Promise<void>>();
    const failures: unknown[] = [];
    const begin = (work: Promise<unknown>): void => {
      const ended = Promise.allSettled([work]).then(([outcome]) => {
        if (outcome.status === "rejected") failures.push(outcome.reason);
        return void atWork.delete(ended);
      });
      atWork.add(ended);
    };
    begin(beside);
    while (failures.length === 0 && !over.aborted) {
      this.#wakeUp = new AbortController();
      const claimed = await this.#claim(CONCURRENCY - atWork.size);
      for (const row of claimed) begin(this.#work(row));
      if (atWork.size === 0) break;
      if (claimed.length === 0 || atWork.size === CONCURRENCY) await this.#news(atWork, over);
    }
    await Promise.all(atWork);
    if (failures.length > 0) throw failures[0];
  }

  /** Resolves when some work has ended, or when a row may be due; with no room for more, the former alone counts. */
  async #news(atWork: ReadonlySet<Promise<void>>, over: AbortSignal): Promise<void> {
    if (atWork.size === CONCURRENCY) return Promise.race(atWork);
    const ended = new AbortController();
    // Begun before the store is asked: all may have ended by the time it answers.
    const anyEnded = Promise.race(atWork).then(() => ended.abort());
    const nextAt = await this.#parts.rows.nextAt();
    const signals = [ended.signal, this.#wakeUp.signal, over];
    await Promise.race([anyEnded, this.#restUntil(nextAt, AbortSignal.any(signals))]);
    ended.abort();
  }

  /** @returns when to come again, epoch milliseconds; undefined to go ahead */
  async #admit(action: SubscriptionAction, row: SubscriptionRow): Promise<number | undefined> {
    if (action.kind === "wait") return undefined;
    if (makesOne(action)) {
      const comeAt = await this.#ownEndpoint.admit(this.#actParts.goalOf(row).notificationUrl);
      if (comeAt !== undefined) return comeAt;
    }
    if (action.kind === "create") {
      const comeAt = await admitBeside(row, this.#parts.rows, this.#actParts);
      if (comeAt !== undefined) return comeAt;
    }
    return this.#circuits.admit(row.tenantId, this.#parts.clock.now());
  }

  async #claim(limit: number): Promise<SubscriptionRow[]> {
    const { rows, clock } = this.#parts;
    const now = clock.now();
    return rows.claim({ now, until: now + CLAIM_MS, limit });
  }

  /** @throws StoreError, StoreBrokenError */
  async #work(row: SubscriptionRow): Promise<void> {
    const { clock, rows, random } = this.#parts;
    const action = planSubscription(row, this.#actParts.goalOf(row), clock.now());
    const comeAt = await this.#admit(action, row);
    if (comeAt !== undefined) {
      await rows.change(row, (current) => freed({ ...current, nextActionAt: comeAt }));
      return;
    }
    try {
      await act(action, row, this.#actParts);
      if (action.kind !== "wait") this.#circuits.answered(row.tenantId);
    } catch (error) {
      if (error instanceof StoreError || error instanceof StoreBrokenError) throw error;
      const verdict = await recordFailure(action.kind, row, error, { ...this.#actParts, random });
      if (isTrouble(verdict)) this.#circuits.failed(row.tenantId, clock.now());
      else if (verdict.kind !== "wait") this.#circuits.answered(row.tenantId);
    }
  }
}

/** Whether Graph asks the endpoint before it does that. */
function makesOne({ kind }: SubscriptionAction): boolean {
  return kind === "create" || kind === "replace";
}
