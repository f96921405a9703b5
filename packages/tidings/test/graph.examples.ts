/** What docs/graph.md shows: each of its examples stands here word for word, between its marks, and is run by a test. */
import { createGraphClient, type Graph } from "tidings/graph";

type Credential = Parameters<typeof createGraphClient>[0]["credential"];

export function createClients(credential: Credential): Graph[] {
  // example: create
  const graph = createGraphClient({ credential });

  const businessCentral = createGraphClient({
    credential,
    scope: "https://api.businesscentral.dynamics.com/.default",
    baseUrl: "https://api.businesscentral.dynamics.com/v2.0/production/api/v2.0",
  });
  // end
  return [graph, businessCentral];
}

export async function readAndWrite(graph: Graph, tenantId: string, userId: string): Promise<unknown> {
  // example: read-and-write
  const user = await graph.get(`users/${userId}?$select=displayName`, { tenantId });
  if (user === undefined) return "gone";

  await graph.request("PATCH", `users/${userId}`, { tenantId, body: { jobTitle: "Engineer" } });
  // end
  return user;
}

export async function readPages(graph: Graph): Promise<unknown[]> {
  const users: unknown[] = [];
  // example: pages
  for await (const user of graph.pages("users?$select=id,displayName")) users.push(user);
  // end
  return users;
}

export async function readTogether(graph: Graph, userId: string, ids: readonly string[]): Promise<unknown[]> {
  const messages: unknown[] = [];
  // example: batch
  const results = await graph.batch(ids.map((id) => ({ path: `users/${userId}/messages/${id}` })));
  for (const result of results) {
    if (result.kind === "done") messages.push(result.body);
    else messages.push(result.error.message);
  }
  // end
  return messages;
}

export async function followChanges(
  graph: Graph,
  keep: { cursor: string | undefined; save(items: readonly unknown[], cursor: string): Promise<void> },
): Promise<void> {
  // example: delta
  let cursor: string | undefined = keep.cursor ?? "users/delta?$select=displayName";
  while (cursor !== undefined) {
    const from: string = cursor;
    cursor = undefined;
    for await (const step of graph.delta(from)) {
      // Graph has forgotten where we were: read everything anew.
      if (step.kind === "resync") cursor = step.cursor ?? "users/delta?$select=displayName";
      // The items and the cursor belong into one transaction.
      else await keep.save(step.items, step.cursor);
    }
  }
  // end
}
