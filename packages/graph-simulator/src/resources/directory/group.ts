import type { Entity } from "../../entities/entity.ts";
import type { EntityType } from "../../graph/entity-type.ts";
import type { JsonObject } from "../../http/json.ts";
import { formatSeconds } from "../../instant.ts";

/**
 * The properties of a group that may be written here.
 *
 * @see https://learn.microsoft.com/graph/api/resources/group#properties
 */
export const GROUP_TYPE: EntityType = {
  name: "microsoft.graph.group",
  writable: {
    classification: "string",
    description: "string",
    displayName: "string",
    groupTypes: "array",
    isAssignableToRole: "boolean",
    mailEnabled: "boolean",
    mailNickname: "string",
    membershipRule: "string",
    membershipRuleProcessingState: "string",
    preferredDataLocation: "string",
    preferredLanguage: "string",
    resourceBehaviorOptions: "array",
    resourceProvisioningOptions: "array",
    securityEnabled: "boolean",
    theme: "string",
    visibility: "string",
  },
  readOnly: ["id", "createdDateTime", "deletedDateTime", "mail", "proxyAddresses", "renewedDateTime"],
};

/** @see https://learn.microsoft.com/graph/api/group-post-groups#request-body */
export const REQUIRED_GROUP_PROPERTIES = [
  "displayName",
  "mailEnabled",
  "mailNickname",
  "securityEnabled",
] as const;

const NO_PROPERTIES: JsonObject = {
  ...Object.fromEntries(Object.keys(GROUP_TYPE.writable).map((name) => [name, null])),
  groupTypes: [],
  resourceBehaviorOptions: [],
  resourceProvisioningOptions: [],
  mail: null,
  proxyAddresses: [],
};

/** A group of a tenant's directory. @param id object id: a GUID in lower case @param createdAt epoch milliseconds */
export function createGroup(id: string, createdAt: number, values: JsonObject): Entity {
  const created = formatSeconds(createdAt);
  return {
    ...NO_PROPERTIES,
    id,
    deletedDateTime: null,
    createdDateTime: created,
    renewedDateTime: created,
    ...values,
  };
}

/** The relationships of a group that this model has; both hold users and groups. */
export const GROUP_RELATIONSHIPS = ["members", "owners"] as const;

export type GroupRelationship = (typeof GROUP_RELATIONSHIPS)[number];
