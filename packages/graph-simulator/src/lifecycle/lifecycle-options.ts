import type { UnauthorizedDelivery } from "../notifications/authorization-gate.ts";

/** What Graph tells of subscriptions themselves, where its documentation leaves a choice. */
export interface LifecycleOptions {
  /**
   * Which subscriptions are challenged by themselves, in the rhythm of Microsoft's illustration, when the access token
   * comes to its end that they were made, renewed or reauthorized with. The page of 2021 says that "this only applies
   * to notifications that include resource data"; the page of 2026 gives no limit. All but `never` are also challenged
   * when they come to their own end.
   * @default "resource-data"
   */
  readonly challenges?: ChallengePolicy | undefined;
  /**
   * What becomes of notifications once the access token has expired that a subscription was made, renewed or
   * reauthorized with.
   * @default "continue"
   */
  readonly afterTokenExpiry?: UnauthorizedDelivery | undefined;
  /**
   * Where lifecycle notifications go of a subscription without a `lifecycleNotificationUrl`: nowhere, as documented
   * now, or to its `notificationUrl`, as documented until 2021.
   * @default "nowhere"
   */
  readonly withoutUrl?: "nowhere" | "notificationUrl" | undefined;
  /**
   * The property that names the tenant: `tenantId` as documented now, `organizationId` as it once was, or both.
   * @default "tenantId"
   */
  readonly tenantProperty?: "tenantId" | "organizationId" | "both" | undefined;
}

export type ChallengePolicy = "resource-data" | "all" | "never";

export type LifecycleSettings = {
  readonly [Name in keyof LifecycleOptions]-?: NonNullable<LifecycleOptions[Name]>;
};

export function resolveLifecycle(options: LifecycleOptions = {}): LifecycleSettings {
  return {
    challenges: options.challenges ?? "resource-data",
    afterTokenExpiry: options.afterTokenExpiry ?? "continue",
    withoutUrl: options.withoutUrl ?? "nowhere",
    tenantProperty: options.tenantProperty ?? "tenantId",
  };
}
