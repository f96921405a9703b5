import { isJsonObject } from "../../core/json.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { GraphClient } from "../../graph/graph-client.ts";

/** Time between two changes. */
const PACE_MS = 400;

const SUBJECTS = [
  "Quarterly figures",
  "Lunch on Thursday?",
  "Your invoice",
  "Minutes of the meeting",
  "Welcome aboard",
];
const TITLES = ["Engineer", "Designer", "Accountant", "Team lead"];

/** Ids of the tenant's users. */
export async function listUserIds(tenant: GraphClient): Promise<string[]> {
  const users = await Array.fromAsync(tenant.pages("users"));
  return users.map((user) => idOf(user));
}

/**
 * Makes a change every {@link PACE_MS}, in turn: mail arrives, is read and is deleted, people change their title.
 * Ends when `signal` aborts; rejects when the tenant refuses.
 */
export async function makeTraffic(
  tenant: GraphClient,
  userIds: readonly string[],
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  for (let round = 0; !signal.aborted; round += 1) {
    const userId = pick(userIds, round);
    const subject = pick(SUBJECTS, round);
    const message = idOf(await tenant.request("POST", `users/${userId}/messages`, { body: { subject } }));
    const steps = [
      async () => tenant.request("PATCH", `users/${userId}/messages/${message}`, { body: { isRead: true } }),
      async () => tenant.request("PATCH", `users/${userId}`, { body: { jobTitle: pick(TITLES, round) } }),
      async () => tenant.request("DELETE", `users/${userId}/messages/${message}`),
    ];
    for (const step of steps) {
      await clock.sleep(PACE_MS, signal);
      if (signal.aborted) return;
      await step();
    }
    await clock.sleep(PACE_MS, signal);
  }
}

function pick<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError("Expected a list of one or more, got an empty one");
  return item;
}

function idOf(entity: unknown): string {
  const { id } = isJsonObject(entity) ? entity : {};
  if (typeof id !== "string")
    throw new TypeError("Expected the simulated Graph to answer with an entity, got no id");
  return id;
}
