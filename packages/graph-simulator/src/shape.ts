import { parseDuration } from "./duration.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./http/json.ts";

/** Data from outside that is not what it should be. The message names the place, what was expected and what was there. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";

  constructor(where: string, expected: string, got: JsonValue | undefined) {
    super(
      `${where === "" ? "The body" : where}: expected ${expected}, got ${got === undefined ? "nothing" : JSON.stringify(got)}`,
    );
  }
}

export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
}

/**
 * Reads an object property by property, and refuses what nobody asked for: a property that is misspelt must not be
 * passed over.
 */
export class Shape {
  readonly where: string;
  readonly #object: JsonObject;
  readonly #unread: Set<string>;

  /** @throws ShapeError when it is no object */
  constructor(value: JsonValue | undefined, where: string) {
    if (!isJsonObject(value)) throw new ShapeError(where, "an object", value);
    this.where = where;
    this.#object = value;
    this.#unread = new Set(Object.keys(value));
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  value(name: string): JsonValue | undefined {
    this.#unread.delete(name);
    return this.#object[name];
  }

  number(name: string, { min = 0, max = Number.POSITIVE_INFINITY }: NumberRange = {}): number {
    const value = this.value(name);
    if (typeof value === "number" && value >= min && value <= max) return value;
    const range = max === Number.POSITIVE_INFINITY ? `a number >= ${min}` : `a number from ${min} to ${max}`;
    throw new ShapeError(this.#at(name), range, value);
  }

  /** A whole number. */
  count(name: string, min: number): number {
    const value = this.value(name);
    if (typeof value === "number" && Number.isInteger(value) && value >= min) return value;
    throw new ShapeError(this.#at(name), `a whole number >= ${min}`, value);
  }

  flag(name: string): boolean {
    const value = this.value(name);
    if (typeof value === "boolean") return value;
    throw new ShapeError(this.#at(name), "true or false", value);
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value === "string" && value !== "") return value;
    throw new ShapeError(this.#at(name), "a text", value);
  }

  durationMs(name: string): number {
    const value = this.value(name);
    const ms = typeof value === "number" || typeof value === "string" ? parseDuration(value) : undefined;
    if (ms !== undefined) return ms;
    throw new ShapeError(this.#at(name), 'milliseconds or a duration like "10s", "5m", "4h"', value);
  }

  choice<Choice extends string | number>(name: string, choices: readonly Choice[]): Choice {
    const value = this.value(name);
    const chosen = choices.find((choice) => choice === value);
    if (chosen !== undefined) return chosen;
    throw new ShapeError(this.#at(name), `one of ${choices.join(", ")}`, value);
  }

  list(name: string): readonly JsonValue[] {
    const value = this.value(name);
    if (Array.isArray(value)) return value;
    throw new ShapeError(this.#at(name), "an array", value);
  }

  /** @throws ShapeError when there is a property nobody read */
  end(): void {
    const [unread] = this.#unread;
    if (unread !== undefined) {
      throw new ShapeError(this.#at(unread), "no such property", this.#object[unread]);
    }
  }

  #at(name: string): string {
    return this.where === "" ? name : `${this.where}.${name}`;
  }
}
