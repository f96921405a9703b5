import type { EntityType } from "../../graph/entity-type.ts";
import { isJsonObject, textOf, type JsonObject } from "../../http/json.ts";
import { formatSeconds } from "../../instant.ts";

/** A message of a mailbox. Each change makes a new version with a new change key. */
export interface Message {
  readonly id: string;
  readonly folderId: string;
  readonly changeKey: string;
  readonly isDraft: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  readonly internetMessageId: string;
  readonly conversationId: string;
  /** What was written to it. */
  readonly properties: JsonObject;
}

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
  bccRecipients: [],
  body: { contentType: "text", content: "" },
  categories: [],
  ccRecipients: [],
  flag: { flagStatus: "notFlagged" },
  importance: "normal",
  inferenceClassification: "focused",
  isDeliveryReceiptRequested: null,
  isRead: false,
  isReadReceiptRequested: false,
  replyTo: [],
  subject: null,
  toRecipients: [],
};

const PREVIEW_LENGTH = 255;

/** A message on the wire. */
export function messageBody(message: Message): JsonObject {
  const content = { ...DEFAULTS, ...message.properties };
  return {
    "@odata.etag": messageEtag(message),
    id: message.id,
    createdDateTime: formatSeconds(message.createdAt),
    lastModifiedDateTime: formatSeconds(message.modifiedAt),
    changeKey: message.changeKey,
    receivedDateTime: formatSeconds(message.createdAt),
    sentDateTime: formatSeconds(message.createdAt),
    hasAttachments: false,
    internetMessageId: message.internetMessageId,
    bodyPreview: preview(content),
    parentFolderId: message.folderId,
    conversationId: message.conversationId,
    isDraft: message.isDraft,
    webLink: `https://outlook.office365.com/owa/?ItemID=${encodeURIComponent(message.id)}&exvsurl=1&viewmodel=ReadMessageItem`,
    ...content,
  };
}

/** A weak ETag; it changes whenever the message does. */
export function messageEtag(message: Message): string {
  return `W/"${message.changeKey}"`;
}

function preview(content: JsonObject): string {
  const body = content["body"];
  const text = isJsonObject(body) ? (textOf(body, "content") ?? "") : "";
  return text.slice(0, PREVIEW_LENGTH);
}
