import type { Cloud } from "../cloud.ts";
import type { JsonObject } from "../http/json.ts";
import { refuse, type Refusal } from "../http/reply.ts";

/**
 * Why the cloud that is played does not take a subscription, or `undefined` when it does.
 *
 * guess: the sentences; only that the features are absent is documented.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-overview
 */
export function cloudRefusal(
  cloud: Pick<Cloud, "absentResources" | "absentSubscriptionProperties">,
  resourceName: string,
  body: JsonObject,
): Refusal | undefined {
  const property = cloud.absentSubscriptionProperties.find(
    (name) => body[name] !== undefined && body[name] !== null,
  );
  if (property !== undefined) {
    return refuse(
      400,
      "RequestBodyRead",
      `The property '${property}' does not exist on type 'microsoft.graph.subscription'. Make sure to only use property names that are defined by the type.`,
    );
  }
  if (!cloud.absentResources.includes(resourceName)) return undefined;
  return refuse(400, "BadRequest", `Subscriptions to ${resourceName} are not supported in this cloud.`);
}
