import {
  wasAway,
  afterMissing,
  DECLARE_EVERY_MS,
  isForgotten,
  parseDeclared,
  type Declared,
} from "../core/declared.ts";
import { subscribesByItself, withRiders, type DeclarationSpec } from "../core/declaration.ts";
import type { Report } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Hash } from "../core/ports/hash.ts";
import type { Store } from "../core/ports/store.ts";
import { expandTemplate, type Params } from "../core/resource-template.ts";
import type { SubscriptionGoal } from "../core/subscription-goal.ts";
import { driftOf } from "../core/subscription-plan.ts";
import {
  definitionOf,
  newSubscriptionRow,
  subscriptionKeyOf,
  withoutDefinitions,
  withoutWants,
  withWant,
  type SubscriptionRow,
  type SubscriptionTarget,
  type Want,
} from "../core/subscription.ts";
import { rivalOf, superseded, twinOf } from "./rival.ts";
import type { SubscriptionRows } from "./subscription-rows.ts";
import type { Tenants } from "./tenants.ts";

export interface DesiredParts {
  /** `name` of the app. */
  readonly app: string;
  /** Every declaration of this process. */
  readonly specs: readonly DeclarationSpec[];
  /** What was asked of declarations before the store was open, in order. */
  readonly early: readonly InitialRequest[];
  /** Since when subscriptions may exist that this store does not know: it was begun anew. Null when it was not. */
  readonly lookFirst: number | null;
  readonly tenants: Tenants;
  readonly rows: Pick<SubscriptionRows, "all" | "edit" | "completeRoutes">;
  readonly notes: Pick<Store, "putNote" | "listNotes" | "deleteNote">;
  readonly hash: Hash;
  readonly clock: Clock;
  readonly report: Report;
  readonly goalOf: (row: SubscriptionRow) => SubscriptionGoal;
  /** Called when rows were changed. */
  readonly onChanged: () => void;
}

/** Whose subscriptions. */
export interface Subscriber {
  readonly tenantId: string;
  /** For `me`: who is signed in. */
  readonly userId?: string | undefined;
}

/** One declaration on one target. */
export interface SubscribeRequest extends Subscriber {
  readonly spec: DeclarationSpec;
  readonly params: Params;
}

/** A request whose tenant is not known yet. */
export interface InitialRequest extends Omit<SubscribeRequest, "tenantId"> {
  readonly kind: "subscribe" | "unsubscribe";
  readonly tenantId: string | undefined;
}

const DECLARE_AGAIN_MS = 10_000;

/**
 * What is wanted of Graph: the rows' `wants`. A declaration that is edited, or no longer there, loses what it wanted
 * only when no process has declared it so for an hour; until then a row has the wants of both.
 */
export class DesiredSubscriptions {
  readonly #parts: DesiredParts;
  /** As they are together, by name. */
  readonly #specs: ReadonlyMap<string, DeclarationSpec>;
  /** By the name of their declaration. */
  readonly #definitions: ReadonlyMap<string, string>;
  readonly #own: ReadonlySet<string>;
  /** What could not be made desired yet, such as for want of a tenant; it holds up nothing else. */
  #pending: readonly InitialRequest[] | undefined;
  #saidAt = -Infinity;
  #forgotAt = -Infinity;

  constructor(parts: DesiredParts) {
    this.#parts = parts;
    const specs = withRiders(parts.specs);
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
    this.#definitions = new Map(specs.map((spec) => [spec.name, definitionOf(spec, parts.hash)]));
    this.#own = new Set(this.#definitions.values());
  }

