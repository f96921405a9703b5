import { BATCH_REQUIREMENTS } from "./requirements/batch.ts";
import { CLOUDS_REQUIREMENTS } from "./requirements/clouds.ts";
import { DELIVERY_REQUIREMENTS } from "./requirements/delivery.ts";
import { DELTA_REQUIREMENTS } from "./requirements/delta.ts";
import { GRAPH_API_REQUIREMENTS } from "./requirements/graph-api.ts";
import { HANDSHAKE_REQUIREMENTS } from "./requirements/handshake.ts";
import { LIFECYCLE_REQUIREMENTS } from "./requirements/lifecycle.ts";
import { LISTINGS_REQUIREMENTS } from "./requirements/listings.ts";
import { LOGIN_REQUIREMENTS } from "./requirements/login.ts";
import { NOTIFICATIONS_REQUIREMENTS } from "./requirements/notifications.ts";
import { RESOURCE_DATA_REQUIREMENTS } from "./requirements/resource-data.ts";
import { RESOURCE_KINDS_REQUIREMENTS } from "./requirements/resource-kinds.ts";
import { RESOURCES_REQUIREMENTS } from "./requirements/resources.ts";
import { SUBSCRIPTION_LIMITS_REQUIREMENTS } from "./requirements/subscription-limits.ts";
import { SUBSCRIPTIONS_REQUIREMENTS } from "./requirements/subscriptions.ts";
import { THROTTLING_REQUIREMENTS } from "./requirements/throttling.ts";

/** The one list of all requirements: each area has its own file, named after it. */
export const REQUIREMENTS = [
  ...BATCH_REQUIREMENTS,
  ...CLOUDS_REQUIREMENTS,
  ...DELIVERY_REQUIREMENTS,
  ...DELTA_REQUIREMENTS,
  ...GRAPH_API_REQUIREMENTS,
  ...HANDSHAKE_REQUIREMENTS,
  ...LIFECYCLE_REQUIREMENTS,
  ...LISTINGS_REQUIREMENTS,
  ...LOGIN_REQUIREMENTS,
  ...NOTIFICATIONS_REQUIREMENTS,
  ...RESOURCE_DATA_REQUIREMENTS,
  ...RESOURCE_KINDS_REQUIREMENTS,
  ...RESOURCES_REQUIREMENTS,
  ...SUBSCRIPTION_LIMITS_REQUIREMENTS,
  ...SUBSCRIPTIONS_REQUIREMENTS,
  ...THROTTLING_REQUIREMENTS,
] as const;

export type RequirementId = (typeof REQUIREMENTS)[number]["id"];

/** Cites a requirement in the title of a test that proves it: `[id]`. */
export function verifies(id: RequirementId): string {
  return `[${id}]`;
}
