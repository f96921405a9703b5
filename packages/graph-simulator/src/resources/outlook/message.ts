import type { EntityType } from "../../graph/entity-type.ts";
import { isJsonObject, textOf, type JsonObject } from "../../http/json.ts";
import type { OutlookKind } from "./outlook-item.ts";

/**
 * The properties of a message that may be written here.
 *
 * @see https://learn.microsoft.com/graph/api/resources/message#properties
 */
export const MESSAGE_TYPE: EntityType = {
  name: "microsoft.graph.message",
  writable: {
    bccRecipients: "array",
    body: "object",
    categories: "array",
    ccRecipients: "array",
    flag: "object",
    from: "object",
    importance: "string",
    inferenceClassification: "string",
    isDeliveryReceiptRequested: "boolean",
    isRead: "boolean",
    isReadReceiptRequested: "boolean",
    replyTo: "array",
    sender: "object",
    subject: "string",
    toRecipients: "array",
  },
  readOnly: [
    "id",
    "bodyPreview",
    "changeKey",
    "conversationId",
    "conversationIndex",
    "createdDateTime",
    "hasAttachments",
    "internetMessageId",
    "isDraft",
    "lastModifiedDateTime",
    "parentFolderId",
    "receivedDateTime",
    "sentDateTime",
    "webLink",
  ],
};

/** What a message has where nothing was written. */
const DEFAULTS: JsonObject = {
  receivedDateTime: null,
  sentDateTime: null,
  hasAttachments: false,
  internetMessageId: null,
  subject: null,
  bodyPreview: "",
  importance: "normal",
  parentFolderId: null,
  conversationId: null,
  isDeliveryReceiptRequested: null,
  isReadReceiptRequested: false,
  isRead: false,
  isDraft: false,
  webLink: null,
  inferenceClassification: "focused",
  body: { contentType: "text", content: "" },
  sender: null,
  from: null,
  toRecipients: [],
  ccRecipients: [],
  bccRecipients: [],
  replyTo: [],
  categories: [],
  flag: { flagStatus: "notFlagged" },
};

const PREVIEW_LENGTH = 255;

/** The messages of one folder of a user's mailbox. */
export function messageKind(userId: string, folderId: string): OutlookKind {
  return {
    name: "Message",
    defaults: DEFAULTS,
    derive: (message) => ({ bodyPreview: preview(message), webLink: webLink(message) }),
    topics: [`users/${userId}/messages`, `users/${userId}/mailFolders/${folderId}/messages`],
  };
}

function webLink(message: JsonObject): string {
  const id = encodeURIComponent(textOf(message, "id") ?? "");
  return `https://outlook.office365.com/owa/?ItemID=${id}&exvsurl=1&viewmodel=ReadMessageItem`;
}

function preview(message: JsonObject): string {
  const body = message["body"];
  const text = isJsonObject(body) ? (textOf(body, "content") ?? "") : "";
  return text.slice(0, PREVIEW_LENGTH);
}
