import type { Renewal } from "./reconcile-store.ts";

/** What a figure is to be, with a million subscriptions. */
export interface Aim {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly bound: number;
  readonly isMet: boolean;
}

/** Rounds of claiming what is due and writing it back. */
export interface RenewalFigures {
  readonly due: "some" | "all";
  readonly rounds: readonly Renewal[];
  /** Median of the rounds. */
  readonly perSecond: number;
  /** Microseconds of the processor for one, of all threads together: median of the rounds. */
  readonly cpuUs: number;
}

export interface ReconcileFigures {
  readonly subscriptions: number;
  /** Median. */
  readonly idleMs: number;
  readonly renewals: readonly RenewalFigures[];
  readonly fileBytes: number;
  /** Of the log, and of what is kept free for a full disk. They are as large for few rows. */
  readonly besideBytes: number;
  /** The most memory the process had of the machine, all threads together, at ten times the pace Graph allows. */
  readonly calmBytes: number;
}

const MILLION = 1_000_000;
const MB = 1e6;

/** With fewer subscriptions what the file would be with a million is reckoned; the other aims stay as they are. */
export function aimsOf(figures: ReconcileFigures): Aim[] {
  const { subscriptions, idleMs, renewals, fileBytes, besideBytes, calmBytes } = figures;
  const diskBytes = (fileBytes / subscriptions) * MILLION + besideBytes;
  return [
    atMost(1, { name: "idle pass", unit: "ms", value: idleMs }),
    ...renewals.map(({ due, perSecond }) =>
      atLeast(10_000, { name: `claimed and written back, ${due} due`, unit: "a second", value: perSecond }),
    ),
    atMost(400, { name: "on disk, a million", unit: "MB", value: diskBytes / MB }),
    atMost(256, { name: "memory", unit: "MB", value: calmBytes / MB }),
  ];
}

type Figure = Pick<Aim, "name" | "unit" | "value">;

function atMost(bound: number, figure: Figure): Aim {
  return { ...figure, bound, isMet: figure.value <= bound };
}

function atLeast(bound: number, figure: Figure): Aim {
  return { ...figure, bound, isMet: figure.value >= bound };
}
