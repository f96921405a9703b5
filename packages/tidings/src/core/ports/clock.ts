/** Time as the library sees it. Tests and `tidings dev` move it; nothing in the library reads the machine's clock directly. */
export interface Clock {
  /** The present, epoch milliseconds. */
  now(): number;
  /** Resolves after `ms` of this clock's time, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
