import type { Random } from "../random.ts";
import type { TenantAtWork } from "./tenant-at-work.ts";

/** Where a change is made. */
export interface Workplace {
  readonly tenant: TenantAtWork;
  /** The user whose turn it is. */
  readonly userId: string;
  readonly random: Random;
  /** What this traffic has made for that user and kind, the latest last; an activity adds and removes. */
  readonly made: string[];
}

/** One thing people do. Answers whether something has changed. */
export type Activity = (workplace: Workplace) => Promise<boolean>;

/** What happens to one kind of thing, and how often each compared with the others. */
export interface TrafficKind {
  readonly activities: Readonly<Record<string, { readonly weight: number; readonly run: Activity }>>;
}
