import type { Clock } from "../core/ports/clock.ts";
import type { AdminApp } from "./admin-app.ts";
import type { ToldEvent } from "./answers.ts";
import { EVENT_NAMES, toToldEvent } from "./told-event.ts";

/** A proxy, or a laptop that slept, shows by this that the line is alive. */
export const HEARTBEAT_MS = 15_000;

/** What may wait for one reader. A reader further behind is dropped: the app waits for nobody. */
export const MAX_WAITING_BYTES: number = 256 * 1024;

/** Events of an app from now on, as server-sent events. */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #ended = new AbortController();

  /** @param onEnd called once, when the reader has gone or was dropped */
  constructor({ events }: Pick<AdminApp, "events">, clock: Clock, onEnd: () => void) {
    this.#ended.signal.addEventListener("abort", onEnd);
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#send(controller, ": the events of this app from now on\n\n");
          for (const name of EVENT_NAMES) {
            const stop = events.on(name, (event) =>
              this.#send(controller, frame(toToldEvent(name, event, clock.now()))),
            );
            this.#ended.signal.addEventListener("abort", stop);
          }
          void this.#beat(controller, clock);
        },
        cancel: () => this.#ended.abort(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_WAITING_BYTES }),
    );
  }

  #send(controller: ReadableStreamDefaultController<Uint8Array>, text: string): void {
    if (this.#ended.signal.aborted) return;
    const bytes = this.#encoder.encode(text);
    if ((controller.desiredSize ?? 0) >= bytes.byteLength) {
      controller.enqueue(bytes);
      return;
    }
    this.#ended.abort();
    // What waits for the reader is given up with it.
    controller.error(new Error("The reader of the events was too slow, and is dropped"));
  }

  async #beat(controller: ReadableStreamDefaultController<Uint8Array>, clock: Clock): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      await clock.sleep(HEARTBEAT_MS, signal);
      this.#send(controller, ": still here\n\n");
    }
  }
}

/** Line ends in JSON are escaped, so one event is one line of data. */
function frame(told: ToldEvent): string {
  return `event: ${told.name}\ndata: ${JSON.stringify(told)}\n\n`;
}
