/** What a notification of a run carries in its `resourceData`, so that its handler can tell how it travelled. */
export interface Stamp {
  /** The resource, by place in the list of resources. */
  readonly resource: number;
  /** Which notification of its resource, from 1 up. */
  readonly count: number;
  /** When it should have been sent, and when it was: on the clock of {@link now}. */
  readonly dueAt: number;
  readonly sentAt: number;
}

/** Epoch milliseconds with a fraction: the same clock in every process of a machine. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** @returns undefined for a notification without a stamp */
export function fromStamp(notification: Readonly<Record<string, unknown>>): Stamp | undefined {
  const { stamp }: { stamp?: unknown } = Object(notification["resourceData"]);
  if (!Array.isArray(stamp)) return undefined;
  const [resource = 0, count = 0, dueAt = 0, sentAt = 0] = stamp.map(Number);
  return { resource, count, dueAt, sentAt };
}

/** For `resourceData`. */
export function toStamp({ resource, count, dueAt, sentAt }: Stamp): { stamp: readonly number[] } {
  return { stamp: [resource, count, dueAt, sentAt] };
}
