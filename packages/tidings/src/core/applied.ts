export interface ApplyProgress {
  readonly done: number;
  /** What there was to do. */
  readonly total: number;
}

/** What became of each desired subscription: how many. */
export interface Applied {
  readonly created: number;
  /** Found at Graph, and taken over: an earlier process made them. */
  readonly adopted: number;
  readonly renewed: number;
  readonly replaced: number;
  readonly removed: number;
  /** There was nothing to do. */
  readonly kept: number;
  /** Tried again by an app that runs. */
  readonly failed: number;
  /** Graph takes them only after a person has done something. */
  readonly parked: number;
  /** Not come to before `signal` aborted. */
  readonly left: number;
  /** Why some failed or are parked: the first hundred. */
  readonly problems: readonly ApplyProblem[];
}

export interface ApplyProblem {
  readonly key: string;
  readonly tenantId: string;
  readonly resource: string;
  readonly kind: "failed" | "parked";
  readonly message: string;
}
