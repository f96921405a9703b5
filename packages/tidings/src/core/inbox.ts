import type { JsonObject } from "./json.ts";
import type { Params } from "./resource-template.ts";

/** What the inbox keeps of a notification; JSON in every store. Never a client state. */
export interface InboxBody {
  /** The item as it came, without its client state. */
  readonly raw: JsonObject;
  readonly params: Params;
  /** Who is signed in, for a subscription of `me`. */
  readonly userId?: string | undefined;
  /** Of a subscription with resource data: no handler sees it before a validation token has proved who sent it. */
  readonly isRich?: true | undefined;
}

/** The declaration that lifecycle notifications belong to: the library itself. No user's can have this name. */
export const LIFECYCLE_DECLARATION = "";

/** One accepted notification for one declaration, or one lifecycle notification, before it is stored. */
export interface InboxItem {
  /** Name of the declaration, or {@link LIFECYCLE_DECLARATION}. */
  readonly declaration: string;
  readonly subscriptionKey: string;
  readonly lane: string;
  /** What makes it recognisable; undefined when nothing does, and then it is never dropped against finished work. */
  readonly identity: string | undefined;
  readonly body: InboxBody;
  /** When its delivery arrived, epoch milliseconds. */
  readonly receivedAt: number;
  /** How it arrived. */
  readonly source: string;
  /** Key of the {@link TokenSet} of its delivery; undefined without tokens, and for what needs none. */
  readonly tokensKey: string | undefined;
}

/** The `validationTokens` of a delivery: kept once, for all of its items and for other deliveries that have the same. */
export interface TokenSet {
  /** Hash of the tokens. */
  readonly key: string;
  readonly tokens: readonly string[];
}

/** A stored item. */
export interface InboxRow extends InboxItem {
  /** Rises in the order of acceptance. */
  readonly seq: number;
  /** The number it was accepted under; differs from `seq` once it was redriven or replayed. */
  readonly originSeq: number;
  /** Attempts that failed so far. */
  readonly failures: number;
  /**
   * How it came back into the inbox: the id of a replay, also when it was redriven since, or `redrive`. Undefined for
   * what came the usual way.
   */
  readonly comeback: string | undefined;
}

/** A lane whose rows wait in the store until its time, held by nobody. */
export interface ParkedLane {
  readonly declaration: string;
  readonly lane: string;
}

/** What became of a row; written to the inbox. */
export type Settlement =
  | { readonly kind: "done"; readonly seq: number; readonly endedAt: number }
  /** Its lane is parked until then. */
  | (ParkedLane & {
      readonly kind: "retry";
      readonly seq: number;
      readonly failures: number;
      /** When it was decided, epoch milliseconds: a clock that shows less was put back, and `until` says nothing. */
      readonly endedAt: number;
      /** Epoch milliseconds. */
      readonly until: number;
    })
  | {
      readonly kind: "dead";
      readonly seq: number;
      readonly failures: number;
      /** Epoch milliseconds. */
      readonly endedAt: number;
      readonly error: string;
    };

/** A row given up, kept to be looked at, redriven or purged. */
export interface DeadLetter extends InboxRow {
  /** Epoch milliseconds. */
  readonly diedAt: number;
  /** Name and message of the last error. */
  readonly error: string;
}
