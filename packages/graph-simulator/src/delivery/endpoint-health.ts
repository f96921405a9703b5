import type { CancelAlarm, Clock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import {
  ENDPOINT_WINDOW_MS,
  nextEndpointState,
  SLOW_RESPONSE_MS,
  VERY_SLOW_RESPONSE_MS,
  type EndpointState,
  type EndpointStatus,
} from "./endpoint-state.ts";

/** guess: of the "small samples" that are sent to an endpoint in the state `drop`, one in how many. */
const SAMPLE_EVERY = 10;

export interface EndpointHealthOptions {
  readonly host: string;
  readonly clock: Clock;
  readonly events: EventFeed;
}

/**
 * How well one host answers, in windows of ten minutes.
 *
 * A window begins with the first response after the one before has ended. At its end the state for the next is decided;
 * in any state but `normal` the next begins at once, so that the endpoint can leave it.
 */
export class EndpointHealth {
  readonly #options: EndpointHealthOptions;
  #state: EndpointState = "normal";
  #since: number;
  /** There while a window is open. */
  #cancelWindow: CancelAlarm | undefined;
  #counts = { all: 0, slow: 0, verySlow: 0 };
  #droppedCount = 0;

  constructor(options: EndpointHealthOptions) {
    this.#options = options;
    this.#since = options.clock.now();
  }

  get state(): EndpointState {
    return this.#state;
  }

  get status(): EndpointStatus {
    return { host: this.#options.host, state: this.#state, since: this.#since };
  }

  /** A response, or the end of waiting for one. */
  record(durationMs: number): void {
    this.#counts.all += 1;
    if (durationMs > SLOW_RESPONSE_MS) this.#counts.slow += 1;
    if (durationMs > VERY_SLOW_RESPONSE_MS) this.#counts.verySlow += 1;
    if (!this.#cancelWindow) this.#watch();
  }

  /** Whether a new notification is dropped now: all but a sample in the state `drop`. */
  drops(): boolean {
    if (this.#state !== "drop") return false;
    this.#droppedCount += 1;
    return this.#droppedCount % SAMPLE_EVERY !== 0;
  }

  /** Decides nothing any more. */
  close(): void {
    this.#cancelWindow?.();
  }

  #watch(): void {
    const { clock } = this.#options;
    this.#cancelWindow = clock.at(clock.now() + ENDPOINT_WINDOW_MS, () => this.#decide());
  }

  #decide(): void {
    const { clock, events } = this.#options;
    const previous = this.#state;
    this.#state = nextEndpointState(this.#counts);
    this.#counts = { all: 0, slow: 0, verySlow: 0 };
    this.#cancelWindow = undefined;
    if (this.#state !== "normal") this.#watch();
    if (this.#state === previous) return;
    this.#since = clock.now();
    events.emit("endpoint:changed", { endpoint: this.status, previous });
  }
}
