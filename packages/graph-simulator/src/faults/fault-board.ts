import type { CancelAlarm, Clock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import type { Random } from "../random.ts";
import type {
  ActiveFault,
  Failure,
  Fault,
  FaultKind,
  NotificationSubject,
  ParsedFault,
  Service,
} from "./fault.ts";

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

type FaultOf<Kind extends FaultKind> = Extract<ActiveFault, { readonly kind: Kind }>;
type NotificationScope = Pick<FaultOf<"lose-notifications">, "of" | "url" | "subscriptionId">;
type RequestScope = Pick<FaultOf<"slow-requests">, "service" | "method" | "path">;

interface AnyNotification {
  readonly of: NotificationSubject;
  readonly url: string;
  readonly subscriptionId: string;
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
    const active: ActiveFault = { ...fault, id, startedAt: now, endsAt };
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

  fateOf(notification: AnyNotification): Fate {
    if (this.#active.size === 0) return { isLost: false, delaysMs: [0] };
    const concerns = (fault: NotificationScope): boolean =>
      (fault.of === "all" || fault.of === notification.of) &&
      (fault.url === undefined || notification.url.startsWith(fault.url)) &&
      (fault.subscriptionId === undefined || notification.subscriptionId === fault.subscriptionId);
    if (this.#hits("lose-notifications", concerns).length > 0) return { isLost: true, delaysMs: [0] };
    const delayMs =
      sum(this.#hits("delay-notifications", concerns).map((fault) => fault.delayMs)) +
      sum(this.#hits("reorder-notifications", concerns).map((fault) => this.#within(fault.withinMs)));
    const copies = this.#hits("duplicate-notifications", concerns).flatMap((fault) =>
      Array.from({ length: fault.copies }, () => delayMs + this.#within(fault.delayMs)),
    );
    return { isLost: false, delaysMs: [delayMs, ...copies] };
  }

  isCutOff(endpointUrl: string): boolean {
    return this.#hits("cut-off-endpoint", ({ url }) => endpointUrl.startsWith(url ?? "")).length > 0;
  }

  /** How a request fails, `undefined` when it does not. */
  failureOf(service: Service, request: AnyRequest): RequestFailure | undefined {
    return this.#hits("fail-requests", (fault) => isOf(service, request, fault))[0];
  }

  /** How much longer a request takes, in milliseconds. */
  slownessOf(service: Service, request: AnyRequest): number {
    const hits = this.#hits("slow-requests", (fault) => isOf(service, request, fault));
    return sum(hits.map((fault) => fault.delayMs));
  }

  /** The faults of a kind that concern this one case, each by its share. */
  #hits<Kind extends FaultKind>(
    kind: Kind,
    concerns: (fault: FaultOf<Kind>) => boolean,
  ): readonly FaultOf<Kind>[] {
    const found: FaultOf<Kind>[] = [];
    for (const { fault } of this.#active.values()) {
      if (!isKind(fault, kind) || !concerns(fault)) continue;
      if (fault.share >= 1 || this.#options.random.fraction() < fault.share) found.push(fault);
    }
    return found;
  }

  #within(ms: number): number {
    return Math.floor(this.#options.random.fraction() * ms);
  }
}

function isKind<Kind extends FaultKind>(fault: ActiveFault, kind: Kind): fault is FaultOf<Kind> {
  return fault.kind === kind;
}

function isOf(service: Service, request: AnyRequest, fault: RequestScope): boolean {
  return (
    fault.service === service &&
    (fault.method === undefined || fault.method === request.method) &&
    request.path.toLowerCase().startsWith(fault.path?.toLowerCase() ?? "")
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
