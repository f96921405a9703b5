import { isJsonObject, type JsonObject, type JsonValue } from "../http/json.ts";
import { parseInstant } from "../instant.ts";

export type Comparison = "eq" | "ne" | "gt" | "ge" | "lt" | "le";

/** Text functions of two arguments that are true or false. */
export type TextTest = "startswith" | "endswith" | "contains";

/** A value in a filter: a literal, or a property on a path such as `from/emailAddress/address`. */
export type Operand =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "path"; readonly path: readonly string[] };

/**
 * A `$filter` as plain data: it can be kept, compared and written down.
 *
 * @see https://learn.microsoft.com/graph/filter-query-parameter
 */
export type Filter =
  | { readonly kind: "and" | "or"; readonly left: Filter; readonly right: Filter }
  | { readonly kind: "not"; readonly filter: Filter }
  | { readonly kind: "compare"; readonly how: Comparison; readonly left: Operand; readonly right: Operand }
  | { readonly kind: "in"; readonly left: Operand; readonly values: readonly Operand[] }
  | { readonly kind: "text"; readonly test: TextTest; readonly left: Operand; readonly right: Operand }
  | { readonly kind: "true"; readonly operand: Operand }
  | {
      readonly kind: "any" | "all";
      readonly path: readonly string[];
      readonly variable: string;
      /** Absent in `tags/any()`, which asks for any item at all. */
      readonly filter: Filter | undefined;
    };

/** Whether the entity is one of those the filter lets through. Text compares in any case, as Graph's does. */
export function matchesFilter(entity: JsonObject, filter: Filter): boolean {
  switch (filter.kind) {
    case "and":
      return matchesFilter(entity, filter.left) && matchesFilter(entity, filter.right);
    case "or":
      return matchesFilter(entity, filter.left) || matchesFilter(entity, filter.right);
    case "not":
      return !matchesFilter(entity, filter.filter);
    case "compare":
      return compares(filter.how, valueOf(entity, filter.left), valueOf(entity, filter.right));
    case "in":
      return filter.values.some((value) =>
        compares("eq", valueOf(entity, filter.left), valueOf(entity, value)),
      );
    case "text":
      return testsText(filter.test, valueOf(entity, filter.left), valueOf(entity, filter.right));
    case "true":
      return valueOf(entity, filter.operand) === true;
    case "any":
    case "all":
      return matchesItems(entity, filter);
  }
}

/** The ids asked for by a filter that is nothing but `id eq '…'`, joined by `or`, or `id in (…)`. */
export function idsOf(filter: Filter): readonly string[] | undefined {
  if (filter.kind === "or") {
    const left = idsOf(filter.left);
    const right = idsOf(filter.right);
    return left && right && [...left, ...right];
  }
  const isEquality = filter.kind === "compare" && filter.how === "eq";
  if (!(isEquality || filter.kind === "in") || !isIdPath(filter.left)) return undefined;
  const values = filter.kind === "in" ? filter.values : [filter.right];
  const ids = values.flatMap((value) => (value.kind === "literal" ? String(value.value) : []));
  return ids.length > 0 && ids.length === values.length ? ids : undefined;
}

/** The value on a path, `null` where there is none. */
export function valueAt(entity: JsonObject, path: readonly string[]): JsonValue {
  let value: JsonValue | undefined = entity;
  for (const name of path) value = isJsonObject(value) ? propertyOf(value, name) : undefined;
  return value ?? null;
}

/** Orders two values as Graph does: `null` first, instants by time, text in any case. */
export function compareValues(left: JsonValue, right: JsonValue): number {
  const one = comparable(left);
  const other = comparable(right);
  if (one === other) return 0;
  if (one === null) return -1;
  if (other === null) return 1;
  if (typeof one === typeof other) return one < other ? -1 : 1;
  return String(one) < String(other) ? -1 : 1;
}

function matchesItems(entity: JsonObject, filter: Extract<Filter, { variable: string }>): boolean {
  const list = valueAt(entity, filter.path);
  const items = Array.isArray(list) ? list : [];
  const { filter: condition, variable } = filter;
  if (!condition) return items.length > 0;
  const matches = (item: JsonValue): boolean => matchesFilter({ ...entity, [variable]: item }, condition);
  return filter.kind === "any" ? items.some(matches) : items.every(matches);
}

function valueOf(entity: JsonObject, operand: Operand): JsonValue {
  return operand.kind === "literal" ? operand.value : valueAt(entity, operand.path);
}

function compares(how: Comparison, left: JsonValue, right: JsonValue): boolean {
  const order = compareValues(left, right);
  if (how === "eq") return order === 0;
  if (how === "ne") return order !== 0;
  // Nothing is less or more than null.
  if (left === null || right === null) return false;
  switch (how) {
    case "gt":
      return order > 0;
    case "ge":
      return order >= 0;
    case "lt":
      return order < 0;
    case "le":
      return order <= 0;
  }
}

function testsText(test: TextTest, left: JsonValue, right: JsonValue): boolean {
  if (typeof left !== "string" || typeof right !== "string") return false;
  const text = left.toLowerCase();
  const part = right.toLowerCase();
  switch (test) {
    case "startswith":
      return text.startsWith(part);
    case "endswith":
      return text.endsWith(part);
    case "contains":
      return text.includes(part);
  }
}

function comparable(value: JsonValue): string | number | boolean | null {
  if (typeof value === "string") return parseInstant(value) ?? value.toLowerCase();
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}

function isIdPath(operand: Operand): boolean {
  return operand.kind === "path" && operand.path.length === 1 && operand.path[0]?.toLowerCase() === "id";
}

/** Property names match in any case. */
function propertyOf(object: JsonObject, name: string): JsonValue | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  const wanted = name.toLowerCase();
  const found = Object.keys(object).find((key) => key.toLowerCase() === wanted);
  return found === undefined ? undefined : object[found];
}
