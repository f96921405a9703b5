/** Something to be done when the clock reaches `at`. */
export interface Alarm {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Counts up: alarms of the same instant ring in the order they were set. */
  readonly order: number;
  readonly ring: () => void;
  isCancelled: boolean;
}

/**
 * Alarms, the earliest on top: a binary heap.
 *
 * A cancelled alarm stays until it comes to the top; taking it out of the middle would cost more than skipping it there.
 */
export class AlarmHeap {
  readonly #alarms: Alarm[] = [];

  /** The earliest that is not cancelled. */
  peek(): Alarm | undefined {
    while (this.#alarms[0]?.isCancelled) this.#removeTop();
    return this.#alarms[0];
  }

  push(alarm: Alarm): void {
    const alarms = this.#alarms;
    let index = alarms.push(alarm) - 1;
    while (index > 0) {
      const parentIndex = (index - 1) >>> 1;
      const parent = alarms[parentIndex];
      if (!parent || isBefore(parent, alarm)) break;
      alarms[index] = parent;
      index = parentIndex;
    }
    alarms[index] = alarm;
  }

  /** Takes the earliest that is not cancelled. */
  pop(): Alarm | undefined {
    const top = this.peek();
    if (top) this.#removeTop();
    return top;
  }

  clear(): void {
    this.#alarms.length = 0;
  }

  #removeTop(): void {
    const alarms = this.#alarms;
    const last = alarms.pop();
    if (!last || alarms.length === 0) return;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      const left = alarms[childIndex];
      const right = alarms[childIndex + 1];
      let child = left;
      if (left && right && isBefore(right, left)) {
        child = right;
        childIndex += 1;
      }
      if (!child || isBefore(last, child)) break;
      alarms[index] = child;
      index = childIndex;
    }
    alarms[index] = last;
  }
}

function isBefore(one: Alarm, other: Alarm): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
