import { markOfUrl, subscriptionUrls } from "../../src/core/mark.ts";
import type { RemoteSubscription } from "../../src/core/ports/graph-api.ts";
import { planSubscription } from "../../src/core/subscription-plan.ts";
import { wantedChangeTypes, type SubscriptionRow } from "../../src/core/subscription.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import { APP, keyring, TENANT_ID, type ReconcilerBench } from "./reconciler-bench.ts";
import {
  endpointOf,
  keyOf,
  specOf,
  TARGETS,
  VERSIONS,
  type ProcessPlan,
  type Target,
} from "./reconciler-scenario.ts";

/** How far clocks jump, both ways together. */
const JUMP_MS = 20 * 60_000;
const FOREVER_MS = 1_000_000 * 3_600_000;

/** Watches Graph for what must never happen there, and for what must be there in the end. */
export class GraphWatch {
  /** What was found wrong. */
  readonly wrongs = new Set<string>();
  readonly #bench: ReconcilerBench;
  readonly #foreign = new Map<string, RemoteSubscription>();
  readonly #firstSeenAt = new Map<string, number>();
  /** Since when Graph was without a subscription that a row had, by key. */
  readonly #lostAt = new Map<string, number>();

  constructor(bench: ReconcilerBench) {
    this.#bench = bench;
    this.#plantForeign();
  }

  /** What is alive and carries our mark. */
  get ours(): RemoteSubscription[] {
    return [...this.#bench.graph.live.values()].filter(({ id }) => !this.#foreign.has(id));
  }

  /** Nobody wants it any more, so nothing is lost. */
  forgive(target: Target): void {
    for (const version of VERSIONS.keys()) this.#lostAt.delete(keyOf(target, { version }));
  }

  /** Called at each change at Graph. */
  async look(): Promise<void> {
    const { ours } = this;
    const { clock, graph } = this.#bench;
    for (const [id, remote] of this.#foreign)
      if (graph.live.get(id) !== remote) this.wrongs.add(`${id} is not ours to touch`);
    for (const { id } of ours) if (!this.#firstSeenAt.has(id)) this.#firstSeenAt.set(id, clock.now());
    const rows = await this.#bench.rows();
    for (const row of rows) {
      const own = ours.filter(({ notificationUrl }) => keyOfUrl(notificationUrl) === row.key);
      this.#lookAtCount(row, own.length);
      this.#lookAtCover(row, own);
    }
    const wanted = new Set(rows.filter(({ wants }) => wants.length > 0).map(({ key }) => key));
    for (const key of this.#lostAt.keys()) if (!wanted.has(key)) this.#lostAt.delete(key);
  }

  /** There should be nothing to do: these targets, and nothing else, are as this process wants them. */
  async lookAtQuiet(plan: ProcessPlan, targets: readonly Target[], now: number): Promise<void> {
    const rows = await this.#bench.rows();
    if (rows.length !== targets.length) this.wrongs.add(`${rows.length} rows for ${targets.length}`);
    if (this.ours.length !== targets.length)
      this.wrongs.add(`${this.ours.length} are alive for ${targets.length}`);
    for (const target of targets) {
      const row = rows.find(({ key }) => key === keyOf(target, plan));
      const wrongs = row === undefined ? ["is not desired"] : this.#wrongsAtQuiet(row, plan, target, now);
      for (const wrong of wrongs)
        this.wrongs.add(`${target.declaration} ${JSON.stringify(target.params)} ${wrong}`);
    }
  }

  #lookAtCount(row: SubscriptionRow, count: number): void {
    if (count > 2) this.wrongs.add(`${count} are alive for ${row.path}`);
    if (count === 2 && row.createStartedAt === null)
      this.wrongs.add(`2 are alive for ${row.path}, and nobody will look`);
  }

  #lookAtCover(row: SubscriptionRow, own: readonly RemoteSubscription[]): void {
    const endedAt = row.graph === null ? undefined : this.#bench.graph.endOf(row.graph.id);
    if (endedAt === undefined || this.#lostAt.has(row.key)) return;
    const isCovered = own.some(({ id }) => (this.#firstSeenAt.get(id) ?? Infinity) <= endedAt);
    if (!isCovered) this.#lostAt.set(row.key, endedAt);
  }

  #wrongsAtQuiet(row: SubscriptionRow, plan: ProcessPlan, target: Target, now: number): string[] {
    const { changeTypes } = specOf(plan, target);
    const urls = subscriptionUrls(keyring, endpointOf(plan), { app: APP, subscriptionKey: row.key });
    const remote = this.#bench.graph.live.get(row.graph?.id ?? "");
    const action = planSubscription(row, urls, now);
    const lostAt = this.#lostAt.get(row.key);
    const isGapKnown = lostAt === undefined || (row.gap !== null && row.gap.since <= lostAt + JUMP_MS);
    return Object.entries({
      "is not alive": remote === undefined,
      "is at another endpoint": remote?.notificationUrl !== urls.notificationUrl,
      "tells of other changes": remote?.changeTypes.join() !== changeTypes.join(),
      "wants other changes": wantedChangeTypes(row).join() !== changeTypes.join(),
      [`is something to ${action.kind} for`]: action.kind !== "wait",
      "was lost, which nothing says": !isGapKnown,
    }).flatMap(([wrong, is]) => (is ? [wrong] : []));
  }

  /** What another app, another secret and somebody else have made: nothing of it is ours. */
  #plantForeign(): void {
    const { clock, graph } = this.#bench;
    const endpoint = endpointOf({ endpoint: 0 });
    const mark = {
      app: APP,
      subscriptionKey: TARGETS.map((target) => keyOf(target, { version: 0 }))[0] ?? "",
    };
    const otherKeyring = createKeyring(["another-secret-of-thirty-two-characters-or-more"]);
    const urls = [
      subscriptionUrls(keyring, endpoint, { ...mark, app: "app-staging" }).notificationUrl,
      subscriptionUrls(otherKeyring, endpoint, mark).notificationUrl,
      "https://somebody.example/notifications",
    ];
    for (const [index, notificationUrl] of urls.entries()) {
      const id = `foreign-${index}`;
      const expiresAt = clock.now() + FOREVER_MS;
      const remote = { id, notificationUrl, resource: "users/1/messages", changeTypes: [], expiresAt };
      this.#foreign.set(id, remote);
      graph.plant(remote, { tenantId: TENANT_ID });
    }
  }
}

function keyOfUrl(url: string): string | undefined {
  return markOfUrl(keyring, url)?.subscriptionKey;
}
