import { richMaxMinutes } from "../rich/rich-support.ts";
import type { LifetimeRequest } from "./lifetime.ts";
import type { SubscribableResource } from "./subscribable-resources.ts";
import type { SubscriptionSettings } from "./subscription-options.ts";

const OUTLOOK: ReadonlySet<string> = new Set(["message", "event", "contact"]);

/** What differs from the table of resources: with resource data, and where options say so. */
export function lifetimeRules(
  resource: SubscribableResource,
  isRich: boolean,
  settings: SubscriptionSettings,
): Pick<LifetimeRequest, "maxMinutes" | "needsLifecycleUrl"> {
  const ceiling = OUTLOOK.has(resource.name) ? settings.outlookMaxMinutes : undefined;
  return {
    maxMinutes: isRich ? (richMaxMinutes(resource) ?? ceiling) : ceiling,
    needsLifecycleUrl: settings.lifecycleUrlAlsoFor.includes(resource.name) ? true : undefined,
  };
}
