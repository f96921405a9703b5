/** Where the meter is: to be given to `node --import`. */
export const METER = new URL("./thread-meter.ts", import.meta.url);

/** What one thread of a process did while it was metered. */
export interface ThreadUsage {
  /** `main`, or the name of the file it runs. */
  readonly thread: string;
  readonly cpuMs: number;
  /** How much later than asked its timers fired, at the 99th percentile. */
  readonly delayP99Ms: number;
}

export interface ProcessUsage {
  readonly elapsedMs: number;
  /** Of all its threads, also those that run no JavaScript. */
  readonly cpuMs: number;
  /** Memory it has of the machine, all threads together, when metering ended. */
  readonly residentBytes: number;
  readonly threads: readonly ThreadUsage[];
}

/** What every metered process can be asked beside what it is for. */
export type MeterFace = {
  beginMetering: (argument: undefined) => void;
  endMetering: (argument: undefined) => Promise<ProcessUsage>;
};
