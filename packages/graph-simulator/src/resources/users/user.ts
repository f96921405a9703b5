import type { EntityType } from "../../graph/entity-type.ts";
import type { JsonObject } from "../../http/json.ts";
import { formatSeconds } from "../../instant.ts";

/** A user of a tenant's directory. */
export interface User {
  /** Object id: a GUID in lower case. */
  readonly id: string;
  readonly tenantId: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** What was written to it. */
  readonly properties: JsonObject;
}

/**
 * The properties of a user that may be written here.
 *
 * @see https://learn.microsoft.com/graph/api/resources/user#properties
 */
export const USER_TYPE: EntityType = {
  name: "microsoft.graph.user",
  writable: {
    accountEnabled: "boolean",
    businessPhones: "array",
    city: "string",
    companyName: "string",
    country: "string",
    department: "string",
    displayName: "string",
    employeeId: "string",
    employeeType: "string",
    givenName: "string",
    jobTitle: "string",
    mail: "string",
    mailNickname: "string",
    mobilePhone: "string",
    officeLocation: "string",
    onPremisesExtensionAttributes: "object",
    otherMails: "array",
    passwordPolicies: "string",
    passwordProfile: "object",
    postalCode: "string",
    preferredLanguage: "string",
    state: "string",
    streetAddress: "string",
    surname: "string",
    usageLocation: "string",
    userPrincipalName: "string",
    userType: "string",
  },
  readOnly: ["id", "createdDateTime"],
};

/** @see https://learn.microsoft.com/graph/api/user-post-users#request-body */
export const REQUIRED_USER_PROPERTIES = [
  "accountEnabled",
  "displayName",
  "mailNickname",
  "passwordProfile",
  "userPrincipalName",
] as const;

/** What Graph answers when nothing is selected. */
const DEFAULT_PROPERTIES = [
  "displayName",
  "givenName",
  "jobTitle",
  "mail",
  "mobilePhone",
  "officeLocation",
  "preferredLanguage",
  "surname",
  "userPrincipalName",
  "id",
] as const;

/**
 * A user on the wire.
 *
 * @param select the `$select` of the request; without it only a small set of properties is answered
 */
export function userBody(user: User, select: string | null): JsonObject {
  const entity: JsonObject = {
    ...user.properties,
    // Never answered, whatever is selected.
    passwordProfile: null,
    businessPhones: user.properties["businessPhones"] ?? [],
    createdDateTime: formatSeconds(user.createdAt),
    id: user.id,
  };
  const names = select?.split(",").map((name) => name.trim()) ?? ["businessPhones", ...DEFAULT_PROPERTIES];
  return Object.fromEntries(names.map((name) => [name, entity[name] ?? null]));
}

/** The name a user signs in with, in lower case: unique in its tenant. */
export function principalName(user: User): string {
  const name = user.properties["userPrincipalName"];
  return typeof name === "string" ? name.toLowerCase() : "";
}
