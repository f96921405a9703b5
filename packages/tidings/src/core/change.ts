import type { ChangeType } from "./change-type.ts";
import type { JsonObject } from "./json.ts";
import type { Params } from "./resource-template.ts";

/**
 * What a handler receives: a verified notification.
 *
 * @typeParam Entity what `fetch` gives
 * @typeParam P the parameters of the declaration's resource template
 */
export interface Change<Entity = unknown, P extends Params = Params> {
  /** Id of this item of the inbox; the same at every attempt. */
  readonly id: string;
  /** The same at every attempt, and for every copy of this change that can be recognised as one. */
  readonly idempotencyKey: string;
  readonly changeType: ChangeType;
  /** Path of the changed thing as Graph spelled it. */
  readonly resource: string | undefined;
  /** Its canonical path; changes of one are handled one at a time, in order. */
  readonly resourceKey: string | undefined;
  /** Graph's type, such as `#Microsoft.Graph.Message`. */
  readonly resourceType: string | undefined;
  readonly params: P;
  readonly tenantId: string;
  /** Graph's id of the subscription that told of it. */
  readonly subscriptionId: string;
  readonly etag: string | undefined;
  /** The item as Graph sent it, without the client state. */
  readonly raw: JsonObject;
  /** When its delivery arrived, epoch milliseconds. */
  readonly receivedAt: number;
  /** How it arrived, such as `webhook`. */
  readonly source: string;
  /** 1 for the first. */
  readonly attempt: number;
  /**
   * Reads the changed thing as it is now.
   * @returns undefined when it is gone
   * @throws GraphRefusedError, GraphUnreachableError, CredentialError
   */
  fetch(): Promise<Entity | undefined>;
}

/** What a handler may use beside the change. */
export interface HandlerContext {
  /** Aborts when the library stops and will wait no longer. */
  readonly signal: AbortSignal;
}

/** Return: done. Throw: tried again later; the same resource waits, others do not. */
export type Handler<Entity = unknown, P extends Params = Params> = (
  change: Change<Entity, P>,
  context: HandlerContext,
) => unknown;
