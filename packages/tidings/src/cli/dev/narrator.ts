import { styleText } from "node:util";
import ms from "ms";
import type { Tidings } from "../../app/tidings.ts";
import type { Clock } from "../../core/ports/clock.ts";

export type WriteLine = (line: string) => void;

type Colour = "green" | "cyan" | "yellow" | "red" | "magenta";

const MAX_PATH_LENGTH = 72;

/** Tells an app's events as readable lines: time, what it is about, what happened. */
export class Narrator {
  readonly #clock: Clock;
  readonly #write: WriteLine;

  constructor(clock: Clock, write: WriteLine) {
    this.#clock = clock;
    this.#write = write;
  }

  /** Begins to tell of an app. */
  follow({ events }: Tidings): void {
    events.on("handshake:answered", ({ path }) =>
      this.tell("cyan", "handshake", `answered at ${shorten(path)}`),
    );
    events.on("subscription:created", ({ resource, expiresAt }) =>
      this.tell("green", "subscription", `created for ${resource}, expires in ${this.#until(expiresAt)}`),
    );
    events.on("subscription:renewed", ({ resource, expiresAt }) =>
      this.tell("green", "subscription", `renewed for ${resource}, expires in ${this.#until(expiresAt)}`),
    );
    events.on("subscription:removed", ({ resource }) =>
      this.tell("green", "subscription", `removed for ${resource}`),
    );
    events.on("subscription:gone", ({ resource }) =>
      this.tell("yellow", "subscription", `gone at Graph for ${resource}, another is made`),
    );
    events.on("subscription:failed", ({ resource, action, error }) =>
      this.tell("red", "subscription", `${action} failed for ${resource}: ${messageOf(error)}`),
    );
    events.on("items:refused", ({ reasons }) =>
      this.tell(
        "red",
        "refused",
        Object.entries(reasons)
          .map(([reason, count]) => `${count} ${reason}`)
          .join(", "),
      ),
    );
    events.on("change:handled", ({ changeType, resourceKey, attempt }) =>
      this.tell(
        "magenta",
        "change",
        `${(changeType ?? "").padEnd(7)} ${shorten(resourceKey ?? "")}${attempt > 1 ? ` (attempt ${attempt})` : ""}`,
      ),
    );
    events.on("change:failed", ({ resourceKey, error, retryAt }) =>
      this.tell(
        "yellow",
        "change",
        `failed, again in ${this.#until(retryAt)}: ${shorten(resourceKey ?? "")}: ${messageOf(error)}`,
      ),
    );
    events.on("change:dead", ({ resourceKey, error }) =>
      this.tell("red", "dead letter", `${shorten(resourceKey ?? "")}: ${messageOf(error)}`),
    );
    events.on("internal:error", ({ where, error }) =>
      this.tell("red", "error", `${where}: ${messageOf(error)}`),
    );
  }

  tell(colour: Colour, subject: string, text: string): void {
    const time = new Date(this.#clock.now()).toISOString().slice(0, 19).replace("T", " ");
    this.#write(`${styleText("dim", time)}  ${styleText(colour, subject.padEnd(12))}  ${text}`);
  }

  #until(at: number): string {
    return ms(Math.max(0, at - this.#clock.now()), { long: true });
  }
}

/** Ids are long; their ends tell them apart. */
function shorten(path: string): string {
  if (path.length <= MAX_PATH_LENGTH) return path;
  const half = (MAX_PATH_LENGTH - 1) / 2;
  return `${path.slice(0, Math.ceil(half))}…${path.slice(-Math.floor(half))}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
