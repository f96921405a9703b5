import type { RemovalReason } from "../entities/entity-collection.ts";
import type { GraphRequest } from "../graph/graph-request.ts";
import { preferredPageSize } from "../graph/prefer.ts";
import type { JsonObject } from "../http/json.ts";
import { refuse, type Refusal } from "../http/reply.ts";
import type { DeltaSettings } from "./delta-options.ts";
import type { EndedToken } from "./delta-token.ts";

/** A token that ended, and where to start anew. */
interface Ending extends EndedToken {
  /** The delta function without a token. */
  readonly startUrl: string;
}

/** What differs in delta queries from one service behind Graph to another. */
export interface DeltaDialect {
  /** Query parameter of the token in an `@odata.nextLink`. */
  readonly nextParameter: string;
  /** Query parameter of the token in an `@odata.deltaLink`. */
  readonly deltaParameter: string;
  /** Whether `latest` in place of a token starts from now. */
  readonly takesLatest: boolean;
  readonly lifeMs?: (settings: DeltaSettings) => number;
  readonly capacity?: (settings: DeltaSettings) => number;
  /** @param query of the round's first request */
  readonly pageSize: (request: GraphRequest, query: URLSearchParams) => number | Refusal;
  /** How the end of an entity is told. */
  readonly removed: (id: string, reason: RemovalReason) => JsonObject;
  readonly malformed: () => Refusal;
  readonly ended: (ending: Ending, settings: DeltaSettings) => Refusal;
}

/**
 * Users and groups.
 *
 * @see https://learn.microsoft.com/graph/delta-query-users
 */
export const DIRECTORY_DIALECT: DeltaDialect = {
  nextParameter: "$skiptoken",
  deltaParameter: "$deltatoken",
  takesLatest: true,
  lifeMs: (settings) => settings.directoryTokenLifeMs,
  pageSize: () => 100,
  removed,
  malformed: () => refuse(400, "Request_BadRequest", "Badly formed token."),
  ended: ({ end, startUrl }, { directoryTokenEndStatus }) => {
    const message =
      "The sync state generation is not found. The delta token is expired and data must be synchronized again.";
    return end === "age" && directoryTokenEndStatus === 400
      ? refuse(400, "syncStateNotFound", message)
      : refuse(410, "syncStateNotFound", message, { location: `${startUrl}?$deltatoken=` });
  },
};

/** Page of a mailbox's delta query without `Prefer: odata.maxpagesize`. guess: the documentation names none. */
const OUTLOOK_PAGE_SIZE = 10;

/**
 * Messages, events, contacts, their folders, and To Do.
 *
 * @see https://learn.microsoft.com/graph/delta-query-messages
 */
export const OUTLOOK_DIALECT: DeltaDialect = {
  nextParameter: "$skiptoken",
  deltaParameter: "$deltatoken",
  takesLatest: false,
  capacity: (settings) => settings.outlookTokenCapacity,
  pageSize: (request) => preferredPageSize(request.headers) ?? OUTLOOK_PAGE_SIZE,
  removed,
  // guess: that it is refused is known, the sentence is not.
  malformed: () => refuse(400, "ErrorInvalidUrlQuery", "Badly formed token."),
  // The numbers are those seen at https://github.com/microsoftgraph/microsoft-graph-docs/issues/2350: which token it is,
  // and which are newer.
  ended: ({ generation, newestGeneration: newest }) =>
    refuse(
      410,
      "SyncStateNotFound",
      `The sync state generation is not found; generation=${generation};[highest=${newest}][${newest}][${newest - 2}][${newest - 1}].`,
    ),
};

/** The codes a drive or list ends a token with; what a client then does with its own changes differs. */
const RESYNC_CODES = [
  "resyncChangesApplyDifferences",
  "resyncChangesUploadDifferences",
  "resyncRequired",
] as const;

/** guess: page of a drive's or list's delta query without `$top`. */
const SHAREPOINT_PAGE_SIZE = 200;

/**
 * Drives and lists.
 *
 * @see https://learn.microsoft.com/graph/api/driveitem-delta
 */
export const SHAREPOINT_DIALECT: DeltaDialect = {
  nextParameter: "token",
  deltaParameter: "token",
  takesLatest: true,
  pageSize: (_request, query) => readTop(query, { fallback: SHAREPOINT_PAGE_SIZE, most: 999 }),
  removed: (id) => ({ id, deleted: { state: "deleted" } }),
  malformed: () => refuse(400, "invalidRequest", "The provided token is not valid."),
  ended: ({ code, startUrl }) =>
    refuse(
      410,
      RESYNC_CODES.find((known) => known === code) ?? "resyncChangesApplyDifferences",
      "Resync required. Replace any local items with the server's version (including deletes) if you're sure that the service was up to date with your local changes when you last sync'd. Upload any local changes that the server doesn't know about.",
      { location: startUrl },
    ),
};

/**
 * Messages of a channel.
 *
 * @see https://learn.microsoft.com/graph/api/chatmessage-delta
 */
export const TEAMS_DIALECT: DeltaDialect = {
  nextParameter: "$skiptoken",
  deltaParameter: "$deltatoken",
  takesLatest: false,
  pageSize: (_request, query) => readTop(query, { fallback: 20, most: 50 }),
  removed,
  // guess: neither is documented for Teams; both are what the other services say.
  malformed: () => refuse(400, "BadRequest", "Badly formed token."),
  ended: ({ startUrl }) =>
    refuse(410, "SyncStateNotFound", "The sync state generation is not found.", { location: startUrl }),
};

function removed(id: string, reason: RemovalReason): JsonObject {
  return { id, "@removed": { reason } };
}

function readTop(
  query: URLSearchParams,
  { fallback, most }: { fallback: number; most: number },
): number | Refusal {
  const top = query.get("$top");
  if (top === null) return fallback;
  const size = /^\d{1,4}$/.test(top) ? Number(top) : 0;
  if (size >= 1 && size <= most) return size;
  return refuse(400, "BadRequest", `Invalid page size specified: it must be between 1 and ${most}.`);
}
