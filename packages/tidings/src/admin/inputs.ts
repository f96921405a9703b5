import { readBoundedBody } from "../core/body.ts";
import { isJsonObject } from "../core/json.ts";
import { canonicalResource } from "../core/resource-key.ts";
import { isGuid } from "../core/guid.ts";
import { STATES, type HistoryFilter, type LetterFilter, type SubscriptionFilter } from "./admin-app.ts";
import { badRequest, Refusal } from "./refusal.ts";

/** What a request asks for, by name, before anything of it is believed. */
export type Fields = ReadonlyMap<string, unknown>;

const LETTER_FIELDS = ["declaration", "resource", "since", "ids"] as const;
const SUBSCRIPTION_FIELDS = ["state", "tenantId", "resource", "id"] as const;
const HISTORY_FIELDS = ["declaration", "resource", "since"] as const;

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;
const MAX_IDS = 1_000;
const MAX_BODY_BYTES = 64 * 1024;

export interface DeadPageQuery {
  readonly filter: LetterFilter;
  readonly after: number | undefined;
  readonly limit: number;
}

export interface SubscriptionPageQuery {
  readonly filter: SubscriptionFilter;
  readonly limit: number;
}

export function parseSubscriptionPage(fields: Fields): SubscriptionPageQuery {
  assertKnown(fields, [...SUBSCRIPTION_FIELDS, "limit", "after"]);
  const limit = fields.get("limit");
  return {
    filter: {
      state: optional(fields, "state", parseState),
      tenantId: optional(fields, "tenantId", parseTenantId),
      resource: optional(fields, "resource", parseResource),
      id: optional(fields, "id", parseSubscriptionId),
      after: optional(fields, "after", parseSubscriptionId),
    },
    limit: limit === undefined ? DEFAULT_LIMIT : parseLimit(limit),
  };
}

/** @returns the key, or Graph's id, of the one that is meant */
export function parseRenewal(fields: Fields): string {
  assertKnown(fields, ["id"]);
  return parseSubscriptionId(fields.get("id"), "id");
}

/** Whether to prune, as a query or a body says it. */
export function parsePrune(fields: Fields): boolean {
  return parseFlag(fields, "prune");
}

/** Whether to replace what other secrets signed. */
export function parseForce(fields: Fields): boolean {
  return parseFlag(fields, "force");
}

/** The one thing that is asked for, or is not. */
function parseFlag(fields: Fields, name: string): boolean {
  assertKnown(fields, [name]);
  const flag = fields.get(name) ?? false;
  if (typeof flag === "boolean") return flag;
  if (flag === "true" || flag === "false") return flag === "true";
  throw badRequest(`Expected \`${name}\` to be true or false, got ${show(flag)}`);
}

export function parseDeadPage(fields: Fields): DeadPageQuery {
  assertKnown(fields, [...LETTER_FIELDS, "limit", "after"]);
  const limit = fields.get("limit");
  return {
    filter: letterFilter(fields),
    after: optional(fields, "after", parseId),
    limit: limit === undefined ? DEFAULT_LIMIT : parseLimit(limit),
  };
}

export function parseLetterFilter(fields: Fields): LetterFilter {
  assertKnown(fields, LETTER_FIELDS);
  return letterFilter(fields);
}

/** A purge cannot be undone: to throw everything away must be said. */
export function parsePurge(fields: Fields): LetterFilter {
  assertKnown(fields, [...LETTER_FIELDS, "all"]);
  const all = fields.get("all");
  if (all !== undefined && typeof all !== "boolean") {
    throw badRequest(`Expected \`all\` to be true or false, got ${show(all)}`);
  }
  const isFiltered = LETTER_FIELDS.some((name) => fields.has(name));
  if (!isFiltered && all !== true) {
    throw badRequest('Expected a filter, or `"all": true` to throw every dead letter away, got neither');
  }
  if (isFiltered && all === true) {
    throw badRequest('Expected a filter or `"all": true`, got both');
  }
  return letterFilter(fields);
}

export function parseHistoryFilter(fields: Fields): HistoryFilter {
  assertKnown(fields, HISTORY_FIELDS);
  return {
    declaration: optional(fields, "declaration", parseDeclaration),
    resource: optional(fields, "resource", parseResource),
    since: optional(fields, "since", parseInstant),
  };
}

/** @throws Refusal for a parameter given twice */
export function queryFields(url: string): Fields {
  const fields = new Map<string, string>();
  for (const [name, value] of new URL(url).searchParams) {
    if (fields.has(name)) throw badRequest(`Expected \`${quote(name)}\` once, got ${show(value)} as well`);
    fields.set(name, value);
  }
  return fields;
}

