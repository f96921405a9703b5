import type { SimulatorOptions } from "@tidings/graph-simulator";
import type { Declaration } from "../../src/app/declaration.ts";
import type { Tidings } from "../../src/app/tidings.ts";
import type { DeclarationOptions } from "../../src/core/declaration.ts";

const HOUR_MS = 3_600_000;

/** One kind of thing that is subscribed to. Each template has one parameter. */
interface Kind {
  readonly name: string;
  readonly template: string;
  readonly options: DeclarationOptions;
  /** Of each hundred. */
  readonly share: number;
  /** Most in one tenant; what is more is made up for by the last kind. */
  readonly quota: number;
  /** Whether the simulator knows only those who are there. */
  readonly needsUser: boolean;
}

/**
 * Lives of an hour, 6 hours, a day, 3, 7 and 29 days. Graph takes one presence of an app in a tenant, and a hundred
 * users and groups together.
 */
const KINDS: readonly Kind[] = [
  kind("presence", "communications/presences/{id}", { share: 1, quota: 1, needsUser: true }),
  kind("events", "users/{id}/events", { share: 1, needsUser: true, options: { lifetimeMs: HOUR_MS } }),
  kind("shifts", "teams/{id}/schedule/shifts", { share: 3 }),
  kind("contacts", "users/{id}/contacts", {
    share: 12,
    needsUser: true,
    options: { lifetimeMs: 24 * HOUR_MS },
  }),
  kind("chats", "users/{id}/chats", { share: 15, needsUser: true }),
  kind("conversations", "groups/{id}/conversations", { share: 10 }),
  kind("users", "users/{id}", { share: 10, quota: 50 }),
  kind("groups", "groups/{id}", { share: 10, quota: 50 }),
  kind("messages", "users/{id}/messages", { share: 38, needsUser: true }),
];

function kind(name: string, template: string, rest: Partial<Kind> & Pick<Kind, "share">): Kind {
  return { name, template, options: {}, quota: Infinity, needsUser: false, ...rest };
}

/** One thing that is, or is not, to be subscribed to. */
export interface Target {
  /** {@link targetKey} */
  readonly key: string;
  /** Name of its declaration. */
  readonly declaration: string;
  readonly tenantId: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Names what is subscribed to, as we want it and as Graph has it. */
export function targetKey(tenantId: string, resource: string): string {
  return `${tenantId} ${resource}`.toLowerCase();
}

/** Everything an app wants, or may come to want. */
export interface Demand {
  readonly targets: readonly Target[];
  /** The tenants and users there must be for it. */
  readonly population: Pick<Required<SimulatorOptions>, "tenants" | "users">;
}

/** Mixes targets of all kinds, spread evenly over tenants. The same each time. */
export function createDemand(count: number, tenantCount: number): Demand {
  const tenants = Array.from({ length: tenantCount }, (_, index) => ({
    id: guid("7e000000", index),
    domain: `tenant${index}.onmicrosoft.com`,
  }));
  const targets = mixOf(count, tenantCount).map(
    ({ kind, tenant }, index): Target & { needsUser: boolean } => {
      const tenantId = guid("7e000000", tenant);
      const id = guid("1d000000", index);
      return {
        key: targetKey(tenantId, kind.template.replace("{id}", id)),
        declaration: kind.name,
        needsUser: kind.needsUser,
        tenantId,
        params: { id },
      };
    },
  );
  const users = targets.flatMap(({ needsUser, params: { id }, tenantId }, index) =>
    needsUser
      ? [{ id, tenantId, displayName: `User ${index}`, userPrincipalName: `user${index}@example.com` }]
      : [],
  );
  return { targets, population: { tenants, users } };
}

function mixOf(count: number, tenantCount: number): { readonly kind: Kind; readonly tenant: number }[] {
  const others = KINDS.slice(0, -1).flatMap((kind) => {
    const wanted = Math.round((count * kind.share) / 100);
    const length = Math.min(wanted, kind.quota * tenantCount);
    return Array.from({ length }, (_, index) => ({ kind, tenant: index % tenantCount }));
  });
  const rest = KINDS.slice(-1).flatMap((kind) =>
    Array.from({ length: count - others.length }, (_, index) => ({ kind, tenant: index % tenantCount })),
  );
  return [...others, ...rest];
}

/** The declarations of all kinds, by name. */
export function declareAll(tidings: Tidings): ReadonlyMap<string, Declaration> {
  return new Map(
    KINDS.map(({ name, template, options }) => [name, tidings.on(template, { ...options, name }, () => {})]),
  );
}

function guid(head: string, index: number): string {
  return `${head}-0000-4000-8000-${index.toString(16).padStart(12, "0")}`;
}
