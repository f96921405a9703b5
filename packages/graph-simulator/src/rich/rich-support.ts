import { refuse, type Refusal } from "../http/reply.ts";
import { queryParameters } from "../subscriptions/query-parameters.ts";
import type { ResourceMatch, SubscribableResource } from "../subscriptions/subscribable-resources.ts";

/** What a kind of resource wants of a subscription with resource data. */
interface RichRule {
  /** Outlook sends what is selected and must be told; Teams sends everything and must not. */
  readonly select: "required" | "refused";
  /** Longest life in minutes, where it differs from a subscription without. */
  readonly maxMinutes?: number;
}

const OUTLOOK: RichRule = { select: "required", maxMinutes: 1_440 };
const TEAMS: RichRule = { select: "refused" };

/**
 * The kinds of resource that can be sent whole, by the name they have among the subscribable ones.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#supported-resources
 */
const RICH_RULES: ReadonlyMap<string, RichRule> = new Map([
  ["message", OUTLOOK],
  ["event", OUTLOOK],
  ["contact", OUTLOOK],
  ["aiInteraction", TEAMS],
  ["callRecording", TEAMS],
  ["callTranscript", TEAMS],
  ["channel", TEAMS],
  ["chat", TEAMS],
  ["chatMessage", TEAMS],
  ["conversationMember", TEAMS],
  ["onlineMeeting", TEAMS],
  ["presence", TEAMS],
  ["team", TEAMS],
  ["teamsAppInstallation", TEAMS],
]);

/** Properties too large to be sent. */
const UNSELECTABLE: ReadonlySet<string> = new Set(["body", "uniquebody"]);

/** Longest life in minutes of a subscription with resource data, or `undefined` when it is as without. */
export function richMaxMinutes(resource: SubscribableResource): number | undefined {
  return RICH_RULES.get(resource.name)?.maxMinutes;
}

/**
 * Why a resource cannot be sent whole, or `undefined` when it can.
 *
 * guess: the rules are documented, Graph's sentences are not.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-outlook-resources-overview
 */
export function richRefusal({ resource, query }: ResourceMatch): Refusal | undefined {
  const rule = RICH_RULES.get(resource.name);
  if (!rule) {
    return invalid(`includeResourceData is not supported for ${resource.name}.`);
  }
  const selected = selectedProperties(query);
  if (rule.select === "refused") {
    return selected && invalid(`$select is not supported for ${resource.name} with resource data.`);
  }
  if (!selected) {
    return invalid(`A $select is required in the resource for ${resource.name} with resource data.`);
  }
  const excess = selected.find((name) => UNSELECTABLE.has(name.toLowerCase()));
  return excess === undefined
    ? undefined
    : invalid(`${excess} is not allowed in the $select of ${resource.name}.`);
}

/** The properties the `$select` of a resource names, or `undefined` when it has none. */
export function selectedProperties(query: string): readonly string[] | undefined {
  const names = queryParameters(query)
    .get("$select")
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return names?.length === 0 ? undefined : names;
}

function invalid(message: string): Refusal {
  return refuse(400, "InvalidRequest", message);
}
