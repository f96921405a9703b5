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
  readonly isRich?: true | undefined;
  /** With the names of their parameters only. */
  readonly wants: readonly Want[];
  readonly changeTypes?: readonly ChangeType[] | undefined;
  /** What comes before the row's key in the notification URL; absent when the key is not there. */
  readonly urlHead?: string | undefined;
  /** Of the few that an app has at a time. */
  readonly certificateId?: string | undefined;
}

/** Ends with what is seldom there, and before it if it is not. */
type State = [
  path: string,
  values: readonly (readonly ParamValue[])[],
  graph?: GraphState | null,
  story?: Story | null,
  userId?: string | null,
];

/** A number is that of a segment of the path. */
type ParamValue = string | number;

type GraphState = [
  id: string,
  /** What comes after the row's key in the notification URL. */
  urlTail: string,
  grantedAt: number,
  isRenewalAsked?: true | null,
  /** Absent when it is the deadline, which is in a column. */
  expiresAt?: number | null,
];

/** What is seldom there; null also stands for no failures and no ids. */
type Story = [
  missingSince?: number | null,
  createStartedAt?: number | null,
  failures?: number | null,
  formerIds?: readonly string[] | null,
  gap?: SubscriptionRow["gap"],
  parked?: SubscriptionRow["parked"],
];

/**
 * What Graph has none of yet takes as much room as most will when it has: a row that grows would have to move, and the
 * pages of a table that moves are two thirds full.
 */
const ROOM = 140;

/** All but `heardAt`, which is written by itself. */
export function toSubscriptionParameters(row: SubscriptionRow): Parameters {
  const { key, version, tenantId, graph, parked, nextActionAt, claimedUntil } = row;
  const dueAt = dueAtOf(row);
  return {
    key,
    version,
    tenant: tenantId,
    form: JSON.stringify(formOf(row)),
    state: shortenGuids(JSON.stringify(stateOf(row))).padEnd(graph === null ? ROOM : 0),
    nextActionAt: nextActionAt === dueAt ? null : nextActionAt,
    claimedUntil,
    dueAt,
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
  const [path, , , story, userId] = state;
  const [missingSince, createStartedAt, failures, formerIds, gap, parked] = story ?? [];
  const heardAt = columns["heardAt"];
  return {
    key,
    tenantId: String(columns["tenant"]),
    path,
    query: form.query,
    ...(typeof userId === "string" ? { userId } : {}),
    ...(form.prefer === undefined ? {} : { prefer: form.prefer }),
    ...(form.isRich === undefined ? {} : { isRich: form.isRich }),
    wants: wantsOf(form, state),
    graph: graphOf(form, state, { key, deadline: Number(columns["deadline"]) }),
    createStartedAt: createStartedAt ?? null,
    formerIds: formerIds ?? [],
    missingSince: missingSince ?? null,
    gap: gap ?? null,
    parked: parked ?? null,
    failures: failures ?? 0,
    heardAt: typeof heardAt === "number" ? heardAt : null,
    nextActionAt: Number(columns["nextActionAt"]),
    claimedUntil: Number(columns["claimedUntil"]),
    version: Number(columns["version"]),
  };
}

function formOf({ key, query, prefer, isRich, wants, graph }: SubscriptionRow): Form {
  return {
    query,
    prefer,
    isRich,
    wants: wants.map((want) => ({ ...want, params: mapValues(want.params, () => "") })),
    changeTypes: graph?.changeTypes,
    urlHead: splitUrl(graph?.notificationUrl ?? "", key).head,
    certificateId: graph?.certificateId,
  };
}

function stateOf(row: SubscriptionRow): State {
  const { path, userId = null, wants, graph } = row;
  const segments = path.split("/");
  return trimmed([
    path,
    wants.map(({ params }) => Object.values(params).map((value) => toParamValue(value, segments))),
    graph === null ? null : graphStateOf(graph, row),
    storyOf(row),
    userId,
  ]);
}

function graphStateOf(graph: GraphSubscription, row: SubscriptionRow): GraphState {
  const { id, notificationUrl, grantedAt, expiresAt, isRenewalAsked } = graph;
  const { tail } = splitUrl(notificationUrl, row.key);
  return trimmed([
    id,
    tail,
    grantedAt,
    isRenewalAsked ? true : null,
    expiresAt === deadlineOf(row) ? null : expiresAt,
  ]);
}

function storyOf({
  missingSince,
  createStartedAt,
  failures,
  formerIds,
  gap,
  parked,
}: SubscriptionRow): Story | null {
  const ids = formerIds.length === 0 ? null : formerIds;
  const story = trimmed<Story>([
    missingSince,
    createStartedAt,
    failures === 0 ? null : failures,
    ids,
    gap,
    parked,
  ]);
  return story.length === 0 ? null : story;
}

function wantsOf({ wants }: Form, [path, values]: State): Want[] {
  const segments = path.split("/");
  return wants.map((want, place) => {
    const own = values[place]?.values();
    return { ...want, params: mapValues(want.params, () => fromParamValue(own?.next().value, segments)) };
  });
}

function graphOf(
  { changeTypes = [], urlHead, certificateId }: Form,
  [, , graph]: State,
  { key, deadline }: { key: string; deadline: number },
): GraphSubscription | null {
  if (!graph) return null;
  const [id, urlTail, grantedAt, isRenewalAsked, expiresAt] = graph;
  return {
    id,
    changeTypes,
    notificationUrl: urlHead === undefined ? urlTail : `${urlHead}${key}${urlTail}`,
    grantedAt,
    expiresAt: expiresAt ?? deadline,
    isRenewalAsked: isRenewalAsked === true,
    ...(certificateId === undefined ? {} : { certificateId }),
  };
}

/** Takes the nulls from its end. */
function trimmed<List extends unknown[]>(list: List): List {
  while (list.at(-1) === null) list.pop();
  return list;
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
