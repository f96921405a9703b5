import type { QueryRule } from "./row.ts";

/** One option of a resource's query. */
interface QueryOption {
  /** As written. */
  readonly name: string;
  /** Decoded. */
  readonly value: string;
}

/** What Graph would refuse of a query, and what no page documents. Each is the end of a sentence that begins “Expected”. */
export interface QueryFindings {
  readonly refusals: readonly string[];
  readonly doubts: readonly string[];
}

/** Compares the query of a subscription's resource with what is documented of it. Never throws. */
export function checkQuery(query: string, rule: QueryRule): QueryFindings {
  const options = parseQuery(query);
  const has = (name: string): boolean => options.some((option) => isSame(option.name, name));
  const isIn =
    (list: readonly string[] = []) =>
    (option: QueryOption) =>
      list.some((name) => isSame(name, option.name));
  const refused = options.filter(isIn(rule.refused));
  const unheardOf = options.filter(
    (option) => !isIn(rule.documented)(option) && !isIn(rule.refused)(option) && option.value !== "",
  );
  return {
    refusals: [
      ...refused.map(({ name }) => `no \`${name}\`, got one: Graph takes none here`),
      ...options.flatMap((option) => refusalsOf(option, rule)),
    ],
    doubts: [
      ...unheardOf.map(({ name }) => `No page documents \`${name}\` for it`),
      ...(rule.expected !== undefined && !has(rule.expected)
        ? [`It is documented only with \`${rule.expected}\``]
        : []),
    ],
  };
}

/** Whether a query selects properties. */
export function hasSelect(query: string): boolean {
  return parseQuery(query).some(({ name, value }) => isSame(name, "$select") && value !== "");
}

function refusalsOf({ name, value }: QueryOption, rule: QueryRule): string[] {
  if (isSame(name, "$select")) return selectRefusals(value, rule.refusedSelect ?? []);
  if (isSame(name, "$expand")) return expandRefusals(value, rule.allowedExpand);
  return isSame(name, "$filter") ? filterRefusals(value, rule) : [];
}

function selectRefusals(value: string, refused: readonly string[]): string[] {
  return namesIn(value)
    .filter((property) => refused.some((name) => isSame(name, property)))
    .map((property) => `\`$select\` without \`${property}\`, got it: Graph does not take it here`);
}

function expandRefusals(value: string, allowed: readonly string[] | undefined): string[] {
  if (allowed === undefined) return [];
  return namesIn(value.replaceAll(/\((?:[^()]|\([^()]*\))*\)/g, ""))
    .filter((property) => !allowed.some((name) => isSame(name, property)))
    .map((property) => `\`$expand\` of ${allowed.join(" or ")}, got \`${property}\``);
}

function filterRefusals(value: string, { maxFilterIds, isFilterTopLevelOnly }: QueryRule): string[] {
  const ids = value.match(QUOTED)?.length ?? 0;
  const nested = /\b\w+\/\w+/.exec(value.replaceAll(QUOTED, ""))?.[0];
  return [
    ...(maxFilterIds !== undefined && ids > maxFilterIds
      ? [`\`$filter\` to name at most ${maxFilterIds} ids, got \`${ids}\``]
      : []),
    ...(isFilterTopLevelOnly === true && nested !== undefined
      ? [`\`$filter\` to name the resource's own properties only, got \`${nested}\``]
      : []),
  ];
}

/** A text in OData: a quote inside is written twice, and so reads as two texts in a row. */
const QUOTED = /'[^']*'/g;

function namesIn(list: string): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** Splits at each `&` that is not inside a quoted text. */
function parseQuery(query: string): QueryOption[] {
  const parts = query.match(/(?:'[^']*'|[^&'])+/g) ?? [];
  return parts.map((part) => {
    const [name = "", ...value] = part.split("=");
    return { name: name.trim(), value: decode(value.join("=")).trim() };
  });
}

/** OData lets the `$` be left out, and Graph's names come in any case. */
function isSame(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

function plain(name: string): string {
  return name.replace(/^\$/, "").toLowerCase();
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone `%` is meant as it is.
    return text;
  }
}
