import { EventEmitter } from "node:events";
import type { TidingsEventName, TidingsEvents } from "../core/events.ts";

export type TidingsListener<Name extends TidingsEventName> = (event: TidingsEvents[Name]) => void;

/** Typed events. A listener that throws disturbs nobody. */
export class EventFeed {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  /** @returns a function that ends the listening */
  on<Name extends TidingsEventName>(name: Name, listener: TidingsListener<Name>): () => void {
    const guarded = (event: TidingsEvents[Name]): void => {
      try {
        listener(event);
      } catch (error) {
        if (name !== "internal:error") this.emit("internal:error", { where: `listener of ${name}`, error });
      }
    };
    this.#emitter.on(name, guarded);
    return () => {
      this.#emitter.off(name, guarded);
    };
  }

  emit<Name extends TidingsEventName>(name: Name, event: TidingsEvents[Name]): void {
    this.#emitter.emit(name, event);
  }
}
