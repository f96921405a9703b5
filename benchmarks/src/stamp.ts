/** What a notification of a run carries in its `resourceData`, so that its handler can tell how it travelled. */
export interface Stamp extends Handling {
  /** Which of the streams that were sent to the app. */
  readonly stream: number;
  /** The resource, by place in the list of resources. */
  readonly resource: number;
  /** Which notification of its resource, from 1 up. */
  readonly count: number;
  /** When it should have been sent, and when it was: on the clock of {@link now}. */
  readonly dueAt: number;
  readonly sentAt: number;
}

/** An error of its own, or `RetryAfter`: one that throws nothing else never pauses itself. */
const THROWS = ["nothing", "error", "retry after"] as const;

/** What a handler is to do with a notification. */
export interface Handling {
  /** 0 to return at once. */
  readonly takesMs: number;
  readonly throws: (typeof THROWS)[number];
}

/** Epoch milliseconds with a fraction: the same clock in every process of a machine. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** @returns undefined for a notification without a stamp */
export function fromStamp(notification: Readonly<Record<string, unknown>>): Stamp | undefined {
  const { stamp }: { stamp?: unknown } = Object(notification["resourceData"]);
  if (!Array.isArray(stamp)) return undefined;
  const [stream = 0, resource = 0, count = 0, dueAt = 0, sentAt = 0, ...handling] = stamp.map(Number);
  const [takesMs = 0, throws = 0] = handling;
  return { stream, resource, count, dueAt, sentAt, takesMs, throws: THROWS[throws] ?? "nothing" };
}

/** For `resourceData`. */
export function toStamp(stamp: Stamp): { stamp: readonly number[] } {
  const { stream, resource, count, dueAt, sentAt, takesMs, throws } = stamp;
  return { stamp: [stream, resource, count, dueAt, sentAt, takesMs, THROWS.indexOf(throws)] };
}
