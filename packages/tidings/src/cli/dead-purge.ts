import type { AdminClient, Filter } from "./admin-client.ts";
import { CliError } from "./errors.ts";
import { count, print } from "./print.ts";

/** @throws CliError when everything would go, and nobody said so; or when it is said and a filter, too */
export function assertPurgeIsMeant(filter: Filter, isAll: boolean): void {
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  if (isFiltered && isAll) {
    throw new CliError("--all and a filter do not go together", "Leave one of them out.");
  }
  if (!isFiltered && !isAll) {
    throw new CliError(
      "without a filter, every dead letter would be thrown away",
      "Give --declaration, --resource, --since or --id, or say --all.",
    );
  }
}

/** Throws dead letters away. */
export async function purgeDead(
  service: AdminClient,
  filter: Filter,
  { isAll, isJson }: { readonly isAll: boolean; readonly isJson: boolean },
): Promise<void> {
  const answer = await service.purge(isAll ? { all: true } : filter);
  await print(answer, isJson, () => `${count(answer.purged, "dead letter")} purged`);
}
