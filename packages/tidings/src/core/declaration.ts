import { allowsOnlyOne, rowOf } from "./catalogue/catalogue.ts";
import { judge } from "./catalogue/judge.ts";
import { CHANGE_TYPES, type ChangeType } from "./change-type.ts";
import { canonicalResource } from "./resource-key.ts";
import { DEFAULT_RETRY, type RetryPolicy } from "./retry.ts";
import {
  parseResourceTemplate,
  resourceQuery,
  type ResourceQuery,
  type ResourceTemplate,
} from "./resource-template.ts";

/** What a user may say of a declaration beyond its resource. */
export interface DeclarationOptions extends ResourceQuery {
  /**
   * Durable identity: what waits in the inbox is handed to the declaration of this name after a restart.
   * No white space. A second declaration on one resource needs one.
   * @default the resource, without white space or a leading slash
   */
  readonly name?: string | undefined;
  /**
   * Which changes to be told of.
   * @default every change Graph tells of this kind of resource
   */
  readonly changeType?: ChangeType | readonly ChangeType[] | undefined;
  /**
   * How long a life to ask Graph for, in milliseconds, from 45 min up. A subscription that several declarations share
   * has the shortest; a changed one counts from the next renewal.
   * @default the longest that Graph grants for this resource
   */
  readonly lifetimeMs?: number | undefined;
  /**
   * Values of the `Prefer` header that subscriptions are created with, such as `IdType="ImmutableId"`.
   * @see https://learn.microsoft.com/graph/outlook-immutable-id#immutable-ids-in-change-notifications
   */
  readonly prefer?: string | readonly string[] | undefined;
  /**
   * Each notification includes the changed resource, encrypted for the app's certificate: `change.data`. Graph then
   * grants some subscriptions a shorter life, and of mail, events and contacts includes what `select` names.
   * @default false
   * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data
   */
  readonly includeResourceData?: boolean | undefined;
  /**
   * `each`: every notification, in order. `latest`: what waits for one resource becomes one call with the newest;
   * for handlers that read the resource anyway.
   * @default "each"
   */
  readonly mode?: HandlerMode | undefined;
  /** Handlers of this declaration that run at once, from 1 up. @default 16 */
  readonly concurrency?: number | undefined;
  /** How long a handler may take, in milliseconds from 1 up. Then it has failed. @default 60 s */
  readonly timeoutMs?: number | undefined;
  /** @default 12 attempts, waits from 1 s to 15 min */
  readonly retry?: Partial<RetryPolicy> | undefined;
}

/** How changes of one resource come to the handler. */
export type HandlerMode = "each" | "latest";

/** A declaration with every default resolved; plain data. */
export interface DeclarationSpec {
  readonly name: string;
  readonly template: ResourceTemplate;
  readonly query: string;
  /** Undefined: none. */
  readonly prefer: string | undefined;
  readonly changeTypes: readonly ChangeType[];
  /** Its notifications include resource data. */
  readonly isRich: boolean;
  /** Undefined: as long as Graph grants. */
  readonly lifetimeMs: number | undefined;
  readonly mode: HandlerMode;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
}

const DEFAULT_CONCURRENCY = 16;
const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * @throws TypeError when the resource or an option makes no sense, or when Graph is known to refuse what is asked for;
 *   with the value shown, and the page that says so
 */
