import type { AdminClient, Filter } from "./admin-client.ts";
import { count, print } from "./print.ts";

/** Lets the service call its handlers again for changes they have finished. */
export async function replayChanges(
  service: AdminClient,
  { declaration, resource, since }: Filter,
  isJson: boolean,
): Promise<void> {
  const answer = await service.replay({ declaration, resource, since });
  await print(answer, isJson, () => `${count(answer.count, "change")} replayed, as run ${answer.runId}`);
}
