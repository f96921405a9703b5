import type { SubscriptionState } from "../admin/admin-app.ts";
import type { ToldEvent } from "../admin/answers.ts";
import type { AdminClient } from "./admin-client.ts";
import { ServiceError } from "./errors.ts";
import { print } from "./print.ts";
import { formatDistance } from "./relative-time.ts";

export interface RenewOptions {
  readonly isJson: boolean;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Longer than a request waits for a limit of Graph's. */
const PATIENCE_MS = 90_000;

/** Events that end a renewal, and what they say became of it. */
const ENDS: Readonly<Record<string, string>> = {
  "subscription:renewed": "renewed",
  "subscription:created": "created anew",
  "subscription:replaced": "replaced",
};

/**
 * Has one subscription renewed, and waits for what comes of it.
 *
 * @param id its key, or Graph's id
 * @throws ServiceError when there is none, or it fails, or nothing comes of it in time
 */
export async function renewSubscription(
  service: AdminClient,
  id: string,
  { isJson, now }: RenewOptions,
): Promise<void> {
  const [subscription] = (await service.subscriptions({ id }, 1)).subscriptions;
  if (subscription === undefined) {
    throw new ServiceError(
      `there is no subscription with the id ${id}`,
      "`tidings subscriptions` shows them, with their ids.",
    );
  }
  if (subscription.state === "ending") {
    throw new ServiceError(
      `nobody wants ${subscription.resource} any more, so it is removed`,
      "Declare it, or subscribe to it, to have it again.",
    );
  }
  const { event, outcome } = await renewal(service, subscription);
  const expiresAt = numberOf(event, "expiresAt");
  const { key, resource } = subscription;
  await print({ key, resource, outcome, expiresAt }, isJson, () => {
    const expires = expiresAt === undefined ? "" : `, expires ${formatDistance(expiresAt, now())}`;
    return `${resource} ${outcome}${expires}`;
  });
}

interface Renewal {
  readonly event: ToldEvent["event"];
  readonly outcome: string;
}

async function renewal(
  service: AdminClient,
  { key, resource }: Pick<SubscriptionState, "key" | "resource">,
): Promise<Renewal> {
  const end = AbortSignal.timeout(PATIENCE_MS);
  // It must be listened for before it is asked for.
  const told = await service.events(end);
  await service.renew(key);
  for await (const { name, event } of told) {
    if (event["key"] !== key) continue;
    const outcome = ENDS[name];
    if (outcome !== undefined) return { event, outcome };
    if (name === "subscription:failed" || name === "subscription:parked") {
      throw new ServiceError(`${resource} could not be renewed: ${messageOf(event)}`, hintFor(name));
    }
  }
  throw new ServiceError(
    `${resource} has not been renewed yet`,
    "The service goes on with it, within Graph's limits: look at `tidings subscriptions`.",
  );
}

function hintFor(name: string): string {
  return name === "subscription:parked"
    ? "A person must see to it first; then ask again."
    : "The service tries again by itself.";
}

function messageOf({ error }: ToldEvent["event"]): string {
  const message: unknown = Reflect.get(Object(error), "message");
  return typeof message === "string" ? message : "for an unknown reason";
}

function numberOf(event: ToldEvent["event"], name: string): number | undefined {
  const value = event[name];
  return typeof value === "number" ? value : undefined;
}
