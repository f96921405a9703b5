/** Which entries are wanted: those that fit all that is given. What a kind does not have, fits none of its entries. */
export interface LedgerFilter {
  readonly tenantId?: string | undefined;
  readonly subscriptionId?: string | undefined;
  /** Beginning of the endpoint's URL. */
  readonly url?: string | undefined;
  /** Beginning of the resource, for example `Users/{guid}`; in any case. */
  readonly resource?: string | undefined;
  readonly changeType?: string | undefined;
  /** States of notifications; one of them. */
  readonly states?: readonly string[] | undefined;
  /**
   * Changes nobody was or will be told of; notifications that never arrived and never will.
   * @default false
   */
  readonly untold?: boolean | undefined;
  /** Epoch milliseconds of the simulator's clock: from here on. */
  readonly since?: number | undefined;
  /** Epoch milliseconds of the simulator's clock: up to here, without it. */
  readonly until?: number | undefined;
}

/** A filter, and which part of what fits. */
export interface LedgerQuery extends LedgerFilter {
  /** `seq` of the last entry already seen. */
  readonly after?: number | undefined;
  /**
   * Most entries to answer, at least 1.
   * @default all
   */
  readonly limit?: number | undefined;
}

export interface LedgerPage<Entry> {
  readonly entries: readonly Entry[];
  /** `seq` to go on after, `null` when there is no more. */
  readonly next: number | null;
}

/** What a filter looks at in an entry; what its kind does not have is not there. */
export interface Facts {
  readonly at: number;
  readonly tenantId?: string;
  readonly subscriptionId?: string;
  readonly url?: string;
  readonly resource?: string;
  readonly changeType?: string;
  readonly state?: string;
  readonly isUntold?: boolean;
}

/** Picks the entries that fit, in their order. */
export function pickEntries<Entry extends { readonly seq: number }>(
  entries: Iterable<Entry>,
  factsOf: (entry: Entry) => Facts,
  { after = 0, limit = Number.POSITIVE_INFINITY, ...filter }: LedgerQuery,
): LedgerPage<Entry> {
  const picked: Entry[] = [];
  for (const entry of entries) {
    if (entry.seq <= after || !fits(factsOf(entry), filter)) continue;
    if (picked.length === limit) return { entries: picked, next: picked.at(-1)?.seq ?? null };
    picked.push(entry);
  }
  return { entries: picked, next: null };
}

function fits(facts: Facts, filter: LedgerFilter): boolean {
  return (
    equals(facts.tenantId, filter.tenantId?.toLowerCase()) &&
    equals(facts.subscriptionId, filter.subscriptionId?.toLowerCase()) &&
    equals(facts.changeType, filter.changeType) &&
    begins(facts.url, filter.url) &&
    begins(facts.resource, filter.resource) &&
    (filter.states === undefined || (facts.state !== undefined && filter.states.includes(facts.state))) &&
    (filter.untold !== true || facts.isUntold === true) &&
    (filter.since === undefined || facts.at >= filter.since) &&
    (filter.until === undefined || facts.at < filter.until)
  );
}

function equals(fact: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || fact === wanted;
}

function begins(fact: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || (fact ?? "").toLowerCase().startsWith(wanted.toLowerCase());
}
