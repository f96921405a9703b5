import type { DeclarationSpec } from "../core/declaration.ts";
import type { EventFeed } from "./events.ts";
import { LIFECYCLE_TIMEOUT_MS } from "./runner-settings.ts";
import type { RunningApp } from "./running-app.ts";

export interface DrainOptions {
  /**
   * No handler is called that could still run then; each counts with its whole `timeoutMs`. Epoch milliseconds, or a
   * date. @default none
   */
  readonly deadline?: Date | number | undefined;
}

export interface Drained {
  /** Notifications handled meanwhile, lifecycle notifications among them. */
  readonly handled: number;
  /** Still in the inbox: in backoff, of a paused declaration, or without the time to be handled. */
  readonly waiting: number;
  /** When to drain again, epoch milliseconds; undefined when nothing is known to become due. */
  readonly nextAt: number | undefined;
}

const LIFECYCLE = { name: "lifecycle notifications", timeoutMs: LIFECYCLE_TIMEOUT_MS };

/** @throws StoreError */
export async function drain(app: RunningApp, events: EventFeed, deadline: number): Promise<Drained> {
  let handled = 0;
  const unlisten = events.on("change:handled", ({ mergedCount }) => (handled += mergedCount));
  try {
    const nextAt = await app.dispatcher.drain(deadline);
    await app.sweeper.sweep(deadline);
    const { waiting } = await app.store.counts();
    return { handled, waiting, nextAt };
  } finally {
    unlisten();
  }
}

/**
 * The instant of a deadline.
 *
 * @throws TypeError also when a handler would have no time at all: its changes would wait for ever, drain after drain
 */
export function resolveDeadline(
  { deadline = Infinity }: DrainOptions,
  specs: readonly Pick<DeclarationSpec, "name" | "timeoutMs">[],
  now: number,
): number {
  const instant = Number(deadline);
  if (Number.isNaN(instant)) {
    throw new TypeError(
      `Expected \`deadline\` to be a date or epoch milliseconds, got \`${String(deadline)}\``,
    );
  }
  for (const { name, timeoutMs } of [...specs, LIFECYCLE]) {
    if (instant - now >= timeoutMs) continue;
    throw new TypeError(
      `Expected \`deadline\` to be ${timeoutMs} ms away or more, the \`timeoutMs\` of \`${name}\`, got one ${instant - now} ms away`,
    );
  }
  return instant;
}