export function resolveDeclaration(resource: string, options: DeclarationOptions = {}): DeclarationSpec {
  const template = parseResourceTemplate(resource);
  const name = options.name ?? resource.replace(/^\//, "").replaceAll(/\s/g, "");
  if (name === "" || /[\s\p{Cc}]/u.test(name)) {
    throw new TypeError(`Expected \`name\` to be a word without white space, got \`${name}\``);
  }
  const query = resourceQuery(template, options);
  const changeTypes = resolveChangeTypes(template, options.changeType);
  const lifetimeMs =
    options.lifetimeMs === undefined ? undefined : resolveNumber("lifetimeMs", options.lifetimeMs, 1);
  const isRich = resolveIncludeResourceData(options.includeResourceData);
  const ask = { path: template.path, query, changeTypes, lifetimeMs, includeResourceData: isRich };
  const [refusal] = judge(ask).refusals;
  if (refusal !== undefined) throw new TypeError(refusal);
  return {
    name,
    template,
    query,
    prefer: resolvePrefer(options.prefer),
    changeTypes,
    isRich,
    lifetimeMs,
    mode: resolveMode(options.mode),
    concurrency: resolveNumber("concurrency", options.concurrency, DEFAULT_CONCURRENCY),
    timeoutMs: resolveNumber("timeoutMs", options.timeoutMs, DEFAULT_TIMEOUT_MS),
    retry: resolveRetry(options.retry),
  };
}

function resolveIncludeResourceData(includes: boolean = false): boolean {
  if (typeof includes === "boolean") return includes;
  throw new TypeError(`Expected \`includeResourceData\` to be true or false, got \`${String(includes)}\``);
}

function resolveMode(mode: string = "each"): HandlerMode {
  if (mode === "each" || mode === "latest") return mode;
  throw new TypeError(`Expected \`mode\` to be each or latest, got \`${mode}\``);
}

/** In one order, so that declarations that prefer the same share a subscription. */
function resolvePrefer(prefer: DeclarationOptions["prefer"]): string | undefined {
  if (prefer === undefined) return undefined;
  const values = [prefer].flat();
  const wrong = values.findIndex((value) => typeof value !== "string" || !PREFERENCE.test(value.trim()));
  if (wrong >= 0 || values.length === 0) {
    throw new TypeError(
      `Expected \`prefer\` to be like \`IdType="ImmutableId"\`, got \`${wrong < 0 ? "[]" : values[wrong]}\``,
    );
  }
  return values
    .map((value) => value.trim())
    .toSorted()
    .join(", ");
}

const PREFERENCE = /^[\w.-]+(?:\s*=\s*(?:"[^"\r\n]*"|[\w.-]+))?$/;

function resolveRetry(retry: Partial<RetryPolicy> = {}): RetryPolicy {
  if (typeof retry !== "object" || retry === null) {
    throw new TypeError(`Expected \`retry\` to be like \`{ attempts: 3 }\`, got \`${typeof retry}\``);
  }
  return {
    attempts: resolveNumber("retry.attempts", retry.attempts, DEFAULT_RETRY.attempts),
    firstMs: resolveNumber("retry.firstMs", retry.firstMs, DEFAULT_RETRY.firstMs),
    maxMs: resolveNumber("retry.maxMs", retry.maxMs, DEFAULT_RETRY.maxMs),
  };
}

function resolveNumber(name: string, value: number | undefined, otherwise: number): number {
  const number = value ?? otherwise;
  if (Number.isInteger(number) && number >= 1) return number;
  throw new RangeError(`Expected \`${name}\` to be a whole number from 1 up, got \`${number}\``);
}

function resolveChangeTypes(
  { path }: ResourceTemplate,
  asked: DeclarationOptions["changeType"],
): readonly ChangeType[] {
  if (asked === undefined) return rowOf(path)?.changeTypes ?? CHANGE_TYPES;
  const wanted: readonly string[] = [asked].flat();
  const unknown = wanted.find((type) => !CHANGE_TYPES.some((known) => known === type));
  if (unknown !== undefined || wanted.length === 0) {
    throw new TypeError(
      `Expected \`changeType\` to be of ${CHANGE_TYPES.join(", ")}, got \`${unknown ?? "[]"}\``,
    );
  }
  return CHANGE_TYPES.filter((type) => wanted.includes(type));
}

/**
 * Of some things Graph lets an app have one subscription only, which declarations share. With another query or other
 * headers they cannot.
 *
 * @throws TypeError when one of `others` is on the same resource and could not share with `spec`
 */
export function assertCanShare(spec: DeclarationSpec, others: Iterable<DeclarationSpec>): void {
  const row = rowOf(spec.template.path);
  if (!row?.quotas?.some(({ limit, per }) => limit === 1 && per === "app and target")) return;
  for (const other of others) {
    if (namelessPath(other) !== namelessPath(spec) || isAskedAlike(other, spec)) continue;
    throw new TypeError(
      `Expected \`${spec.name}\` to have the query and \`prefer\` of \`${other.name}\`, since Graph lets an app have one subscription for each ${row.name}; got \`${describeQuery(spec)}\` and \`${describeQuery(other)}\`: see ${row.sources[0]}`,
    );
  }
}

/**
 * Where Graph lets an app have one subscription only, a declaration without resource data rides on the one with it that
 * another needs on the same thing. So it is decided here, from all of them, which subscriptions are rich.
 */
export function withRiders(specs: readonly DeclarationSpec[]): DeclarationSpec[] {
  const rich = specs.filter(({ isRich }) => isRich);
  return specs.map((spec) =>
    spec.isRich || !rich.some((other) => ridesOn(spec, other)) ? spec : { ...spec, isRich: true },
  );
}

function ridesOn(spec: DeclarationSpec, other: DeclarationSpec): boolean {
  const row = rowOf(spec.template.path);
  return (
    row !== undefined &&
    allowsOnlyOne(row) &&
    namelessPath(other) === namelessPath(spec) &&
    isAskedAlike(other, spec)
  );
}

function isAskedAlike(a: DeclarationSpec, b: DeclarationSpec): boolean {
  return a.query === b.query && a.prefer === b.prefer;
}

/** What parameters are called makes no difference. */
function namelessPath({ template }: DeclarationSpec): string {
  return canonicalResource(template.path.replaceAll(/\{\w+\}/g, "{}"));
}

function describeQuery({ query, prefer }: DeclarationSpec): string {
  return [query, prefer].filter(Boolean).join(", ") || "none";
}

/** A resource without parameters subscribes by itself; one with them, or of a user, waits for `subscribe()`. */
export function subscribesByItself({ template }: DeclarationSpec): boolean {
  return template.paramNames.length === 0 && !isOfUser(template);
}

/** Whether it is about whoever is signed in: `me`. */
export function isOfUser({ path }: ResourceTemplate): boolean {
  return /^me(?:\/|$)/i.test(path);
}
