/** Whether everything that was sent was handled, once each and in order. */
export interface ArrivalCheck {
  readonly handled: number;
  /** Sent and never handled. */
  readonly lost: number;
  /** Handled again. */
  readonly repeated: number;
  /** Handled after a later one of the same resource. */
  readonly misplaced: number;
}

/**
 * @param sent how many notifications were sent of each resource, by its place
 * @param arrived what was handled of each resource, in the order it was: the nth that was sent is the number n
 */
export function checkArrivals(
  sent: readonly number[],
  arrived: ReadonlyMap<number, readonly number[]>,
): ArrivalCheck {
  const perResource = sent.map((count, resource) => checkResource(count, arrived.get(resource) ?? []));
  const total = (field: keyof ArrivalCheck): number =>
    perResource.reduce((sum, check) => sum + check[field], 0);
  return {
    handled: total("handled"),
    lost: total("lost"),
    repeated: total("repeated"),
    misplaced: total("misplaced"),
  };
}

function checkResource(sent: number, arrived: readonly number[]): ArrivalCheck {
  const distinct = new Set(arrived);
  let latest = 0;
  let misplaced = 0;
  for (const count of arrived) {
    if (count < latest) misplaced += 1;
    latest = Math.max(latest, count);
  }
  const there = [...distinct].filter((count) => count >= 1 && count <= sent).length;
  return { handled: arrived.length, lost: sent - there, repeated: arrived.length - distinct.size, misplaced };
}
