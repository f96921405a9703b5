import type { World } from "./world.ts";

/**
 * Pairs of one resource of which the first was answered 202 before the second was sent at all, and yet was handled
 * after it. (What was stored and killed before its answer may be handled long before it is answered.)
 */
export function outOfOrder({ simulator }: World, place: ReadonlyMap<string, number>): string[] {
  const { attempts, notifications } = simulator.ledger;
  const sentAt = new Map<string, number>();
  const answeredAt = new Map<string, number>();
  for (const { notificationIds, startedAt, durationMs, outcome } of attempts) {
    const isAccepted = outcome.kind === "answered" && outcome.status === 202;
    for (const id of notificationIds) {
      sentAt.set(id, Math.min(sentAt.get(id) ?? Infinity, startedAt));
      if (isAccepted && !answeredAt.has(id)) answeredAt.set(id, startedAt + durationMs);
    }
  }
  const handledBefore = (id: string, other: string): boolean =>
    Number(place.get(id)) < Number(place.get(other));
  return [...Map.groupBy(notifications, ({ resource }) => resource).values()].flatMap((ofOne) =>
    ofOne.flatMap(({ id: first }) =>
      ofOne
        .filter(({ id: second }) => Number(answeredAt.get(first)) < Number(sentAt.get(second)))
        .filter(({ id: second }) => handledBefore(second, first))
        .map(({ id: second }) => `${second} came before ${first}`),
    ),
  );
}
