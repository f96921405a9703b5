import { addEntityRoutes, entityReply } from "../../entities/entity-routes.ts";
import { newestFirst } from "../../entities/newest-first.ts";
import { readJsonBody, type GraphRequest } from "../../graph/graph-request.ts";
import { textOf } from "../../http/json.ts";
import { refuse, type Reply } from "../../http/reply.ts";
import type { Handler, Router } from "../../http/router.ts";
import { MAIL_FOLDER_TYPE } from "./mail-folder.ts";
import { itemNotFound, type MailboxOpener } from "./mailbox-opener.ts";
import { MESSAGE_TYPE } from "./message.ts";

/** Page of a mailbox's listings without `$top`. */
export const OUTLOOK_PAGE_SIZE = 10;

const ONE = "users/{userId}/messages/{id}";
const FOLDER = "users/{userId}/mailFolders/{folderId}";

/**
 * Adds `/users/{id}/messages` and `/users/{id}/mailFolders`.
 *
 * @see https://learn.microsoft.com/graph/api/resources/message#methods
 */
export function addMessageRoutes(router: Router<GraphRequest>, opener: MailboxOpener): void {
  const messages = {
    context: "messages",
    type: MESSAGE_TYPE,
    pageSize: OUTLOOK_PAGE_SIZE,
    notFound: itemNotFound,
  } as const;
  addEntityRoutes(router, {
    ...messages,
    path: "users/{userId}/messages",
    open: opener.entities((mailbox) => mailbox.messages),
  });
  addEntityRoutes(router, {
    ...messages,
    path: `${FOLDER}/messages`,
    open: opener.entities((mailbox, params) => {
      const folder = mailbox.folders.get(params.get("folderId"));
      return folder && newestFirst(mailbox.messages.inFolder(folder.id));
    }),
  });
  router.add("POST", `${ONE}/move`, moveMessage(opener));

  const folders = {
    context: "mailFolders",
    type: MAIL_FOLDER_TYPE,
    pageSize: OUTLOOK_PAGE_SIZE,
    notFound: itemNotFound,
  } as const;
  addEntityRoutes(router, {
    ...folders,
    path: "users/{userId}/mailFolders",
    open: opener.entities(({ folders: tree }) => tree.childrenOf(tree.rootId)),
  });
  addEntityRoutes(router, {
    ...folders,
    path: `${FOLDER}/childFolders`,
    open: opener.entities(({ folders: tree }, params) => {
      const parent = tree.get(params.get("folderId"));
      return parent && tree.childrenOf(parent.id);
    }),
  });
}

function moveMessage(opener: MailboxOpener): Handler<GraphRequest> {
  return (request, params): Reply => {
    const opened = opener.open(request, params);
    if (opened.kind === "refused") return opened;
    const { mailbox } = opened;
    const message = mailbox.messages.get(params.get("id"));
    if (!message) return itemNotFound();
    const body = readJsonBody(request);
    if (body.kind === "refused") return body;
    const destinationId = textOf(body.value, "destinationId");
    if (destinationId === undefined) {
      return refuse(400, "ErrorInvalidParameter", "The 'destinationId' parameter is required.");
    }
    const folder = mailbox.folders.get(destinationId);
    if (!folder) return itemNotFound();
    return entityReply(201, request, {
      entity: mailbox.moveMessage(message, folder.id),
      context: "messages",
    });
  };
}
