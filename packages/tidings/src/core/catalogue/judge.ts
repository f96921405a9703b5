import type { ChangeType } from "../change-type.ts";
import type { Cloud } from "../cloud.ts";
import { canonicalSegments } from "../resource-path.ts";
import { rowOf } from "./catalogue.ts";
import { maxLifetimeMs, MIN_LIFETIME_MS } from "./lifetime.ts";
import { nationalCloudOf } from "./national-clouds.ts";
import { checkQuery, hasSelect } from "./query.ts";
import type { CatalogueRow, ResourceDataRule, SelectRule } from "./row.ts";
import { SUBSCRIPTION_LIFETIME, SUBSCRIPTION_PROPERTIES } from "./sources.ts";

/** A subscription as Graph would be asked for it, as far as is known. */
export interface SubscriptionAsk {
  /** Path, or template of one. */
  readonly path: string;
  /** What follows `?`; may be empty. */
  readonly query: string;
  readonly changeTypes: readonly ChangeType[];
  /** Undefined: as long as Graph allows. */
  readonly lifetimeMs?: number | undefined;
  /** @default false */
  readonly includeResourceData?: boolean | undefined;
  /** Undefined while it is not known. */
  readonly cloud?: Cloud | undefined;
  /** How the credential signs in: a user, or the app for itself. Undefined while it is not known. */
  readonly access?: "delegated" | "application" | undefined;
}

/** What is known beforehand of Graph's answer. */
export interface Judgement {
  /** Graph would refuse it: sentences that say why, and which page says so. */
  readonly refusals: readonly string[];
  /** Graph may refuse it, or do other than is thought. */
  readonly doubts: readonly string[];
}

/**
 * Says what Graph would answer to a subscription, from the catalogue alone. What is not in the catalogue is let through.
 * Never throws.
 */
export function judge(ask: SubscriptionAsk): Judgement {
  const row = rowOf(ask.path);
  const found = [
    judgeMinimum(ask),
    ...(row === undefined ? [UNKNOWN] : ROW_RULES.map((rule) => rule(ask, row))),
    judgeMe(ask),
  ];
  return {
    refusals: found.flatMap(({ refusals = [] }) => refusals),
    doubts: found.flatMap(({ doubts = [] }) => doubts),
  };
}

type Finding = Partial<Judgement>;
type RowRule = (ask: SubscriptionAsk, row: CatalogueRow) => Finding;

const NOTHING: Finding = {};
const UNKNOWN: Finding = { doubts: ["It is not among the resources that are known to notify"] };

const ROW_RULES: readonly RowRule[] = [
  judgeChangeTypes,
  judgeMaximum,
  judgeResourceData,
  judgeQuery,
  judgeCloud,
  judgeAccess,
  (_, { doubts = [] }) => ({ doubts }),
];

function judgeChangeTypes({ path, changeTypes }: SubscriptionAsk, row: CatalogueRow): Finding {
  const { changeTypes: told, unsureChangeTypes: unsure = [], sources } = row;
  const never = changeTypes.find((type) => !told.includes(type) && !unsure.includes(type));
  if (never !== undefined) {
    const known = [...told, ...unsure].join(", ");
    const why =
      never === "created" && told.includes("updated")
        ? "Graph tells of a new one as `updated`"
        : "Graph never tells of it";
    return refusal(`\`changeType\` of \`${path}\` to be of ${known}, got \`${never}\`: ${why}`, sources[0]);
  }
  const open = changeTypes.filter((type) => unsure.includes(type));
  return open.length === 0 ? NOTHING : { doubts: [`No page says that it tells of ${open.join(" or ")}`] };
}

function judgeMinimum({ path, lifetimeMs }: SubscriptionAsk): Finding {
  if (lifetimeMs === undefined || lifetimeMs >= MIN_LIFETIME_MS) return NOTHING;
  return refusal(
    `\`lifetimeMs\` of \`${path}\` to be at least ${MIN_LIFETIME_MS} (45 min), got \`${lifetimeMs}\`: Graph raises a shorter life to that`,
    SUBSCRIPTION_PROPERTIES,
  );
}

function judgeMaximum(
  { path, lifetimeMs, includeResourceData }: SubscriptionAsk,
  row: CatalogueRow,
): Finding {
  const maximum = maxLifetimeMs(row, includeResourceData === true);
  if (lifetimeMs === undefined || maximum === undefined || lifetimeMs <= maximum) return NOTHING;
  const kind = includeResourceData === true ? " with resource data" : "";
  return refusal(
    `\`lifetimeMs\` of \`${path}\`${kind} to be at most ${maximum} (${maximum / 60_000} min), got \`${lifetimeMs}\`: Graph refuses a longer life`,
    SUBSCRIPTION_LIFETIME,
  );
}

