import { addEntityRoutes } from "../../entities/entity-routes.ts";
import type { GraphRequest } from "../../graph/graph-request.ts";
import type { Router } from "../../http/router.ts";
import { CONTACT_FOLDER_TYPE, CONTACT_TYPE } from "./contact.ts";
import { itemNotFound, type MailboxOpener } from "./mailbox-opener.ts";
import { OUTLOOK_PAGE_SIZE } from "./message-routes.ts";

/**
 * Adds `/users/{id}/contacts` and `/users/{id}/contactFolders`.
 *
 * @see https://learn.microsoft.com/graph/api/resources/contact#methods
 */
export function addContactRoutes(router: Router<GraphRequest>, opener: MailboxOpener): void {
  const contacts = {
    context: "contacts",
    type: CONTACT_TYPE,
    pageSize: OUTLOOK_PAGE_SIZE,
    notFound: itemNotFound,
  } as const;
  addEntityRoutes(router, {
    ...contacts,
    path: "users/{userId}/contacts",
    open: opener.entities((mailbox) => mailbox.contacts),
  });
  addEntityRoutes(router, {
    ...contacts,
    path: "users/{userId}/contactFolders/{folderId}/contacts",
    open: opener.entities((mailbox, params) => {
      const folderId = params.get("folderId");
      return mailbox.hasContactFolder(folderId) ? mailbox.contacts.inFolder(folderId) : undefined;
    }),
  });
  addEntityRoutes(router, {
    context: "contactFolders",
    type: CONTACT_FOLDER_TYPE,
    pageSize: OUTLOOK_PAGE_SIZE,
    notFound: itemNotFound,
    path: "users/{userId}/contactFolders",
    open: opener.entities((mailbox) => mailbox.contactFolders),
  });
}
