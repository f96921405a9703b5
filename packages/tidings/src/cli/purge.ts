import { isGuid } from "../core/guid.ts";
import type { AdminClient } from "./admin-client.ts";
import { CliError } from "./errors.ts";
import { count, print } from "./print.ts";

/** @throws CliError when it is no tenant, or when nobody said that it is meant */
export function assertTenantPurgeIsMeant(tenantId: string, isMeant: boolean): void {
  if (!isGuid(tenantId))
    throw new CliError(`expected the GUID of a tenant, got ${tenantId}`, "Give --tenant <guid>.");
  if (isMeant) return;
  throw new CliError(
    `everything held of the tenant ${tenantId} would be thrown away, and its subscriptions ended`,
    "Say --yes if that is meant.",
  );
}

/** Ends a tenant's subscriptions and throws away what is held of it. */
export async function purgeTenant(service: AdminClient, tenantId: string, isJson: boolean): Promise<void> {
  const answer = await service.purgeTenant(tenantId);
  const { subscriptions, waiting, dead, history } = answer;
  await print(
    answer,
    isJson,
    () =>
      `${count(subscriptions, "subscription")} ended; ${count(waiting + dead + history, "change")} thrown away: ${waiting} waiting, ${dead} dead, ${history} finished`,
  );
}
