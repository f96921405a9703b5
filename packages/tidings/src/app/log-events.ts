import { LIFECYCLE_EVENTS } from "../core/notification.ts";
import { GraphRefusedError, TidingsError } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { LogFields, Logger } from "../core/ports/logger.ts";
import type { ChangeOutcome } from "../core/events.ts";
import type { EventFeed } from "./events.ts";

/** How often the log tells of what strangers, or a disk that is full, can cause any number of times. */
const LOG_EVERY_MS = 10_000;

/** Writes events to a log. Ids and counts, never content. */
export function logEvents(events: EventFeed, logger: Logger, clock: Clock): void {
  events.on("subscription:created", (event) => logger.info("subscription created", { ...event }));
  events.on("subscription:adopted", (event) => logger.info("subscription adopted", { ...event }));
  events.on("subscription:renewed", (event) => logger.info("subscription renewed", { ...event }));
  events.on("subscription:removed", (event) => logger.info("subscription removed", { ...event }));
  events.on("subscription:gone", (event) => logger.warn("subscription gone, another is made", { ...event }));
  events.on("subscription:replaced", (event) => logger.info("subscription replaced", { ...event }));
  events.on("subscription:lapsed", (event) =>
    logger.error("subscription lapsed, another is made", { ...event }),
  );
  events.on("subscription:gap", (event) => logger.warn("changes may have been lost", { ...event }));
  events.on("subscription:endangered", ({ error, ...event }) =>
    logger.error("subscription cannot be renewed", { ...event, ...errorFields(error) }),
  );
  events.on("subscription:parked", ({ error, ...event }) =>
    logger.error("subscription waits for a person", { ...event, ...errorFields(error) }),
  );
  events.on("subscription:failed", ({ error, ...event }) =>
    logger.error("subscription action failed", { ...event, ...errorFields(error) }),
  );
  const refused = new Tally(clock, (counts) => logger.warn("notifications refused", counts));
  events.on("items:refused", ({ reasons }) => refused.add(reasons));
  const unreadable = new Tally(clock, (counts) => logger.warn("deliveries unreadable", counts));
  events.on("delivery:unreadable", ({ status }) => unreadable.add({ [`status ${status}`]: 1 }));
  events.on("lifecycle:received", (event) => {
    const isKnown = LIFECYCLE_EVENTS.some((known) => known === event.event);
    if (event.event === "missed" || !isKnown) logger.warn("lifecycle notification", { ...event });
    else logger.info("lifecycle notification", { ...event });
  });
  let lastFailure: LogFields = {};
  const failed = new Tally(clock, (counts) =>
    logger.error("deliveries not stored", { ...counts, ...lastFailure }),
  );
  events.on("delivery:failed", ({ error }) => {
    lastFailure = errorFields(error);
    failed.add({ count: 1 });
  });
  events.on("delivery:stored", (event) => logger.debug("delivery stored", { ...event }));
  events.on("subscriptions:heard", ({ heard }) =>
    logger.debug("subscriptions heard of", { count: heard.length }),
  );
  events.on("endpoint:slow", (event) =>
    logger.warn("deliveries are answered late, Graph may delay or drop notifications", { ...event }),
  );
  events.on("endpoint:recovered", (event) => logger.warn("deliveries are answered in time", { ...event }));
  events.on("endpoint:unproved", (event) => {
    const level = event.kind === "wrong" ? "error" : "warn";
    logger[level]("the endpoint does not answer its handshake", { ...event });
  });
  events.on("certificate:missing", (event) =>
    logger.error("Graph encrypts for a certificate that is not here", { ...event }),
  );
  events.on("certificate:expiring", (event) => {
    const level = event.isExpired ? "error" : "warn";
    logger[level]("the certificate is to be replaced: npx tidings keys rotate", { ...event });
  });
  events.on("change:handled", (event) => logger.debug("change handled", outcomeFields(event)));
  events.on("change:failed", ({ error, ...event }) =>
    logger.warn("handler failed, will be called again", {
      ...outcomeFields(event),
      retryAt: event.retryAt,
      ...errorFields(error),
    }),
  );
  events.on("change:dead", ({ error, ...event }) =>
    logger.error("change given up, kept as a dead letter", {
      ...outcomeFields(event),
      ...errorFields(error),
    }),
  );
  events.on("declaration:paused", ({ declaration, by, error }) =>
    logger.error("declaration paused", {
      declaration,
      by,
      ...(error === undefined ? {} : errorFields(error)),
    }),
  );
  events.on("declaration:missing", (event) =>
    logger.error("changes wait for a declaration that is not there", { ...event }),
  );
  events.on("declaration:resumed", (event) => logger.warn("declaration resumed", { ...event }));
  events.on("inbox:unreachable", ({ error }) =>
    logger.error("the inbox takes nothing, deliveries get 503", errorFields(error)),
  );
  events.on("inbox:recovered", (event) => logger.warn("the inbox takes deliveries again", { ...event }));
  events.on("records:stored", (event) => logger.debug("records stored", { ...event }));
  const passedOver = new Tally(clock, (counts) => logger.error("records passed over", counts));
  events.on("record:refused", ({ reason }) => passedOver.add({ [reason]: 1 }));
  events.on("source:failed", ({ error, ...event }) =>
    logger.error("a source cannot be read on", { ...event, ...errorFields(error) }),
  );
  events.on("store:broken", ({ error }) =>
    logger.error("the disk failed, end this process", errorFields(error)),
  );
  events.on("events:dropped", (event) => logger.warn("too much happened to tell of all", { ...event }));
  events.on("internal:error", ({ where, error }) =>
    logger.error("internal error", { where, ...errorFields(error) }),
  );
}

/** Adds up what may come often; tells the first at once, and then the sums of each while. */
class Tally {
  readonly #clock: Clock;
  readonly #tell: (counts: Readonly<Record<string, number>>) => void;
  #counts: Record<string, number> = {};
  #isWaiting = false;

  constructor(clock: Clock, tell: (counts: Readonly<Record<string, number>>) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(counts: Readonly<Record<string, number>>): void {
    for (const [name, count] of Object.entries(counts))
      this.#counts[name] = (this.#counts[name] ?? 0) + count;
    if (!this.#isWaiting) void this.#tellInTurns();
  }

  async #tellInTurns(): Promise<void> {
    this.#isWaiting = true;
    while (Object.keys(this.#counts).length > 0) {
      const counts = this.#counts;
      this.#counts = {};
      this.#tell(counts);
      await this.#clock.sleep(LOG_EVERY_MS);
    }
    this.#isWaiting = false;
  }
}

function outcomeFields({
  seq,
  declaration,
  resourceKey,
  changeType,
  attempt,
  mergedCount,
}: ChangeOutcome): LogFields {
  return { seq, declaration, resourceKey, changeType, attempt, mergedCount };
}

/** What is safe and useful of an error: a stranger's error could hold anything but in its name and message. */
function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const { cause } = error;
  return {
    error: error.name,
    reason: error.message,
    ...(cause instanceof Error ? { cause: `${cause.name}: ${cause.message}` } : {}),
    ...(error instanceof TidingsError ? { code: error.code, retryable: error.retryable } : {}),
    ...(error instanceof GraphRefusedError ? { status: error.status, requestId: error.requestId } : {}),
  };
}
