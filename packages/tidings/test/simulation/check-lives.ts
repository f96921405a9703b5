/** What happened to a target, or to the world, at a moment: epoch milliseconds of Graph's clock. */
export type LifeEvent = { readonly at: number } & (
  | { readonly kind: "asked" | "wanted" | "unwanted"; readonly key: string }
  /** Created or renewed. */
  | { readonly kind: "granted"; readonly key: string; readonly id: string; readonly expiresAt: number }
  | {
      readonly kind: "ended";
      readonly key: string;
      readonly id: string;
      /** Its time ran out; we deleted it; Graph removed it. */
      readonly how: "expired" | "deleted" | "removed";
    }
  /** Graph sends a notification that it removed the last one. */
  | { readonly kind: "told"; readonly key: string }
  /** Whether a process of ours is up, and Graph and the login service answer it. */
  | { readonly kind: "reachable" | "unreachable" }
  /** Graph refused a request that was over a limit of its own. */
  | { readonly kind: "throttled"; readonly what: string }
);

export interface LifeViolation {
  readonly rule:
    /** Its time ran out although Graph could be reached within the margin. */
    | "lapse"
    /** Wanted, and there is none. */
    | "missing"
    /** More than one for one target. */
    | "double"
    /** Not wanted, and there is one. */
    | "leftover"
    /** A request over a limit of Graph's. */
    | "over the limit";
  /** Of the target, or what the request was. */
  readonly key: string;
  /** When it became one. */
  readonly at: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * How long Graph must have been reachable without a break before it is held against us that something is not as it is
 * wanted: to make, to replace, to remove. A retry comes within 15 min, and a herd of 10,000 is through in 3.
 */
export const RECOVERY_MS: number = 20 * MINUTE_MS;
/** The same after Graph removed one and tells of it: it tries every 30 min. */
export const REMOVAL_MS: number = 50 * MINUTE_MS;
/** For so long it tries. */
const TOLD_FOR_MS = 4 * HOUR_MS;
/** What Graph told nobody of must be found by the daily audit: in so much reachable time, breaks not counted. */
export const AUDIT_MS: number = 25 * HOUR_MS;

/**
 * When a subscription may be late to be renewed, at most: after half of a life of a day or less, after two thirds of a
 * longer one, and 10 % of that.
 */
function marginOf(lifeMs: number): number {
  const share = lifeMs <= 24 * HOUR_MS ? 1 / 2 : 2 / 3;
  return lifeMs * (1 - share * 1.1);
}

interface TargetRecord {
  want: "yes" | "no" | "either";
  readonly live: Map<string, { readonly grantedAt: number; readonly expiresAt: number }>;
  trouble: Trouble | undefined;
  /** Graph removed the last one without a word: who wants it again before anybody looked cannot know. */
  isRemovedSilently: boolean;
}

interface Trouble {
  readonly rule: "missing" | "double" | "leftover";
  readonly since: number;
  /** How we can know of it: by what we did, by a notification, or by looking. */
  known: "at once" | "told" | "by audit";
  /** Reachable time since, without that of the present stretch. */
  reachedMs: number;
  isBlamed: boolean;
}

/**
 * Proves that each target was subscribed to exactly once whenever it could be. Takes what happened in the order it
 * happened; what it takes for a violation depends on nothing else.
 */
export class LivesCheck {
  readonly violations: LifeViolation[] = [];
  /** How many ended for want of Graph or of a process. */
  explainedLapseCount = 0;
  readonly #targets = new Map<string, TargetRecord>();
  readonly #troubled = new Set<string>();
  /** Ended ones, in order. */
  readonly #stretches: { readonly from: number; readonly to: number }[] = [];
  #reachableSince: number | undefined;

  take(event: LifeEvent): void {
    switch (event.kind) {
      case "asked":
      case "wanted":
      case "unwanted":
        this.#recordOf(event.key).want = WANT[event.kind];
        return this.#judge(event.key, event.at);
      case "granted": {
        const { id, expiresAt } = event;
        const record = this.#recordOf(event.key);
        record.live.set(id, { grantedAt: event.at, expiresAt });
        record.isRemovedSilently = false;
        return this.#judge(event.key, event.at);
      }
      case "ended":
        return this.#end(event);
      case "told": {
        const record = this.#recordOf(event.key);
        const { trouble } = record;
        record.isRemovedSilently = false;
        if (trouble?.known === "by audit") trouble.known = "told";
        return;
      }
      case "reachable":
        this.#reachableSince ??= event.at;
        return;
      case "unreachable":
        this.#closeStretch(event.at);
        return;
      case "throttled":
        this.violations.push({ rule: "over the limit", key: event.what, at: event.at });
    }
  }

