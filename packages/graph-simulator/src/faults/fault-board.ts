import type { CancelAlarm, Clock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import type { Random } from "../random.ts";
import type { ActiveFault, Failure, Fault, FaultKind, ParsedFault, Service } from "./fault.ts";

/** What becomes of one notification on its way. */
export interface Fate {
  readonly isLost: boolean;
  /** How much later each of its copies is sent, in milliseconds: one for each, at least one. */
  readonly delaysMs: readonly [number, ...number[]];
}

/** How a request fails. */
export interface RequestFailure {
  readonly how: Failure;
  readonly retryAfterMs: number | undefined;
}

/** The faults as a test steers them. */
export interface SimulatorFaults {
  /** @throws ShapeError when it is no fault */
  start(fault: Fault): ActiveFault;
  /** Whether there was such a fault. */
  stop(id: string): boolean;
  list(): readonly ActiveFault[];
  clear(): void;
}

interface AnyRequest {
  readonly method: string;
  readonly path: string;
}

export interface FaultBoardOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventFeed;
}

/** The faults that go on, and what they do to each notification and request. */
export class FaultBoard {
  readonly #options: FaultBoardOptions;
  readonly #active = new Map<string, { fault: ActiveFault; cancelEnd: CancelAlarm }>();
  #startedCount = 0;

  constructor(options: FaultBoardOptions) {
    this.#options = options;
  }

  start(fault: ParsedFault): ActiveFault {
    const { clock, events } = this.#options;
    const now = clock.now();
    const id = `fault-${++this.#startedCount}`;
    const endsAt = fault.forMs === null ? null : now + fault.forMs;
    const active: ActiveFault = { id, startedAt: now, endsAt, ...fault };
    const cancelEnd = endsAt === null ? () => undefined : clock.at(endsAt, () => this.stop(id));
    this.#active.set(id, { fault: active, cancelEnd });
    events.emit("fault:started", { fault: active });
    return active;
  }

  /** Whether there was such a fault. */
  stop(id: string): boolean {
    const active = this.#active.get(id);
    if (!active) return false;
    active.cancelEnd();
    this.#active.delete(id);
    this.#options.events.emit("fault:ended", { fault: active.fault });
    return true;
  }

  list(): readonly ActiveFault[] {
    return [...this.#active.values()].map(({ fault }) => fault);
  }

  clear(): void {
    for (const id of this.#active.keys()) this.stop(id);
  }

  fateOf(notification: { readonly url: string; readonly subscriptionId: string }): Fate {
    const hits = (kind: FaultKind): readonly ActiveFault[] =>
      this.#hits(
        kind,
        ({ url, subscriptionId }) =>
          (url === undefined || notification.url.startsWith(url)) &&
          (subscriptionId === undefined || notification.subscriptionId === subscriptionId),
      );
    if (this.#active.size === 0) return { isLost: false, delaysMs: [0] };
    if (hits("lose-notifications").length > 0) return { isLost: true, delaysMs: [0] };
    const delayMs =
      sum(hits("delay-notifications").map((fault) => fault.delayMs ?? 0)) +
      sum(hits("reorder-notifications").map((fault) => this.#within(fault)));
    const copies = hits("duplicate-notifications").flatMap((fault) =>
      Array.from({ length: fault.copies ?? 1 }, () => delayMs + this.#within(fault)),
    );
    return { isLost: false, delaysMs: [delayMs, ...copies] };
  }

  isCutOff(endpointUrl: string): boolean {
    return (
      this.#hits("cut-off-endpoint", ({ url }) => url === undefined || endpointUrl.startsWith(url)).length > 0
    );
  }

  /** How a request fails, `undefined` when it does not. */
  failureOf(service: Service, request: AnyRequest): RequestFailure | undefined {
    const [failing] = this.#requestHits("fail-requests", service, request);
    return failing?.how === undefined ? undefined : { how: failing.how, retryAfterMs: failing.retryAfterMs };
  }

  /** How much longer a request takes, in milliseconds. */
  slownessOf(service: Service, request: AnyRequest): number {
    return sum(this.#requestHits("slow-requests", service, request).map((fault) => fault.delayMs ?? 0));
  }

  #requestHits(kind: FaultKind, service: Service, request: AnyRequest): readonly ActiveFault[] {
    const path = request.path.toLowerCase();
    return this.#hits(
      kind,
      (fault) =>
        fault.service === service &&
        (fault.method === undefined || fault.method === request.method) &&
        (fault.path === undefined || path.startsWith(fault.path.toLowerCase())),
    );
  }

  /** The faults of a kind that concern this one case, each by its share. */
  #hits(kind: FaultKind, concerns: (fault: ActiveFault) => boolean): readonly ActiveFault[] {
    const found: ActiveFault[] = [];
    for (const { fault } of this.#active.values()) {
      if (fault.kind !== kind || !concerns(fault)) continue;
      if (fault.share >= 1 || this.#options.random.fraction() < fault.share) found.push(fault);
    }
    return found;
  }

  #within(fault: ActiveFault): number {
    return Math.floor(this.#options.random.fraction() * (fault.delayMs ?? 0));
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