/** @throws Refusal when it is not `application/json`, too large, or no JSON object */
export async function bodyFields({ headers, body }: Request): Promise<Fields> {
  const type = headers.get("content-type") ?? "";
  if (!/^application\/json *(?:;|$)/i.test(type)) {
    throw new Refusal(
      415,
      "unsupported-media-type",
      `Expected \`Content-Type: application/json\`, got ${show(type)}`,
    );
  }
  const read = await readBoundedBody(body ?? noBytes(), MAX_BODY_BYTES, headers.get("content-length"));
  if (read.kind === "too-large") {
    throw new Refusal(413, "too-large", `Expected a body of at most ${MAX_BODY_BYTES} bytes`);
  }
  const value = parseJson(new TextDecoder().decode(read.bytes));
  if (!isJsonObject(value)) throw badRequest("Expected a JSON object, such as {}");
  return new Map(Object.entries(value));
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function letterFilter(fields: Fields): LetterFilter {
  return {
    declaration: optional(fields, "declaration", parseDeclaration),
    resourceKey: optional(fields, "resource", (value) => canonicalResource(parseResource(value))),
    since: optional(fields, "since", parseInstant),
    ids: optional(fields, "ids", parseIds),
  };
}

/** @throws Refusal when none is named: it is not for all */
export function parseTenant(fields: Fields): string {
  assertKnown(fields, ["tenantId"]);
  return parseTenantId(fields.get("tenantId"));
}

function optional<Value>(
  fields: Fields,
  name: string,
  parse: (value: unknown, name: string) => Value,
): Value | undefined {
  const value = fields.get(name);
  return fields.has(name) ? parse(value, name) : undefined;
}

function parseState(value: unknown): (typeof STATES)[number] {
  const state = STATES.find((known) => known === value);
  if (state !== undefined) return state;
  throw badRequest(`Expected \`state\` to be ${STATES.join(", ")}, got ${show(value)}`);
}

function parseTenantId(value: unknown): string {
  if (typeof value === "string" && isGuid(value)) return value;
  throw badRequest(`Expected \`tenantId\` to be a GUID, got ${show(value)}`);
}

function parseSubscriptionId(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw badRequest(`Expected \`${name}\` to be the key of a subscription, or Graph's id, got ${show(value)}`);
}

/** The empty name is that of lifecycle notifications. */
function parseDeclaration(value: unknown): string {
  if (typeof value === "string") return value;
  throw badRequest(`Expected \`declaration\` to be the name of one, got ${show(value)}`);
}

function parseResource(value: unknown): string {
  if (typeof value === "string" && canonicalResource(value) !== "") return value;
  throw badRequest(`Expected \`resource\` to be a path such as users/{id}, got ${show(value)}`);
}

const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** An ISO date, with its zone when it has a time, or epoch milliseconds. */
function parseInstant(value: unknown): number {
  const at =
    typeof value === "string" && ISO.test(value)
      ? Date.parse(value)
      : Number(
          typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value))
            ? value
            : Number.NaN,
        );
  if (Number.isSafeInteger(at) && at >= 0) return at;
  throw badRequest(
    `Expected \`since\` to be a time such as 2026-01-31T08:00:00Z or epoch milliseconds, got ${show(value)}`,
  );
}

/** A list, or text with commas between, as a query has it. */
function parseIds(value: unknown): number[] {
  const list: unknown = typeof value === "string" ? value.split(",") : value;
  if (Array.isArray(list) && list.length > 0 && list.length <= MAX_IDS) {
    return list.map((id) => parseId(id, "ids"));
  }
  const got = Array.isArray(list) ? String(list.length) : show(value);
  throw badRequest(`Expected \`ids\` to be 1 to ${MAX_IDS} ids, got ${got}`);
}

function parseId(value: unknown, name: string): number {
  const id = wholeNumber(value);
  if (id !== undefined) return id;
  throw badRequest(`Expected \`${name}\` to be the id of a dead letter, got ${show(value)}`);
}

function parseLimit(value: unknown): number {
  const limit = wholeNumber(value);
  if (limit !== undefined && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw badRequest(`Expected \`limit\` to be from 1 to ${MAX_LIMIT}, got ${show(value)}`);
}

function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** A misspelled filter is no filter: it is refused rather than passed over. */
function assertKnown(fields: Fields, known: readonly string[]): void {
  const unknown = [...fields.keys()].find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const names = known.map((name) => `\`${name}\``).join(", ");
  throw badRequest(`Expected only ${names === "" ? "no parameter" : names}, got \`${quote(unknown)}\``);
}

const SHOWN_LENGTH = 100;

function show(value: unknown): string {
  return quote(JSON.stringify(value) ?? "nothing");
}

function quote(text: string): string {
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}…`;
}
