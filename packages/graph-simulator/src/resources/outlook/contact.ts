import type { EntityType } from "../../graph/entity-type.ts";
import type { JsonObject } from "../../http/json.ts";
import type { OutlookKind } from "./outlook-item.ts";

/**
 * The properties of a contact that may be written here.
 *
 * @see https://learn.microsoft.com/graph/api/resources/contact#properties
 */
export const CONTACT_TYPE: EntityType = {
  name: "microsoft.graph.contact",
  writable: {
    assistantName: "string",
    birthday: "string",
    businessAddress: "object",
    businessHomePage: "string",
    businessPhones: "array",
    categories: "array",
    children: "array",
    companyName: "string",
    department: "string",
    displayName: "string",
    emailAddresses: "array",
    fileAs: "string",
    generation: "string",
    givenName: "string",
    homeAddress: "object",
    homePhones: "array",
    imAddresses: "array",
    initials: "string",
    jobTitle: "string",
    manager: "string",
    middleName: "string",
    mobilePhone: "string",
    nickName: "string",
    officeLocation: "string",
    otherAddress: "object",
    personalNotes: "string",
    profession: "string",
    spouseName: "string",
    surname: "string",
    title: "string",
  },
  readOnly: ["id", "changeKey", "createdDateTime", "lastModifiedDateTime", "parentFolderId"],
};

/** @see https://learn.microsoft.com/graph/api/resources/contactfolder#properties */
export const CONTACT_FOLDER_TYPE: EntityType = {
  name: "microsoft.graph.contactFolder",
  writable: { displayName: "string" },
  readOnly: ["id", "parentFolderId"],
};

const DEFAULTS: JsonObject = {
  parentFolderId: null,
  displayName: "",
  givenName: null,
  surname: null,
  companyName: null,
  jobTitle: null,
  mobilePhone: null,
  businessPhones: [],
  homePhones: [],
  emailAddresses: [],
  imAddresses: [],
  categories: [],
};

/** The contacts of one folder. guess: those of the default folder are the ones `users/{id}/contacts` tells of. */
export function contactKind(
  userId: string,
  folder: { readonly id: string; readonly isDefault: boolean },
): OutlookKind {
  const inFolder = `users/${userId}/contactFolders/${folder.id}/contacts`;
  return {
    name: "Contact",
    defaults: DEFAULTS,
    derive: (contact) => (contact["displayName"] ? {} : { displayName: fullName(contact) }),
    topics: folder.isDefault ? [`users/${userId}/contacts`, inFolder] : [inFolder],
  };
}

function fullName(contact: JsonObject): string {
  return [contact["givenName"], contact["surname"]].filter((name) => typeof name === "string").join(" ");
}
