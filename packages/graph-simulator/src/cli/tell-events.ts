import type { SimulatorClock } from "../clock.ts";
import type { SimulatorEventName, SimulatorEvents } from "../events.ts";
import { formatInstant } from "../instant.ts";
import type { AttemptOutcome } from "../ledger/ledger-entries.ts";
import type { Simulator } from "../simulator.ts";
import type { HandshakeOutcome } from "../subscriptions/handshake-outcome.ts";

export interface TellOptions {
  /** One JSON object a line: `event` is the name, `at` the simulator's time, the rest as in `SimulatorEvents`. */
  readonly asJson: boolean;
  readonly writeLine: (line: string) => void;
}

type TellingSimulator = Pick<Simulator, "events"> & { readonly clock: Pick<SimulatorClock, "now"> };

/** Writes a line for each event from now on. */
export function tellEvents(simulator: TellingSimulator, options: TellOptions): void {
  const { asJson, writeLine } = options;
  const tell = <Name extends SimulatorEventName>(
    name: Name,
    sentence: (event: SimulatorEvents[Name]) => string,
  ): void => {
    simulator.events.on(name, (event) => {
      const at = simulator.clock.now();
      if (asJson) writeLine(JSON.stringify({ event: name, at, ...event }));
      else writeLine(`${formatInstant(at).slice(11, 19)} ${sentence(event)}`);
    });
  };

  tell("token:issued", ({ clientId }) => `token issued to app ${clientId}`);
  tell(
    "request:refused",
    ({ method, path, refusal }) =>
      `request refused: ${method} ${path}: ${refusal.status} ${refusal.code}: ${refusal.message}`,
  );
  tell(
    "subscription:created",
    ({ subscription: { id, resource, changeType, expiresAt } }) =>
      `subscription created: ${id} to ${resource} (${changeType}) until ${formatInstant(expiresAt)}`,
  );
  tell(
    "subscription:renewed",
    ({ subscription: { id, expiresAt, notificationUrl } }) =>
      `subscription renewed: ${id} until ${formatInstant(expiresAt)} at ${notificationUrl}`,
  );
  tell("subscription:deleted", ({ subscription }) => `subscription deleted: ${subscription.id}`);
  tell("subscription:expired", ({ subscription }) => `subscription expired: ${subscription.id}`);
  tell("subscription:reauthorized", ({ subscription }) => `subscription reauthorized: ${subscription.id}`);
  tell(
    "subscription:update-lost",
    ({ subscription }) =>
      `subscription update lost: ${subscription.id} was updated and reauthorized within 10 minutes`,
  );
  tell("subscription:removed", ({ subscription }) => `subscription removed by Graph: ${subscription.id}`);
  tell(
    "lifecycle:owed",
    ({ notification: { lifecycleEvent, subscriptionId } }) =>
      `lifecycle notification owed: ${lifecycleEvent} of ${subscriptionId}`,
  );
  tell(
    "handshake:answered",
    ({ handshake: { url, durationMs } }) => `handshake answered: ${url} in ${durationMs} ms`,
  );
  tell(
    "handshake:failed",
    ({ handshake: { url, outcome } }) => `handshake failed: ${url}: ${describeOutcome(outcome)}`,
  );
  tell(
    "change:made",
    ({ change: { changeType, resource }, notifiedCount }) =>
      `change made: ${resource} ${changeType}, ${count(notifiedCount, "notification")} owed`,
  );
  tell(
    "delivery:succeeded",
    ({ attempt: { url, notificationIds, outcome, durationMs } }) =>
      `delivered: ${count(notificationIds.length, "notification")} to ${url}: ${describeOutcome(outcome)} in ${durationMs} ms`,
  );
  tell(
    "delivery:failed",
    ({ attempt: { url, notificationIds, attempt, outcome }, retryAt }) =>
      `delivery failed: ${count(notificationIds.length, "notification")} to ${url}, attempt ${attempt}: ` +
      `${describeOutcome(outcome)}, ${retryAt === null ? "given up" : `again at ${formatInstant(retryAt)}`}`,
  );
  tell(
    "notification:expired",
    ({ notification: { id, resource } }) => `notification lost: ${id} of ${resource}`,
  );
  tell("notification:withheld", ({ notification: { id, state } }) => `notification ${state}: ${id}`);
  tell(
    "endpoint:changed",
    ({ endpoint: { host, state }, previous }) => `endpoint ${host} is ${state}, was ${previous}`,
  );
  tell("fault:started", ({ fault: { id, kind } }) => `fault started: ${kind} (${id})`);
  tell("fault:ended", ({ fault: { id, kind } }) => `fault ended: ${kind} (${id})`);
  tell("scenario:step", ({ step, outcome }) => `scenario ${step}: ${outcome}`);
  tell(
    "clock:advanced",
    ({ advanceMs, now }) => `clock advanced by ${advanceMs} ms to ${formatInstant(now)}`,
  );
  tell("simulator:reset", () => "simulator reset");
}

function describeOutcome(outcome: AttemptOutcome | HandshakeOutcome): string {
  switch (outcome.kind) {
    case "answered":
    case "wrong-status":
      return `HTTP ${outcome.status}`;
    case "unreachable":
      return `unreachable (${outcome.error})`;
    case "tls-failed":
      return `TLS failed (${outcome.error})`;
    case "wrong-content-type":
      return `content type '${outcome.contentType}' in place of text/plain`;
    case "wrong-body":
      return "the body is not the validation token";
    case "timed-out":
      return "timed out";
    case "proved":
      return "proved";
  }
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
