import type { ChangeType } from "../change-type.ts";
import type { Cloud } from "../cloud.ts";

/**
 * What Microsoft documents of paths that can be subscribed to. Paths share a row where all of it is the same for them.
 *
 * A row holds facts, not opinions: what no page says is absent, or among the row's doubts.
 */
export interface CatalogueRow {
  /** Graph's name of what changes, such as `message`. */
  readonly name: string;
  /**
   * Paths below Graph's version root, each id as `{name}`; the first is the one to prefer. Graph takes other spellings
   * of each: a leading slash, `messages('{id}')` for `messages/{id}`, names in any case, and `me` for
   * `users/{userId}` when a user is signed in.
   */
  readonly paths: readonly [string, ...string[]];
  /** What Graph tells of, and what a declaration that does not choose is told of. */
  readonly changeTypes: readonly ChangeType[];
  /** What it may tell of: no page says so, and none says that it does not. @default none */
  readonly unsureChangeTypes?: readonly ChangeType[];
  /** Longest life of a subscription without resource data, in minutes; undefined where no page says. */
  readonly maxLifetimeMinutes: number | undefined;
  readonly resourceData: ResourceDataRule;
  readonly lifecycleUrl: LifecycleUrlRule;
  readonly query: QueryRule;
  readonly permissions: Permissions;
  /** Most subscriptions at a time; undefined where no page says. */
  readonly quotas: readonly Quota[] | undefined;
  readonly catchUp: CatchUp;
  /** `@odata.type` of the changed thing, as its resource page writes it. */
  readonly resourceDataType: string;
  /** The lowest version of Graph that takes it. @default v1.0 */
  readonly version?: Cloud["version"];
  /** @default none, as far as is documented */
  readonly missingIn?: readonly NationalCloud[];
  /** What is not documented, contradicted by another page, or has caught people out: one sentence each. @default none */
  readonly doubts?: readonly string[];
  /** Pages the facts come from; the first is the one to show. */
  readonly sources: readonly [string, ...string[]];
}

/** @see https://learn.microsoft.com/graph/deployments */
export type NationalCloud = "usGovernment" | "usGovernmentDod" | "china";

/**
 * Whether notifications may include resource data (`includeResourceData`), for how many minutes at most, and what
 * `$select` is to them.
 */
export type ResourceDataRule =
  | { readonly kind: "none" }
  | { readonly kind: "undocumented" }
  | {
      /** `required`: Graph offers no subscription without. */
      readonly kind: "offered" | "required";
      readonly maxLifetimeMinutes: number;
      readonly select: SelectRule;
    };

/** Whether `$select` must say which properties to include, or may not. */
export type SelectRule = "required" | "unsupported" | "undocumented";

/** Whether Graph wants a `lifecycleNotificationUrl`: always optional, or needed for a life of more than an hour. */
export type LifecycleUrlRule = "optional" | "over an hour" | "undocumented";

/** What may follow `?` in the resource of a subscription. Names with or without `$`, in any case. */
export interface QueryRule {
  /** Options some page documents for these paths. */
  readonly documented: readonly string[];
  /** Options Graph does not take here. */
  readonly refused?: readonly string[];
  /** The paths are documented with this option only. */
  readonly expected?: string;
  /** Properties `$select` may not name. */
  readonly refusedSelect?: readonly string[];
  /** Properties `$expand` may name; any when absent. */
  readonly allowedExpand?: readonly string[];
  /** Most ids in `$filter=id in (…)`. */
  readonly maxFilterIds?: number;
  /** `$filter` may name properties of the resource itself only, not of what it contains. */
  readonly isFilterTopLevelOnly?: true;
}

/** Least privileged first; one of them is enough. Empty: Graph offers no such access. */
export interface Permissions {
  /** A user of work or school is signed in. */
  readonly delegated: readonly string[] | undefined;
  /** A user with a personal Microsoft account is signed in. */
  readonly personal: readonly string[] | undefined;
  /** The app acts for itself; names that end in `*` are resource-specific consent. */
  readonly application: readonly string[] | undefined;
}

/** Graph refuses one subscription more with 403. */
export interface Quota {
  readonly limit: number;
  readonly per: QuotaScope;
}

/**
 * `target`: what the path names, such as the chat or meeting. `mailbox` and `tenant`: over all apps. `tenant, Teams
 * together`: all subscriptions of all apps to Teams and Copilot resources.
 */
export type QuotaScope =
  | "app"
  | "tenant"
  | "tenant, Teams together"
  | "app and tenant"
  | "mailbox"
  | "app and target"
  | "app and user"
  | "user"
  | "user and target";

/** How changes that were not told of can be found: by delta query, by listing a time window, or not at all. */
export type CatchUp =
  | {
      readonly kind: "delta";
      /** Asked in this order; a `{…}` the resource does not have comes from the answers before. */
      readonly paths: readonly [string, ...string[]];
      /** No page says that it works, though metadata does. */
      readonly isUnsure?: true;
    }
  | {
      readonly kind: "time window";
      readonly path: string;
      /** What to filter by. */
      readonly property: string;
      readonly isUnsure?: true;
    }
  | { readonly kind: "none" };
