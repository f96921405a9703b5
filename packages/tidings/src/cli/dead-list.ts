import type { AdminClient, Filter } from "./admin-client.ts";
import { count, print } from "./print.ts";
import { formatTable, formatTime } from "./table.ts";

/** Shows dead letters, the oldest first. */
export async function listDead(
  service: AdminClient,
  filter: Filter,
  { limit, isJson }: { readonly limit: number; readonly isJson: boolean },
): Promise<void> {
  const answer = await service.dead(filter, limit);
  await print(answer, isJson, () => {
    if (answer.dead.length === 0) return "no dead letters";
    const table = formatTable(
      ["ID", "DIED", "DECLARATION", "RESOURCE", "ATTEMPTS", "ERROR"],
      answer.dead.map((letter) => [
        letter.id,
        formatTime(letter.diedAt),
        letter.declaration === "" ? "(lifecycle)" : letter.declaration,
        letter.resourceKey ?? "",
        String(letter.attempts),
        letter.error,
      ]),
    );
    return answer.next === null
      ? table
      : `${table}\nThese are the first ${count(answer.dead.length, "dead letter")}; --limit shows more.`;
  });
}
