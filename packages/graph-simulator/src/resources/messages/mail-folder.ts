import type { JsonObject } from "../../http/json.ts";

/** A folder of a mailbox. */
export interface MailFolder {
  readonly id: string;
  readonly displayName: string;
  /** The name it can be addressed by in place of its id, in lower case. */
  readonly wellKnownName: string;
}

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

/** A folder on the wire. */
export function mailFolderBody(folder: MailFolder, totalItemCount: number): JsonObject {
  return {
    id: folder.id,
    displayName: folder.displayName,
    childFolderCount: 0,
    unreadItemCount: 0,
    totalItemCount,
    isHidden: false,
  };
}
