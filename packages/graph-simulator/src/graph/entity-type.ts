import type { JsonObject, JsonValue } from "../http/json.ts";
import { refuse, type Refusal } from "../http/reply.ts";

/** The JSON form of a property. */
type PropertyType = "string" | "boolean" | "number" | "array" | "object";

/** What may be written to an entity. */
export interface EntityType {
  /** For example `microsoft.graph.user`. */
  readonly name: string;
  readonly writable: Readonly<Record<string, PropertyType>>;
  /** Properties that exist but are the service's: passed over in a write. */
  readonly readOnly: readonly string[];
}

/** The writable properties of a request body. */
export interface PropertyValues {
  readonly kind: "properties";
  readonly values: JsonObject;
}

/** Reads what a body writes; refuses a property the type does not have, or a value of the wrong JSON type. */
export function readProperties(body: JsonObject, type: EntityType): PropertyValues | Refusal {
  const values: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined || name.includes("@odata.") || type.readOnly.includes(name)) continue;
    const expected = Object.hasOwn(type.writable, name) ? type.writable[name] : undefined;
    if (expected === undefined) return unknownProperty(name, type);
    if (value !== null && jsonType(value) !== expected) return wrongType(name, expected);
    values[name] = value;
  }
  return { kind: "properties", values };
}

/**
 * The properties a `$select` names, in any case; all of them without one. `id` and annotations always stay.
 *
 * @param keeps properties that stay whatever is selected
 */
export function selectProperties(
  entity: JsonObject,
  select: string | null,
  keeps: readonly string[] = [],
): JsonObject {
  if (select === null) return entity;
  const wanted = new Set([...select.split(","), ...keeps].map((name) => name.trim().toLowerCase()));
  const isWanted = (name: string): boolean =>
    name === "id" || name.includes("@odata.") || wanted.has(name.toLowerCase());
  return Object.fromEntries(Object.entries(entity).filter(([name]) => isWanted(name)));
}

function jsonType(value: JsonValue): string {
  return Array.isArray(value) ? "array" : typeof value;
}

function unknownProperty(name: string, type: EntityType): Refusal {
  return refuse(
    400,
    "RequestBodyRead",
    `The property '${name}' does not exist on type '${type.name}'. Make sure to only use property names that are defined by the type.`,
  );
}

function wrongType(name: string, expected: PropertyType): Refusal {
  return refuse(
    400,
    "RequestBodyRead",
    `Cannot convert the value of '${name}' to the expected type '${expected}'.`,
  );
}