function judgeResourceData(
  { path, query, includeResourceData = false }: SubscriptionAsk,
  { resourceData, sources }: CatalogueRow,
): Finding {
  const expected = `\`includeResourceData\` of \`${path}\``;
  switch (resourceData.kind) {
    case "none":
      return includeResourceData
        ? refusal(`${expected} to be false, got \`true\`: Graph includes no data of it`, sources[0])
        : NOTHING;
    case "undocumented":
      return includeResourceData ? { doubts: ["No page says whether Graph includes its data"] } : NOTHING;
    case "required":
      return includeResourceData
        ? judgeSelect({ path, query }, resourceData.select, sources[0])
        : refusal(`${expected} to be true, got \`false\`: Graph notifies with its data only`, sources[0]);
    case "offered":
      return includeResourceData
        ? judgeSelect({ path, query }, resourceData.select, sources[0])
        : selectDoubt(hasSelect(query) && isSelectInVain(resourceData));
  }
}

function judgeSelect(
  { path, query }: Pick<SubscriptionAsk, "path" | "query">,
  select: SelectRule,
  source: string,
): Finding {
  if (select === "required" && !hasSelect(query)) {
    return refusal(
      `\`select\` of \`${path}\` to name the properties to include, got none: Graph includes no others`,
      source,
    );
  }
  if (select === "unsupported" && hasSelect(query)) {
    return refusal(
      `no \`select\` of \`${path}\` with resource data, got one: Graph includes every property`,
      source,
    );
  }
  return NOTHING;
}

function isSelectInVain(resourceData: ResourceDataRule): boolean {
  return "select" in resourceData && resourceData.select === "unsupported";
}

function selectDoubt(isInVain: boolean): Finding {
  return isInVain
    ? { doubts: ["`$select` changes nothing: Graph includes every property or none"] }
    : NOTHING;
}

function judgeQuery(
  { path, query }: SubscriptionAsk,
  { query: rule, resourceData, sources }: CatalogueRow,
): Finding {
  const { refusals, doubts } = checkQuery(query, {
    ...rule,
    // Where it is known to change nothing, another rule says so.
    documented: isSelectInVain(resourceData) ? [...rule.documented, "$select"] : rule.documented,
  });
  return {
    refusals: refusals.map((says) => `Expected the query of \`${path}\` to have ${says} (${sources[0]})`),
    doubts,
  };
}

function judgeCloud(
  { path, cloud }: SubscriptionAsk,
  { version, missingIn, sources }: CatalogueRow,
): Finding {
  if (cloud === undefined) return NOTHING;
  if (version === "beta" && cloud.version !== "beta") {
    return refusal(
      `\`cloud.version\` to be beta for \`${path}\`, got \`${cloud.version}\`: Graph has it nowhere else`,
      sources[0],
    );
  }
  const national = nationalCloudOf(cloud);
  return national !== undefined && missingIn?.includes(national) === true
    ? refusal(
        `the global cloud for \`${path}\`, got \`${cloud.graphRoot}\`: that cloud does not notify of it`,
        sources[0],
      )
    : NOTHING;
}

function judgeAccess({ path, access }: SubscriptionAsk, { permissions, sources }: CatalogueRow): Finding {
  const { delegated, application } = permissions;
  const isForUsersOnly = application?.length === 0 && delegated?.length !== 0;
  const isForAppsOnly = delegated?.length === 0 && application?.length !== 0;
  if (access === "application" && isForUsersOnly) {
    return refusal(
      `a credential that signs in a user for \`${path}\`, got one of the app: Graph has no application permission for it`,
      sources[0],
    );
  }
  if (access === "delegated" && isForAppsOnly) {
    return refusal(
      `a credential of the app for \`${path}\`, got one that signs in a user: Graph has no delegated permission for it`,
      sources[0],
    );
  }
  return access === undefined && isForUsersOnly
    ? { doubts: ["Graph has no application permission for it: the credential must sign in a user"] }
    : NOTHING;
}

const ME_PAGE = "https://learn.microsoft.com/graph/api/user-get#permissions";

/** `me` is whoever is signed in. */
function judgeMe({ path, access }: SubscriptionAsk): Finding {
  if (canonicalSegments(path)[0] !== "me") return NOTHING;
  if (access === "application") {
    return refusal(
      `\`users/{userId}\` in place of \`me\` in \`${path}\`, got a credential of the app: nobody is signed in`,
      ME_PAGE,
    );
  }
  return access === "delegated"
    ? NOTHING
    : { doubts: ["`me` is the user who is signed in: a credential of the app has none"] };
}

function refusal(says: string, source: string): Finding {
  return { refusals: [`Expected ${says} (${source})`] };
}
