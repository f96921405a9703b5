/** A value that `JSON.parse` can return. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** Nesting allowed inside one notification. Graph's deepest documented payload has 6 levels. */
export const MAX_ITEM_DEPTH = 32;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Makes a freshly parsed JSON value safe to hand on: removes every own `__proto__` key, in place, because a
 * reader that copies the value by assignment would set a prototype with it.
 *
 * @returns false when the value nests deeper than `maxDepth`; it may then be half cleaned and must be dropped
 */
export function sanitizeJson(value: unknown, maxDepth: number = MAX_ITEM_DEPTH): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (maxDepth === 0) return false;
  if (Array.isArray(value)) return value.every((element) => sanitizeJson(element, maxDepth - 1));
  if (Object.hasOwn(value, "__proto__")) Reflect.deleteProperty(value, "__proto__");
  return Object.values(value).every((element) => sanitizeJson(element, maxDepth - 1));
}
