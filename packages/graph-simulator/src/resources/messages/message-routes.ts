import { readProperties, selectProperties } from "../../graph/entity-type.ts";
import { readJsonBody, type GraphRequest } from "../../graph/graph-request.ts";
import { pageReply } from "../../graph/page.ts";
import { textOf } from "../../http/json.ts";
import type { PathParams } from "../../http/path.ts";
import { empty, json, refuse, type Refusal, type Reply } from "../../http/reply.ts";
import type { Handler, Router } from "../../http/router.ts";
import type { Directory } from "../users/directory.ts";
import { mailFolderBody, type MailFolder } from "./mail-folder.ts";
import type { Mailbox, Mailboxes } from "./mailboxes.ts";
import { MESSAGE_TYPE, messageBody, type Message } from "./message.ts";

/** Page size of mail listings without `$top`. */
const MESSAGE_PAGE_SIZE = 10;

type MailboxHandler = (mailbox: Mailbox, request: GraphRequest, params: PathParams) => Reply;
type MessageHandler = (message: Message, mailbox: Mailbox, request: GraphRequest) => Reply;

/**
 * `/users/{id}/messages` and `/users/{id}/mailFolders`.
 *
 * @see https://learn.microsoft.com/graph/api/resources/message#methods
 */
export class MessageRoutes {
  readonly #directory: Directory;
  readonly #mailboxes: Mailboxes;

  constructor(directory: Directory, mailboxes: Mailboxes) {
    this.#directory = directory;
    this.#mailboxes = mailboxes;
  }

  addTo(router: Router<GraphRequest>): void {
    const one = "users/{userId}/messages/{messageId}";
    const folder = "users/{userId}/mailFolders/{folderId}";
    router
      .add("POST", "users/{userId}/messages", this.#inMailbox(createDraft))
      .add("GET", "users/{userId}/messages", this.#inMailbox(listAll))
      .add("GET", one, this.#ofMessage(getMessage))
      .add("PATCH", one, this.#ofMessage(updateMessage))
      .add("DELETE", one, this.#ofMessage(deleteMessage))
      .add("POST", `${one}/move`, this.#ofMessage(moveMessage))
      .add("GET", "users/{userId}/mailFolders", this.#inMailbox(listFolders))
      .add("GET", folder, this.#inMailbox(getFolder))
      .add("POST", `${folder}/messages`, this.#inMailbox(createInFolder))
      .add("GET", `${folder}/messages`, this.#inMailbox(listFolder));
  }

  #inMailbox(handler: MailboxHandler): Handler<GraphRequest> {
    return (request, params) => {
      const userId = params.get("userId");
      const user = this.#directory.find(request.caller.tenantId, userId);
      if (!user) return refuse(404, "ErrorInvalidUser", `The requested user '${userId}' is invalid.`);
      return handler(this.#mailboxes.of(user), request, params);
    };
  }

  #ofMessage(handler: MessageHandler): Handler<GraphRequest> {
    return this.#inMailbox((mailbox, request, params) => {
      const message = mailbox.find(params.get("messageId"));
      return message ? handler(message, mailbox, request) : itemNotFound();
    });
  }
}

function createDraft(mailbox: Mailbox, request: GraphRequest): Reply {
  return createIn(mailbox.wellKnownFolder("drafts"), mailbox, request);
}

function createInFolder(mailbox: Mailbox, request: GraphRequest, params: PathParams): Reply {
  const folder = mailbox.findFolder(params.get("folderId"));
  return folder ? createIn(folder, mailbox, request) : itemNotFound();
}

function createIn(folder: MailFolder, mailbox: Mailbox, request: GraphRequest): Reply {
  const body = readJsonBody(request);
  if (body.kind === "refused") return body;
  const properties = readProperties(body.value, MESSAGE_TYPE);
  if (properties.kind === "refused") return properties;
  return entity(201, request, mailbox.create(folder, properties.values));
}

function listAll(mailbox: Mailbox, request: GraphRequest): Reply {
  return listing(mailbox.list(), request);
}

function listFolder(mailbox: Mailbox, request: GraphRequest, params: PathParams): Reply {
  const folder = mailbox.findFolder(params.get("folderId"));
  return folder ? listing(mailbox.list(folder), request) : itemNotFound();
}

function listing(items: readonly Message[], request: GraphRequest): Reply {
  return pageReply(request, {
    items,
    pageSize: MESSAGE_PAGE_SIZE,
    context: "messages",
    render: (message) => selectProperties(messageBody(message), request.query.get("$select")),
  });
}

function getMessage(message: Message, _mailbox: Mailbox, request: GraphRequest): Reply {
  return entity(200, request, message);
}

function updateMessage(message: Message, mailbox: Mailbox, request: GraphRequest): Reply {
  const body = readJsonBody(request);
  if (body.kind === "refused") return body;
  const properties = readProperties(body.value, MESSAGE_TYPE);
  if (properties.kind === "refused") return properties;
  return entity(200, request, mailbox.update(message, properties.values));
}

function deleteMessage(message: Message, mailbox: Mailbox): Reply {
  mailbox.remove(message);
  return empty(204);
}

function moveMessage(message: Message, mailbox: Mailbox, request: GraphRequest): Reply {
  const body = readJsonBody(request);
  if (body.kind === "refused") return body;
  const destinationId = textOf(body.value, "destinationId");
  if (destinationId === undefined) {
    return refuse(400, "ErrorInvalidParameter", "The 'destinationId' parameter is required.");
  }
  const folder = mailbox.findFolder(destinationId);
  return folder ? entity(201, request, mailbox.move(message, folder)) : itemNotFound();
}

function listFolders(mailbox: Mailbox, request: GraphRequest): Reply {
  return pageReply(request, {
    items: mailbox.folders,
    pageSize: MESSAGE_PAGE_SIZE,
    context: "mailFolders",
    render: (folder) => mailFolderBody(folder, mailbox.list(folder).length),
  });
}

function getFolder(mailbox: Mailbox, _request: GraphRequest, params: PathParams): Reply {
  const folder = mailbox.findFolder(params.get("folderId"));
  return folder ? json(200, mailFolderBody(folder, mailbox.list(folder).length)) : itemNotFound();
}

function entity(status: number, request: GraphRequest, message: Message): Reply {
  const body = selectProperties(messageBody(message), request.query.get("$select"));
  return json(status, { "@odata.context": `${request.root}/$metadata#messages/$entity`, ...body });
}

function itemNotFound(): Refusal {
  return refuse(404, "ErrorItemNotFound", "The specified object was not found in the store.");
}
