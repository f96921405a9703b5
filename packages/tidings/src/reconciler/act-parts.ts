import type { Report } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { GraphApi } from "../core/ports/graph-api.ts";
import type { Keyring } from "../core/ports/keyring.ts";
import type { SubscriptionGoal } from "../core/subscription-goal.ts";
import type { SubscriptionRow, SubscriptionTarget } from "../core/subscription.ts";
import type { Ceilings } from "./ceilings.ts";
import type { OwnCertificate } from "./own-certificate.ts";
import type { RemoteLists } from "./remote-lists.ts";
import type { SubscriptionRows } from "./subscription-rows.ts";

export interface ActParts {
  readonly graph: GraphApi;
  readonly rows: SubscriptionRows;
  readonly lists: RemoteLists;
  readonly ceilings: Ceilings;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly report: Report;
  readonly certificate: OwnCertificate;
  /** What a row should have at Graph. */
  readonly goalOf: (row: SubscriptionRow) => SubscriptionGoal;
  /** Key of the row that Graph takes no subscription of beside this one's; undefined where it takes both. */
  readonly rivalKeyOf: (target: SubscriptionTarget) => string | undefined;
}
