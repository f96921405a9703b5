import { EventEmitter } from "node:events";
import type { Told, TidingsEventName, TidingsEvents } from "../core/events.ts";

export type TidingsListener<Name extends TidingsEventName> = (event: TidingsEvents[Name]) => void;

/** Typed events. A listener that throws disturbs nobody. */
export class EventFeed {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  /** @returns a function that ends the listening */
  on<Name extends TidingsEventName>(name: Name, listener: TidingsListener<Name>): () => void {
    const guarded = (event: TidingsEvents[Name]): void => {
      // A listener may be an async function all the same; what it rejects with must not end the process.
      invoke(listener, event).catch((error: unknown) => {
        if (name !== "internal:error") this.emit("internal:error", { where: `listener of ${name}`, error });
      });
    };
    this.#emitter.on(name, guarded);
    return () => {
      this.#emitter.off(name, guarded);
    };
  }

  emit(...[name, event]: Told): void {
    this.#emitter.emit(name, event);
  }
}

/** Calls at once; what the listener throws, or rejects with later, comes as one rejection. */
async function invoke<Event>(listener: (event: Event) => unknown, event: Event): Promise<void> {
  await listener(event);
}
