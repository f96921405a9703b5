import type { ChangeType } from "./change-type.ts";
import type { JsonObject } from "./json.ts";
import type { Logger } from "./ports/logger.ts";
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
  /** Ours of what is subscribed to: the same when Graph's subscription is replaced by another. */
  readonly subscriptionKey: string;
  readonly etag: string | undefined;
  /**
   * The changed thing as it was then, for a declaration with `includeResourceData`: decrypted, and proved to come from
   * Graph. Undefined for others, and for a `deleted` that came without.
   */
  readonly data: Entity | undefined;
  /** The item as Graph sent it, without the client state. */
  readonly raw: JsonObject;
  /** When its delivery arrived, epoch milliseconds. */
  readonly receivedAt: number;
  /** How it arrived, such as `webhook`. */
  readonly source: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** True for a dead letter that was put back, or a replay: it is late, and others of its resource may be ahead. */
  readonly redriven: boolean;
  /** How many notifications this call stands for; more than 1 in mode `latest`, or for ones nobody can tell apart. */
  readonly mergedCount: number;
  /** The change types of all of them, each once. */
  readonly changeTypes: readonly ChangeType[];
  /**
   * Reads the changed thing as it is now. What handlers ask for at the same time goes to Graph in one batch, and waits
   * for Graph's limits.
   * @returns undefined when it is gone
   * @throws GraphRefusedError, GraphUnreachableError, GraphAnswerError, GraphThrottledError, CredentialError
   */
  fetch(): Promise<Entity | undefined>;
}

/** What a handler may use beside the change. */
export interface HandlerContext {
  /** Aborts when the handler's time is over, or when the library stops and will wait no longer. */
  readonly signal: AbortSignal;
  /** The app's logger. */
  readonly log: Logger;
}

/** Return: done. Throw: tried again later; the same resource waits, others do not. */
export type HandlerFunction<Entity = unknown, P extends Params = Params> = (
  change: Change<Entity, P>,
  context: HandlerContext,
) => unknown;

/** What a batch handler says of changes that failed: their ids, or by id what they failed with. */
export type BatchFailures = readonly string[] | ReadonlyMap<string, unknown>;

/** A handler of many changes at once. */
export interface BatchHandler<Entity = unknown, P extends Params = Params> {
  /**
   * Changes of one resource are in order. Return nothing when all are done, or those that failed: what comes after a
   * failed one of its resource counts as not attempted. An error of a change counts as if a handler of single changes
   * had thrown it: `Permanent` makes a dead letter of this one alone. Throw: none is done.
   */
  batch(
    changes: readonly Change<Entity, P>[],
    context: HandlerContext,
  ): Promise<BatchFailures | void> | BatchFailures | void;
  /** Called when the app stops, after the last batch: gives back what the handler holds open. */
  [Symbol.asyncDispose]?(): PromiseLike<void>;
}

export type Handler<Entity = unknown, P extends Params = Params> =
  | HandlerFunction<Entity, P>
  | BatchHandler<Entity, P>;
