import assert from "node:assert/strict";
import type { DeadLetter, InboxItem, InboxRow, Settlement } from "../../core/inbox.ts";
import { laneOf } from "../../core/lane.ts";
import type { LetterQuery, Store } from "../../core/ports/store.ts";

/** What a case needs of the store under test. */
export interface StoreBench {
  /** Opens a store with nothing in it. */
  empty(): Promise<Store>;
  /** Closes a store and opens it again, as a restart does. */
  reopen(store: Store): Promise<Store>;
}

/** One thing every store must do. Run it under any test runner; it rejects when the store does not. */
export interface StoreCase {
  readonly name: string;
  /** Needs a store that outlives the process. */
  readonly isDurable?: true;
  run(bench: StoreBench): Promise<void>;
}

export const DECLARATION = "users";

/** No row has a greater number. */
export const LAST_SEQ: number = Number.MAX_SAFE_INTEGER;

/** An item about `users/<user>`. */
export function itemOf(user: string, changes: Partial<InboxItem> = {}): InboxItem {
  const { declaration = DECLARATION, subscriptionKey = "subscription-key" } = changes;
  return {
    declaration,
    subscriptionKey,
    lane: laneOf({ declaration, subscriptionKey, resourceKey: `users/${user}` }),
    identity: undefined,
    body: { raw: { id: "n1", nested: { list: [1, "zwei", null, true] } }, params: { userId: user } },
    receivedAt: 1_000,
    source: "webhook",
    tokensKey: undefined,
    ...changes,
  };
}

/** A store that has accepted an item about each user, and their rows. */
export async function storeWith(
  bench: StoreBench,
  ...users: string[]
): Promise<{ store: Store; rows: InboxRow[] }> {
  const store = await bench.empty();
  await store.append(users.map((user) => itemOf(user)));
  return { store, rows: await inboxOf(store) };
}

/** All of a declaration that no parked lane holds. */
export async function inboxOf(store: Store, declaration: string = DECLARATION): Promise<InboxRow[]> {
  const { rows } = await store.scan({ declaration, after: 0, limit: 1_000 });
  return [...rows];
}

/** All dead letters, or those of a query. */
export async function lettersOf(
  store: Store,
  query: LetterQuery = { limit: 1_000 },
): Promise<readonly DeadLetter[]> {
  return (await store.listDead(query)).letters;
}

/** Writes outcomes under a lease of their own. */
export async function settle(
  store: Store,
  settlements: readonly Settlement[],
  options: { keepHistory?: boolean } = {},
): Promise<void> {
  const lease = await store.lease();
  assert.ok(lease);
  await store.settle(settlements, lease, options);
  await store.release(lease);
}

export function usersOf(rows: readonly InboxRow[]): (string | undefined)[] {
  return rows.map(({ body }) => body.params["userId"]);
}

export function done({ seq }: InboxRow, endedAt = 2_000): Settlement {
  return { kind: "done", seq, endedAt };
}

export function retry(
  { seq, declaration, lane }: InboxRow,
  until: number,
  failures = 1,
  endedAt = 0,
): Settlement {
  return { kind: "retry", seq, declaration, lane, failures, endedAt, until };
}

export function dead({ seq }: InboxRow, changes: { endedAt?: number; failures?: number } = {}): Settlement {
  const { endedAt = 3_000, failures = 1 } = changes;
  return { kind: "dead", seq, failures, endedAt, error: "Error: no" };
}
