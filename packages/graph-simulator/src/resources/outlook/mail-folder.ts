import type { EntityType } from "../../graph/entity-type.ts";

/**
 * The properties of a folder that may be written here.
 *
 * @see https://learn.microsoft.com/graph/api/resources/mailfolder#properties
 */
export const MAIL_FOLDER_TYPE: EntityType = {
  name: "microsoft.graph.mailFolder",
  writable: { displayName: "string", isHidden: "boolean" },
  readOnly: ["id", "childFolderCount", "parentFolderId", "totalItemCount", "unreadItemCount", "sizeInBytes"],
};

/**
 * The folders every mailbox has.
 *
 * @see https://learn.microsoft.com/graph/api/resources/mailfolder
 */
export const WELL_KNOWN_FOLDERS = [
  { wellKnownName: "archive", displayName: "Archive" },
  { wellKnownName: "deleteditems", displayName: "Deleted Items" },
  { wellKnownName: "drafts", displayName: "Drafts" },
  { wellKnownName: "inbox", displayName: "Inbox" },
  { wellKnownName: "junkemail", displayName: "Junk Email" },
  { wellKnownName: "outbox", displayName: "Outbox" },
  { wellKnownName: "sentitems", displayName: "Sent Items" },
] as const;

export type WellKnownFolderName = (typeof WELL_KNOWN_FOLDERS)[number]["wellKnownName"];
