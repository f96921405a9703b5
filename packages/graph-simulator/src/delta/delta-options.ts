/** How delta queries behave. Ratios are of 1: 0 is never, 0.5 every second time on average. */
export interface DeltaSettings {
  /** How long after a change delta queries begin to show it, in milliseconds of the simulator's clock. */
  readonly lagMs: number;
  /** How long tokens of users and groups are good, in milliseconds of the simulator's clock. */
  readonly directoryTokenLifeMs: number;
  /** Status of the refusal of a directory token whose time is over. */
  readonly directoryTokenEndStatus: 400 | 410;
  /** How many of its newest tokens a mailbox keeps. */
  readonly outlookTokenCapacity: number;
  /** Share of pages that are empty but for a link to the next. */
  readonly emptyPageRatio: number;
  /** Share of items that are told twice on their page. */
  readonly repeatRatio: number;
  /** Share of rounds that tell again what the round before told. */
  readonly replayRatio: number;
}

/** @see {@link DeltaSettings}; everything has a default */
export interface DeltaOptions {
  /**
   * How long after a change delta queries begin to show it, in milliseconds of the simulator's clock: an item can be
   * told by a notification before it shows.
   * @default 0
   */
  readonly lagMs?: number | undefined;
  /**
   * How long tokens of users and groups are good, in milliseconds of the simulator's clock.
   * @default 7 days, as documented
   */
  readonly directoryTokenLifeMs?: number | undefined;
  /**
   * Status of the refusal of a directory token whose time is over; the documentation says only 40X.
   * @default 400
   */
  readonly directoryTokenEndStatus?: 400 | 410 | undefined;
  /**
   * How many of its newest tokens a mailbox keeps, at least 1. Documented is that older ones are dropped when there
   * are too many, not how many those are.
   * @default 1000
   */
  readonly outlookTokenCapacity?: number | undefined;
  /**
   * Share of pages that are empty but for a link to the next, from 0 to less than 1.
   * @default 0
   */
  readonly emptyPageRatio?: number | undefined;
  /**
   * Share of items that are told twice on their page, from 0 to less than 1.
   * @default 0
   */
  readonly repeatRatio?: number | undefined;
  /**
   * Share of rounds that tell again what the round before told, from 0 to less than 1.
   * @default 0
   */
  readonly replayRatio?: number | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** @throws RangeError when a number is out of its range */
export function resolveDelta(options: DeltaOptions): DeltaSettings {
  return {
    lagMs: within("lagMs", options.lagMs ?? 0, { least: 0 }),
    directoryTokenLifeMs: within("directoryTokenLifeMs", options.directoryTokenLifeMs ?? 7 * DAY_MS, {
      least: 0,
    }),
    directoryTokenEndStatus: options.directoryTokenEndStatus ?? 400,
    outlookTokenCapacity: within("outlookTokenCapacity", options.outlookTokenCapacity ?? 1_000, { least: 1 }),
    emptyPageRatio: ratio("emptyPageRatio", options.emptyPageRatio),
    repeatRatio: ratio("repeatRatio", options.repeatRatio),
    replayRatio: ratio("replayRatio", options.replayRatio),
  };
}

function ratio(name: string, value: number | undefined): number {
  return within(name, value ?? 0, { least: 0, below: 1 });
}

function within(name: string, value: number, { least, below }: { least: number; below?: number }): number {
  if (Number.isFinite(value) && value >= least && (below === undefined || value < below)) return value;
  const range = below === undefined ? `>= ${least}` : `>= ${least} and < ${below}`;
  throw new RangeError(`Expected \`delta.${name}\` to be a number ${range}, got ${value}`);
}
