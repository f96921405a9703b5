import { subscribesByItself, withRiders, type DeclarationSpec } from "../core/declaration.ts";
import type { Hash } from "../core/ports/hash.ts";
import {
  definitionOf,
  newSubscriptionRow,
  subscriptionKeyOf,
  withWant,
  type SubscriptionRow,
} from "../core/subscription.ts";
import { targetOf, type InitialRequest } from "./desired-subscriptions.ts";

export interface TargetParts {
  /** `name` of the app. */
  readonly app: string;
  readonly specs: readonly DeclarationSpec[];
  /** What was asked of declarations before the start, in order. */
  readonly early: readonly InitialRequest[];
  readonly hash: Hash;
}

/** Everything that is wanted in these tenants, as rows that no store has. */
export function targetRows(
  { app, specs, early, hash }: TargetParts,
  tenantIds: readonly string[],
  now: number,
): SubscriptionRow[] {
  const together = new Map(withRiders(specs).map((spec) => [spec.name, spec]));
  const rows = new Map<string, SubscriptionRow>();
  for (const request of [...specs.flatMap((spec) => ownRequest(spec)), ...early]) {
    const spec = together.get(request.spec.name) ?? request.spec;
    const { name: declaration, changeTypes, lifetimeMs } = spec;
    const definition = definitionOf(spec, hash);
    const want = { declaration, definition, changeTypes, lifetimeMs, params: request.params };
    for (const tenantId of request.tenantId === undefined ? tenantIds : [request.tenantId]) {
      const target = targetOf(spec, request.params, { tenantId, userId: request.userId });
      const key = subscriptionKeyOf(app, target, hash);
      const row = rows.get(key) ?? newSubscriptionRow(key, target, now);
      const wants = row.wants.filter((each) => each.definition !== definition);
      rows.set(key, request.kind === "subscribe" ? withWant(row, want, now) : { ...row, wants });
    }
  }
  return [...rows.values()].filter(({ wants }) => wants.length > 0);
}

function ownRequest(spec: DeclarationSpec): InitialRequest[] {
  return subscribesByItself(spec) ? [{ kind: "subscribe", spec, params: {}, tenantId: undefined }] : [];
}
