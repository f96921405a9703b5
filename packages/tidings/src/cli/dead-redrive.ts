import type { AdminClient, Filter } from "./admin-client.ts";
import { count, print } from "./print.ts";

/** Puts dead letters into the inbox again, with all their attempts. */
export async function redriveDead(service: AdminClient, filter: Filter, isJson: boolean): Promise<void> {
  const answer = await service.redrive(filter);
  await print(answer, isJson, () => `${count(answer.redriven, "dead letter")} redriven`);
}
