import type { Entity } from "../../entities/entity.ts";
import type { EntityType } from "../../graph/entity-type.ts";
import { textOf, type JsonObject } from "../../http/json.ts";
import { formatSeconds } from "../../instant.ts";

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
export const DEFAULT_USER_PROPERTIES =
  "businessPhones,displayName,givenName,jobTitle,mail,mobilePhone,officeLocation,preferredLanguage,surname,userPrincipalName,id";

const NO_PROPERTIES: JsonObject = Object.fromEntries(
  Object.keys(USER_TYPE.writable)
    .filter((name) => name !== "passwordProfile")
    .map((name) => [name, null]),
);

/** A user of a tenant's directory. @param id object id: a GUID in lower case @param createdAt epoch milliseconds */
export function createUser(id: string, createdAt: number, values: JsonObject): Entity {
  const user = { ...NO_PROPERTIES, businessPhones: [], id, createdDateTime: formatSeconds(createdAt) };
  return updateUser(user, values);
}

/** The user after a write. Its password is never answered, so it is not kept. */
export function updateUser(user: Entity, { passwordProfile: _password, ...values }: JsonObject): Entity {
  return { ...user, ...values };
}

/** The name a user signs in with, in lower case: unique in its tenant. */
export function principalName(user: Entity): string {
  return textOf(user, "userPrincipalName")?.toLowerCase() ?? "";
}
