import type { Random } from "../random.ts";
import type { TenantAtWork } from "./tenant-at-work.ts";

/** The user whose turn it is, and chance. */
export interface Turn {
  readonly tenant: TenantAtWork;
  readonly userId: string;
  /** Somebody else in the tenant; the same one when there is nobody. */
  readonly colleagueId: string;
  readonly random: Random;
}

/** Where a change is made. */
export interface Workplace extends Turn {
  /** Path of the collection the user's things of this kind are in. */
  readonly home: string;
  /** Paths of what this traffic has made there, the latest last; an activity adds and removes. */
  readonly made: string[];
}

/** One thing people do. Answers whether something has changed. */
export type Activity = (workplace: Workplace) => Promise<boolean>;

/** What happens to one kind of thing, and how often each compared with the others. */
export interface TrafficKind {
  /** Finds the home of a user's things, or makes one; asked for once. `undefined` when there can be none. */
  readonly settle: (turn: Turn) => Promise<string | undefined>;
  readonly activities: Readonly<Record<string, { readonly weight: number; readonly run: Activity }>>;
}
