import type { Comparison, Filter, Operand, TextTest } from "./filter.ts";

/** What became of reading a `$filter`. */
export type FilterAnswer =
  | { readonly kind: "filter"; readonly filter: Filter }
  | { readonly kind: "unreadable"; readonly reason: string };

const COMPARISONS: ReadonlySet<string> = new Set(["eq", "ne", "gt", "ge", "lt", "le"] satisfies Comparison[]);
const TEXT_TESTS: ReadonlySet<string> = new Set(["startswith", "endswith", "contains"] satisfies TextTest[]);

/** Text in quotes, an instant, a number, a name with slashes, or a mark. */
const TOKEN =
  /\s*(?:(?<text>'(?:[^']|'')*')|(?<instant>\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?)|(?<guid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|(?<number>-?\d+(?:\.\d+)?)|(?<name>[A-Za-z_@][\w@.]*(?:\/[A-Za-z_@][\w@.]*)*)|(?<mark>[(),:]))/iy;

type TokenKind = "text" | "instant" | "guid" | "number" | "name" | "mark";

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/**
 * Reads the part of OData's filter language that Graph's pages use: comparisons, `in`, `and`, `or`, `not`, the text
 * functions, `any` and `all`.
 *
 * @throws never
 * @see https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_SystemQueryOptionfilter
 */
export function parseFilter(text: string): FilterAnswer {
  try {
    const reader = new FilterReader(tokenize(text));
    const filter = reader.readOr();
    reader.expectEnd();
    return { kind: "filter", filter };
  } catch (cause) {
    if (cause instanceof FilterSyntaxError) return { kind: "unreadable", reason: cause.message };
    throw cause;
  }
}

class FilterSyntaxError extends Error {
  override readonly name = "FilterSyntaxError";
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const source = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(source);
    if (!found) throw new FilterSyntaxError(`Syntax error at position ${at} in '${text}'.`);
    tokens.push(tokenOf(found));
  }
  return tokens;
}

function tokenOf(found: RegExpExecArray): Token {
  const groups = found.groups ?? {};
  const kinds: readonly TokenKind[] = ["text", "instant", "guid", "number", "name", "mark"];
  for (const kind of kinds) {
    const text = groups[kind];
    if (text !== undefined) return { kind, text };
  }
  throw new FilterSyntaxError("Syntax error.");
}

/** Recursive descent; a method for each level of precedence. */
class FilterReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  readOr(): Filter {
    let left = this.#readAnd();
    while (this.#takeWord("or")) left = { kind: "or", left, right: this.#readAnd() };
    return left;
  }

  expectEnd(): void {
    const rest = this.#tokens[this.#at];
    if (rest) throw new FilterSyntaxError(`Syntax error at '${rest.text}'.`);
  }

  #readAnd(): Filter {
    let left = this.#readNot();
    while (this.#takeWord("and")) left = { kind: "and", left, right: this.#readNot() };
    return left;
  }

  #readNot(): Filter {
    if (this.#takeWord("not")) return { kind: "not", filter: this.#readNot() };
    if (!this.#takeMark("(")) return this.#readTest();
    const inner = this.readOr();
    this.#expectMark(")");
    return inner;
  }

  #readTest(): Filter {
    const token = this.#tokens[this.#at];
    const next = this.#tokens[this.#at + 1];
    if (token?.kind === "name" && next?.text === "(") return this.#readCall(token.text);
    const left = this.#readOperand();
    if (this.#takeWord("in")) return { kind: "in", left, values: this.#readList() };
    const how = this.#tokens[this.#at]?.text.toLowerCase() ?? "";
    if (!isComparison(how)) return { kind: "true", operand: left };
    this.#at += 1;
    return { kind: "compare", how, left, right: this.#readOperand() };
  }

  #readCall(name: string): Filter {
    this.#at += 2;
    const path = name.split("/");
    const last = path.at(-1)?.toLowerCase() ?? "";
    if (path.length > 1 && (last === "any" || last === "all"))
      return this.#readItems(last, path.slice(0, -1));
    if (!isTextTest(last)) throw new FilterSyntaxError(`An unknown function with name '${name}' was found.`);
    const left = this.#readOperand();
    this.#expectMark(",");
    const right = this.#readOperand();
    this.#expectMark(")");
    return { kind: "text", test: last, left, right };
  }

  #readItems(kind: "any" | "all", path: readonly string[]): Filter {
    if (this.#takeMark(")")) return { kind, path, variable: "", filter: undefined };
    const variable = this.#take("name").text;
    this.#expectMark(":");
    const filter = this.readOr();
    this.#expectMark(")");
    return { kind, path, variable, filter };
  }

  #readList(): readonly Operand[] {
    this.#expectMark("(");
    const values = [this.#readOperand()];
    while (this.#takeMark(",")) values.push(this.#readOperand());
    this.#expectMark(")");
    return values;
  }

  #readOperand(): Operand {
    const token = this.#tokens[this.#at];
    if (!token || token.kind === "mark") {
      throw new FilterSyntaxError(`Expression expected${token ? ` at '${token.text}'` : ""}.`);
    }
    this.#at += 1;
    switch (token.kind) {
      case "text":
        return { kind: "literal", value: token.text.slice(1, -1).replaceAll("''", "'") };
      case "instant":
      case "guid":
        return { kind: "literal", value: token.text };
      case "number":
        return { kind: "literal", value: Number(token.text) };
      case "name":
        return nameOperand(token.text);
    }
  }

  #take(kind: TokenKind): Token {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind) throw new FilterSyntaxError(`Expected a ${kind}, got '${token?.text ?? ""}'.`);
    this.#at += 1;
    return token;
  }

  #takeWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    const isThere = token?.kind === "name" && token.text.toLowerCase() === word;
    if (isThere) this.#at += 1;
    return isThere;
  }

  #takeMark(mark: string): boolean {
    const isThere = this.#tokens[this.#at]?.text === mark;
    if (isThere) this.#at += 1;
    return isThere;
  }

  #expectMark(mark: string): void {
    if (!this.#takeMark(mark)) {
      throw new FilterSyntaxError(`'${mark}' expected, got '${this.#tokens[this.#at]?.text ?? ""}'.`);
    }
  }
}

function nameOperand(name: string): Operand {
  switch (name.toLowerCase()) {
    case "true":
      return { kind: "literal", value: true };
    case "false":
      return { kind: "literal", value: false };
    case "null":
      return { kind: "literal", value: null };
    default:
      return { kind: "path", path: name.split("/") };
  }
}

function isComparison(word: string): word is Comparison {
  return COMPARISONS.has(word);
}

function isTextTest(word: string): word is TextTest {
  return TEXT_TESTS.has(word);
}
