import type { AdminClient } from "./admin-client.ts";
import { print } from "./print.ts";
import { formatTable, formatTime } from "./table.ts";

/** Shows the subscriptions the service keeps. */
export async function listSubscriptions(service: AdminClient, isJson: boolean): Promise<void> {
  const answer = await service.subscriptions();
  await print(answer, isJson, () => {
    if (answer.subscriptions.length === 0) return "no subscriptions";
    return formatTable(
      ["RESOURCE", "TENANT", "ID", "EXPIRES", "CHANGES", "DECLARATIONS", "FAILURES"],
      answer.subscriptions.map((subscription) => [
        subscription.resource,
        subscription.tenantId,
        subscription.id ?? "not made yet",
        formatTime(subscription.expiresAt),
        subscription.changeTypes.join(","),
        subscription.declarations.join(","),
        String(subscription.failures),
      ]),
    );
  });
}
