import type { Report } from "../core/events.ts";
import type { SubscriptionUrls } from "../core/mark.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { GraphApi } from "../core/ports/graph-api.ts";
import type { Keyring } from "../core/ports/keyring.ts";
import type { SubscriptionRow } from "../core/subscription.ts";
import type { Ceilings } from "./ceilings.ts";
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
  /** URLs a row should have at Graph. */
  readonly urlsOf: (row: SubscriptionRow) => SubscriptionUrls;
}