  /** The same, as far as it is, on other rows and notes. */
  on(parts: Pick<DesiredParts, "rows" | "notes" | "tenants" | "report" | "onChanged">): DesiredSubscriptions {
    const other = new DesiredSubscriptions({ ...this.#parts, ...parts });
    other.#pending = this.#pending;
    return other;
  }

  /** Whether this process declares what is wanted so. */
  isOwn({ definition }: Want): boolean {
    return this.#own.has(definition);
  }

  /** Makes one target desired. Durable when it resolves; Graph is asked soon after. */
  async subscribe({ spec, params, ...subscriber }: SubscribeRequest): Promise<void> {
    const { clock, lookFirst, hash, rows, tenants, onChanged } = this.#parts;
    const together = this.#together(spec);
    const target = targetOf(together, params, subscriber);
    const { name: declaration, changeTypes, lifetimeMs } = spec;
    const definition = definitionOf(together, hash);
    const want = { declaration, definition, changeTypes, lifetimeMs, params };
    await this.#sayDeclared();
    await tenants.note(target.tenantId);
    const key = this.#keyOf(target);
    await rows.edit(key, (row) =>
      withWant(row ?? newSubscriptionRow(key, target, clock.now(), lookFirst), want, clock.now()),
    );
    await this.#supersedeRival(target, definition);
    onChanged();
  }

  /** Ends what `subscribe` began. Durable when it resolves; Graph is asked soon after. */
  async unsubscribe({ spec, params, ...subscriber }: SubscribeRequest): Promise<void> {
    const { rows, onChanged } = this.#parts;
    const target = targetOf(this.#together(spec), params, subscriber);
    // An earlier version may have wanted the other, and have it taken over only after this, or again by a step back.
    for (const each of [target, twinOf(target)]) {
      await rows.edit(this.#keyOf(each), (row) =>
        this.#without(row, ({ declaration }) => declaration === spec.name),
      );
    }
    onChanged();
  }

  /** A declaration as it is beside the others of this process. */
  #together(spec: DeclarationSpec): DeclarationSpec {
    const isRich = spec.isRich || this.#specs.get(spec.name)?.isRich === true;
    return { ...spec, isRich };
  }

  async #supersedeRival(target: SubscriptionTarget, definition: string): Promise<void> {
    const rival = rivalOf(target);
    if (rival === undefined) return;
    const by = { isOwn: (want: Want) => this.isOwn(want), now: this.#parts.clock.now() };
    await this.#parts.rows.edit(this.#keyOf(rival), (row) => row && superseded(row, definition, by));
  }

  /** Makes desired what the declarations ask of a tenant by themselves. */
  async welcome(tenantId: string): Promise<void> {
    for (const spec of this.#parts.specs) {
      if (subscribesByItself(spec)) await this.subscribe({ spec, params: {}, tenantId });
    }
  }

  /** Ends everything that is wanted of a tenant. @returns how many subscriptions that concerns */
  async leave(tenantId: string): Promise<number> {
    const { rows, onChanged } = this.#parts;
    let count = 0;
    for await (const { key } of rows.all({ tenantId })) {
      await rows.edit(key, (row) => this.#without(row, () => true));
      count += 1;
    }
    onChanged();
    return count;
  }

  /**
   * Brings the rows to what this process declares, says that it does, and gives up what nobody has declared for long.
   * Cheap when there is nothing to do.
   *
   * @returns when to call it again, epoch milliseconds
   */
  async declare(): Promise<number> {
    const { clock, rows } = this.#parts;
    await this.#sayDeclared();
    if (this.#pending === undefined) await this.#takeOverAll();
    const hasFailed = await this.#request(this.#pending ?? (await this.#initial()));
    if (!hasFailed) await rows.completeRoutes();
    if (isDueAgain(this.#forgotAt, clock.now())) {
      await this.forget(isForgotten);
      this.#forgotAt = clock.now();
    }
    return hasFailed ? clock.now() + DECLARE_AGAIN_MS : this.#saidAt + DECLARE_EVERY_MS;
  }

  /** Gives up what declarations wanted that this process does not have. @returns how many wants */
  async forget(isOver: (declared: Declared, now: number) => boolean = () => true): Promise<number> {
    const { notes, clock } = this.#parts;
    const over = new Set<string>();
    for (const { key, value } of await notes.listNotes("declared")) {
      const declared = parseDeclared(value);
      if (!this.#own.has(key) && (declared === undefined || isOver(declared, clock.now()))) over.add(key);
    }
    if (over.size === 0) return 0;
    const count = await this.#giveUp(over);
    for (const key of over) await notes.deleteNote({ kind: "declared", key });
    return count;
  }

  async #giveUp(over: ReadonlySet<string>): Promise<number> {
    const { rows, clock, onChanged } = this.#parts;
    let count = 0;
    for await (const row of rows.all()) {
      const concerns = ({ definition, supersededBy = "" }: Want) =>
        over.has(definition) || over.has(supersededBy);
      if (!row.wants.some(concerns)) continue;
      const given = row.wants.filter(({ definition }) => over.has(definition));
      // What was asked of a definition that did not last was asked of the declaration.
      for (const want of given) await this.#takeOver(row, want);
      await rows.edit(row.key, (current) => current && withoutDefinitions(current, over, clock.now()));
      count += given.length;
    }
    onChanged();
    return count;
  }

  #without(row: SubscriptionRow | undefined, isOver: (want: Want) => boolean): SubscriptionRow | undefined {
    return row && withoutWants(row, isOver, this.#parts.clock.now());
  }

  /** Before anything is wanted, so that what a process wanted that died early is forgotten one day. */
  async #sayDeclared(): Promise<void> {
    const { notes, tenants, clock } = this.#parts;
    const now = clock.now();
    if (!isDueAgain(this.#saidAt, now)) return;
    const before = await notes.listNotes("declared");
    const known = before.flatMap(({ key, value }) =>
      this.#own.has(key) ? (parseDeclared(value) ?? []) : [],
    );
    if (wasAway(known, now)) await tenants.auditAll();
    for (const [declaration, key] of this.#definitions) {
      const declared: Declared = { declaration, at: now, missingSince: null };
      await notes.putNote({ kind: "declared", key, value: JSON.stringify(declared) });
    }
    for (const { key, value } of before) {
      if (this.#own.has(key)) continue;
      const declared = parseDeclared(value);
      if (declared === undefined) continue;
      const after = afterMissing(declared, now);
      if (after !== declared) await notes.putNote({ kind: "declared", key, value: JSON.stringify(after) });
    }
    this.#saidAt = now;
  }

  /** @returns whether any failed; those are tried again */
  async #request(requests: readonly InitialRequest[]): Promise<boolean> {
    const { tenants, report } = this.#parts;
    const failed: InitialRequest[] = [];
    for (const request of requests) {
      try {
        const { kind, tenantId, ...rest } = request;
        for (const each of tenantId === undefined ? await tenants.meant() : [tenantId])
          await this[kind]({ ...rest, tenantId: each });
      } catch (error) {
        report("internal:error", { where: `declaring ${request.spec.name}`, error });
        failed.push(request);
      }
    }
    this.#pending = failed;
    return failed.length > 0;
  }

  async #initial(): Promise<InitialRequest[]> {
    const { specs, early } = this.#parts;
    const own = specs
      .filter((spec) => subscribesByItself(spec))
      .map((spec) => ({ kind: "subscribe", spec, params: {}, tenantId: undefined }) as const);
    return [...own, ...early];
  }

  /**
   * Lets rows that were wanted by earlier definitions of this process's declarations be wanted by the present ones,
   * and finds those that another public URL, secret or certificate concerns: rows say when they need a look for the passage of time alone.
   */
  async #takeOverAll(): Promise<void> {
    for await (const row of this.#parts.rows.all()) {
      for (const want of row.wants) await this.#takeOver(row, want);
      await this.#lookAt(row);
    }
  }

  /** Has rows looked at that differ from what they should be by now, for another certificate or secret. */
  async lookAtDrifted(): Promise<void> {
    for await (const row of this.#parts.rows.all()) await this.#lookAt(row);
    this.#parts.onChanged();
  }

  /** Where its subscription is not as it should be. */
  async #lookAt(row: SubscriptionRow): Promise<void> {
    const { rows, goalOf, clock } = this.#parts;
    if (driftOf(row, goalOf(row)) === undefined || row.nextActionAt <= clock.now()) return;
    await rows.edit(row.key, (current) => current && { ...current, nextActionAt: clock.now() });
  }

  /** What the present definition wanted before another took it over counts again: that one was a step back, or this is. */
  async #takeOver({ key, tenantId, userId }: SubscriptionRow, want: Want): Promise<void> {
    const { declaration, definition, params, supersededBy } = want;
    const spec = this.#specs.get(declaration);
    const own = this.#definitions.get(declaration);
    if (spec === undefined || (definition === own) === (supersededBy === undefined)) return;
    if (takesParams(spec, params)) await this.subscribe({ spec, params, tenantId, userId });
    if (definition === own) return;
    await this.#parts.rows.edit(
      key,
      (current) =>
        current && {
          ...current,
          wants: current.wants.map((each) =>
            each.definition === definition ? { ...each, supersededBy: own } : each,
          ),
        },
    );
  }

  #keyOf(target: SubscriptionTarget): string {
    return subscriptionKeyOf(this.#parts.app, target, this.#parts.hash);
  }
}

/** A clock that jumped back makes it late by no more than the jump. */
function isDueAgain(doneAt: number, now: number): boolean {
  return Math.abs(now - doneAt) >= DECLARE_EVERY_MS;
}

/** What one declaration wants, for whom. */
export function targetOf(
  { template, query, prefer, isRich }: DeclarationSpec,
  params: Params,
  { tenantId, userId }: Subscriber,
): SubscriptionTarget {
  const path = expandTemplate(template, params);
  return {
    tenantId,
    path,
    query,
    ...(userId === undefined ? {} : { userId }),
    ...(prefer === undefined ? {} : { prefer }),
    ...(isRich ? { isRich: true } : {}),
  };
}

/** False when the declaration's parameters were edited, so that old values fit it no more. */
function takesParams({ template }: DeclarationSpec, params: Params): boolean {
  return template.paramNames.toSorted().join() === Object.keys(params).toSorted().join();
}