  /** Nothing comes any more. */
  end(at: number): readonly LifeViolation[] {
    this.#closeStretch(at);
    return this.violations;
  }

  #end({ key, id, how, at }: LifeEvent & { kind: "ended" }): void {
    const record = this.#recordOf(key);
    const ended = record.live.get(id);
    record.live.delete(id);
    if (how === "expired" && ended !== undefined && record.want === "yes" && record.live.size === 0) {
      if (this.#couldRenew(ended.grantedAt, at)) this.violations.push({ rule: "lapse", key, at });
      else this.explainedLapseCount += 1;
    }
    record.isRemovedSilently = how === "removed";
    this.#judge(key, at);
  }

  /** Whether Graph was reachable for long enough, once it was time to renew. */
  #couldRenew(grantedAt: number, expiredAt: number): boolean {
    const lifeMs = expiredAt - grantedAt;
    const from = expiredAt - marginOf(lifeMs);
    const enoughMs = Math.min(RECOVERY_MS, lifeMs / 8);
    const current = { from: this.#reachableSince ?? Infinity, to: expiredAt };
    if (lengthFrom(from, current) >= enoughMs) return true;
    for (let index = this.#stretches.length - 1; index >= 0; index -= 1) {
      const stretch = this.#stretches[index];
      if (stretch === undefined || stretch.to <= from) return false;
      if (lengthFrom(from, stretch) >= enoughMs) return true;
    }
    return false;
  }

  #judge(key: string, at: number): void {
    const record = this.#recordOf(key);
    const known = record.isRemovedSilently ? "by audit" : "at once";
    const rule = ruleBroken(record);
    if (record.trouble?.rule === rule) return;
    this.#blame(key, record, at);
    record.trouble = rule && { rule, since: at, known, reachedMs: 0, isBlamed: false };
    if (rule === undefined) this.#troubled.delete(key);
    else this.#troubled.add(key);
  }

  #closeStretch(at: number): void {
    if (this.#reachableSince === undefined) return;
    for (const key of this.#troubled) {
      const record = this.#recordOf(key);
      this.#blame(key, record, at);
      if (record.trouble !== undefined)
        record.trouble.reachedMs += at - Math.max(record.trouble.since, this.#reachableSince);
    }
    this.#stretches.push({ from: this.#reachableSince, to: at });
    this.#reachableSince = undefined;
  }

  /** Tells of a trouble that has lasted for too long by `at`, once. */
  #blame(key: string, { trouble }: TargetRecord, at: number): void {
    if (trouble === undefined || trouble.isBlamed || this.#reachableSince === undefined) return;
    const from = Math.max(trouble.since, this.#reachableSince);
    const graceMs = graceOf(trouble, from);
    if (at - from <= graceMs) return;
    trouble.isBlamed = true;
    this.violations.push({ rule: trouble.rule, key, at: from + graceMs });
  }

  #recordOf(key: string): TargetRecord {
    const record = this.#targets.get(key) ?? {
      want: "no",
      live: new Map(),
      trouble: undefined,
      isRemovedSilently: false,
    };
    this.#targets.set(key, record);
    return record;
  }
}

/** Proves a whole history at once. */
export function checkLives(history: readonly LifeEvent[]): readonly LifeViolation[] {
  const check = new LivesCheck();
  for (const event of history) check.take(event);
  return check.end(history.at(-1)?.at ?? 0);
}

const WANT = { asked: "either", wanted: "yes", unwanted: "no" } as const;

function ruleBroken({ want, live }: TargetRecord): Trouble["rule"] | undefined {
  if (live.size > 1) return "double";
  if (want === "yes" && live.size === 0) return "missing";
  return want === "no" && live.size === 1 ? "leftover" : undefined;
}

function graceOf({ known, since, reachedMs }: Trouble, reachableFrom: number): number {
  if (known === "at once") return RECOVERY_MS;
  if (known === "told" && reachableFrom - since < TOLD_FOR_MS) return REMOVAL_MS;
  return AUDIT_MS - reachedMs;
}

function lengthFrom(from: number, stretch: { readonly from: number; readonly to: number }): number {
  return stretch.to - Math.max(from, stretch.from);
}
