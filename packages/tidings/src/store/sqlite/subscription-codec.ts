import type { ChangeType } from "../../core/change-type.ts";
import type { Params } from "../../core/resource-template.ts";
import {
  deadlineOf,
  dueAtOf,
  type GraphSubscription,
  type SubscriptionRow,
  type Want,
} from "../../core/subscription.ts";
import { restoreGuids, shortenGuids } from "./guid-text.ts";
import type { Parameters, Row } from "./rows.ts";

/*
 * A desired subscription in few bytes, as there may be a million. What a query needs is in columns. What many rows have
 * in common, since declarations and the endpoint give it to them, is their *form*: a text that is stored once. What is
 * left is the row's *state*, JSON by place.
 */

interface Form {
  readonly query: string;
  readonly prefer?: string | undefined;
  /** With the names of their parameters only. */
  readonly wants: readonly Want[];
  readonly changeTypes?: readonly ChangeType[] | undefined;
  /** What comes before the row's key in the notification URL; absent when the key is not there. */
  readonly urlHead?: string | undefined;
}

type State = readonly [
  path: string,
  userId: string | null,
  values: readonly (readonly ParamValue[])[],
  graph: GraphState | null,
  story: Story | null,
];

/** A number is that of a segment of the path. */
type ParamValue = string | number;

type GraphState = readonly [
  id: string,
  /** What comes after the row's key in the notification URL. */
  urlTail: string,
  grantedAt: number,
  /** Null when it is in the column of the deadline. */
  expiresAt: number | null,
  isRenewalAsked: boolean,
];

/** What is usually nothing. */
type Story = Pick<
  SubscriptionRow,
  "createStartedAt" | "formerIds" | "missingSince" | "gap" | "parked" | "failures"
>;

const NO_STORY: Story = {
  createStartedAt: null,
  formerIds: [],
  missingSince: null,
  gap: null,
  parked: null,
  failures: 0,
};
const NO_STORY_TEXT: string = JSON.stringify(NO_STORY);

/** All but `heardAt`, which is written by itself. */
export function toSubscriptionParameters(row: SubscriptionRow): Parameters {
  const { key, version, tenantId, graph, parked, nextActionAt, claimedUntil } = row;
  return {
    key,
    version,
    tenant: tenantId,
    form: JSON.stringify(formOf(row)),
    state: shortenGuids(JSON.stringify(stateOf(row))),
    nextActionAt,
    claimedUntil,
    dueAt: dueAtOf(row),
    deadline: deadlineOf(row),
    isMissing: graph === null ? 1 : 0,
    isParked: parked === null ? 0 : 1,
  };
}

export function fromSubscriptionRow(columns: Row): SubscriptionRow {
  // What the function above made of a form and a state.
  const form: Form = JSON.parse(String(columns["form"]));
  const state: State = JSON.parse(restoreGuids(String(columns["state"])));
  const key = String(columns["key"]);
  const [path, userId, , , story] = state;
  const heardAt = columns["heardAt"];
  return {
    key,
    tenantId: String(columns["tenant"]),
    path,
    query: form.query,
    ...(userId === null ? {} : { userId }),
    ...(form.prefer === undefined ? {} : { prefer: form.prefer }),
    wants: wantsOf(form, state),
    graph: graphOf(form, state, { key, deadline: Number(columns["deadline"]) }),
    ...(story ?? NO_STORY),
    heardAt: typeof heardAt === "number" ? heardAt : null,
    nextActionAt: Number(columns["nextActionAt"]),
    claimedUntil: Number(columns["claimedUntil"]),
    version: Number(columns["version"]),
  };
}

function formOf({ key, query, prefer, wants, graph }: SubscriptionRow): Form {
  return {
    query,
    prefer,
    wants: wants.map((want) => ({ ...want, params: mapValues(want.params, () => "") })),
    changeTypes: graph?.changeTypes,
    urlHead: splitUrl(graph?.notificationUrl ?? "", key).head,
  };
}

function stateOf(row: SubscriptionRow): State {
  const { path, userId = null, wants, graph } = row;
  const { createStartedAt, formerIds, missingSince, gap, parked, failures } = row;
  const story = { createStartedAt, formerIds, missingSince, gap, parked, failures } satisfies Story;
  const segments = path.split("/");
  return [
    path,
    userId,
    wants.map(({ params }) => Object.values(params).map((value) => toParamValue(value, segments))),
    graph === null ? null : graphStateOf(graph, row),
    JSON.stringify(story) === NO_STORY_TEXT ? null : story,
  ];
}

function graphStateOf(graph: GraphSubscription, row: SubscriptionRow): GraphState {
  const { id, notificationUrl, grantedAt, expiresAt, isRenewalAsked } = graph;
  const { tail } = splitUrl(notificationUrl, row.key);
  return [id, tail, grantedAt, expiresAt === deadlineOf(row) ? null : expiresAt, isRenewalAsked];
}

function wantsOf({ wants }: Form, [path, , values]: State): Want[] {
  const segments = path.split("/");
  return wants.map((want, place) => {
    const own = values[place]?.values();
    return { ...want, params: mapValues(want.params, () => fromParamValue(own?.next().value, segments)) };
  });
}

function graphOf(
  { changeTypes = [], urlHead }: Form,
  [, , , graph]: State,
  { key, deadline }: { key: string; deadline: number },
): GraphSubscription | null {
  if (graph === null) return null;
  const [id, urlTail, grantedAt, expiresAt, isRenewalAsked] = graph;
  return {
    id,
    changeTypes,
    notificationUrl: urlHead === undefined ? urlTail : `${urlHead}${key}${urlTail}`,
    grantedAt,
    expiresAt: expiresAt ?? deadline,
    isRenewalAsked,
  };
}

function splitUrl(url: string, key: string): { head: string | undefined; tail: string } {
  const at = url.indexOf(key);
  return at < 0
    ? { head: undefined, tail: url }
    : { head: url.slice(0, at), tail: url.slice(at + key.length) };
}

function toParamValue(value: string, segments: readonly string[]): ParamValue {
  const place = segments.indexOf(value);
  return place < 0 ? value : place;
}

function fromParamValue(value: ParamValue | undefined, segments: readonly string[]): string {
  return (typeof value === "number" ? segments[value] : value) ?? "";
}

function mapValues(params: Params, map: (value: string) => string): Params {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, map(value)]));
}
