import { resolveDeclaration, type DeclarationSpec } from "../../src/core/declaration.ts";
import type { LifecycleEvent } from "../../src/core/notification.ts";
import { expandTemplate, type Params } from "../../src/core/resource-template.ts";
import { subscriptionKeyOf } from "../../src/core/subscription.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { refusal, type GraphFailure, type GraphOperation } from "./fake-graph.ts";
import { APP, TENANT_ID } from "./reconciler-bench.ts";

const OTHER_TENANT_ID = "11111111-1111-4111-8111-111111111111";

/** The app as it was, and as it is after a change. */
export const VERSIONS: readonly (readonly DeclarationSpec[])[] = [
  [
    resolveDeclaration("users", { changeType: "updated" }),
    resolveDeclaration("users/{userId}/messages", { name: "mail", changeType: "created" }),
    resolveDeclaration("communications/presences/{userId}", { name: "presence" }),
  ],
  [
    resolveDeclaration("users", { changeType: ["updated", "deleted"] }),
    resolveDeclaration("users/{userId}/messages", { name: "mail", changeType: ["created", "updated"] }),
    // Of which Graph takes one, so that the one without data must go before.
    resolveDeclaration("communications/presences/{userId}", { name: "presence", includeResourceData: true }),
  ],
];

export interface Target {
  readonly declaration: string;
  readonly params: Params;
  readonly tenantId: string;
}

/** What is subscribed to by itself. */
export const USERS: Target = { declaration: "users", params: {}, tenantId: TENANT_ID };

/** What is subscribed to at run time. Of presence, Graph takes one for a user, for an hour at most. */
export const TARGETS: readonly Target[] = [
  { declaration: "mail", params: { userId: "1" }, tenantId: TENANT_ID },
  { declaration: "mail", params: { userId: "2" }, tenantId: TENANT_ID },
  { declaration: "mail", params: { userId: "3" }, tenantId: OTHER_TENANT_ID },
  { declaration: "presence", params: { userId: "1" }, tenantId: TENANT_ID },
  { declaration: "presence", params: { userId: "4" }, tenantId: OTHER_TENANT_ID },
];

/** Ways for Graph not to do what it is asked: one for each verdict there is on it. */
export const FAILURES: Readonly<Record<string, GraphFailure>> = {
  "lost before": "before",
  "lost after": "after",
  endpoint: refusal({ graphMessage: "Subscription validation request timed out." }),
  service: refusal({ status: 503 }),
  throttled: refusal({ status: 429 }),
  "throttled for 7 s": refusal({ status: 429, retryAfterMs: 7_000 }),
  "throttled for 0 s": refusal({ status: 429, retryAfterMs: 0 }),
  "too long": refusal({ graphMessage: "Subscription expiration can only be 50 minutes in the future." }),
  conflict: refusal({ status: 409 }),
  gone: refusal({ method: "PATCH", status: 404 }),
  "signed out": refusal({ status: 401 }),
  unpaid: refusal({ status: 402 }),
  "no consent": refusal({ status: 403, graphMessage: "Access is denied." }),
  "too many": refusal({ status: 403, graphMessage: "App has reached its limit of '1'" }),
  "wrong request": refusal({ graphMessage: "Resource not found for the segment 'movies'." }),
  "wrong resource": refusal({ method: "POST", status: 404 }),
};

export interface ProcessPlan {
  readonly version: number;
  readonly endpoint: number;
  /** How many awaits it has to live; null for as many as it likes. */
  readonly awaits: number | null;
}

/** What may happen. */
export type Command =
  /** A new process, in place of those there are or beside the latest of them. */
  | ({ readonly what: "begin"; readonly isBeside: boolean } & ProcessPlan)
  | { readonly what: "end" }
  | { readonly what: "subscribe" | "unsubscribe"; readonly target: number }
  /** Graph loses one, and tells of it or not. */
  | { readonly what: "lose"; readonly nth: number; readonly isTold: boolean }
  /** Somebody gives one another end. */
  | { readonly what: "tamper"; readonly nth: number; readonly lifeMs: number }
  | { readonly what: "tell"; readonly nth: number; readonly event: LifecycleEvent }
  | { readonly what: "fail"; readonly operation: GraphOperation; readonly how: string }
  /** How likely each call to the store fails from now on, from 0 to 1. */
  | { readonly what: "store"; readonly failing: number }
  /** How far Graph's list is behind from now on. */
  | { readonly what: "stale"; readonly ms: number }
  /** How far our clocks are ahead of Graph's from now on. */
  | { readonly what: "jump"; readonly ms: number }
  | { readonly what: "pass"; readonly ms: number };

export function endpointOf({ endpoint }: Pick<ProcessPlan, "endpoint">): string {
  return `https://tidings-${endpoint}.example/notifications`;
}

/** @throws RangeError when a version does not have it */
export function specOf({ version }: Pick<ProcessPlan, "version">, { declaration }: Target): DeclarationSpec {
  const spec = VERSIONS[version]?.find(({ name }) => name === declaration);
  if (spec === undefined) throw new RangeError(`Expected version ${version} to declare ${declaration}`);
  return spec;
}

export function keyOf(target: Target, version: Pick<ProcessPlan, "version">): string {
  const { template, query, isRich } = specOf(version, target);
  const { tenantId, params } = target;
  const path = expandTemplate(template, params);
  return subscriptionKeyOf(APP, { tenantId, path, query, ...(isRich ? { isRich } : {}) }, sha256);
}
