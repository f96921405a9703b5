import type { SubscriptionState } from "../admin/admin-app.ts";
import type { AdminClient, SubscriptionFilter } from "./admin-client.ts";
import { count, print } from "./print.ts";
import { formatDistance } from "./relative-time.ts";
import { formatTable, formatTime, MAX_SENTENCE_LENGTH } from "./table.ts";

export interface ListSubscriptionsOptions {
  readonly limit: number;
  readonly isJson: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Shows the subscriptions the service keeps. */
export async function listSubscriptions(
  service: AdminClient,
  filter: SubscriptionFilter,
  { limit, isJson, now }: ListSubscriptionsOptions,
): Promise<void> {
  const answer = await service.subscriptions(filter, limit);
  await print(answer, isJson, () => {
    if (answer.subscriptions.length === 0) return "no subscriptions";
    const table = formatTable(
      ["RESOURCE", "STATE", "EXPIRES", "HEARD", "NEXT", "ID", "TENANT", "NOTE"],
      answer.subscriptions.map((subscription) => [
        subscription.resource,
        subscription.state,
        formatDistance(subscription.expiresAt, now),
        formatDistance(subscription.heardAt, now),
        subscription.nextActionAt <= now ? "now" : formatDistance(subscription.nextActionAt, now),
        subscription.id ?? subscription.key,
        subscription.tenantId,
        noteOf(subscription),
      ]),
      MAX_SENTENCE_LENGTH,
    );
    return answer.next === null
      ? table
      : `${table}\nThese are the first ${count(answer.subscriptions.length, "subscription")}; --limit shows more, --state parked those that wait for a person.`;
  });
}

/** What it waits for, and what may be lost. */
function noteOf({ parked, failures, gap }: SubscriptionState): string {
  const notes: string[] = [];
  if (parked !== undefined) notes.push(`${parked.need}: ${parked.message}`);
  else if (failures > 0) notes.push(`failed ${count(failures, "time")}`);
  if (gap !== undefined) notes.push(`${gap.reason}, changes since ${formatTime(gap.since)} may be lost`);
  return notes.join("; ");
}
