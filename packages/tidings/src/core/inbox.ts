import type { JsonObject } from "./json.ts";
import type { Params } from "./resource-template.ts";

/** What the inbox keeps of a notification; JSON in every store. Never a client state. */
export interface InboxBody {
  /** The item as it came, without its client state. */
  readonly raw: JsonObject;
  readonly params: Params;
}

/** One accepted notification for one declaration, or one lifecycle notification, before it is stored. */
export interface InboxItem {
  readonly kind: "notification" | "lifecycle";
  /** Name of the declaration; empty for a lifecycle notification, which is the library's own to handle. */
  readonly declaration: string;
  readonly subscriptionKey: string;
  readonly lane: string;
  /** What makes it recognisable; undefined when nothing does, and then it is never dropped. */
  readonly identity: string | undefined;
  readonly body: InboxBody;
  /** When its delivery arrived, epoch milliseconds. */
  readonly receivedAt: number;
  /** How it arrived. */
  readonly source: string;
}

/** A stored item. */
export interface InboxRow extends InboxItem {
  /** Rises in the order of acceptance. */
  readonly seq: number;
  /** Attempts that failed so far. */
  readonly failures: number;
  /** Not to be tried before, epoch milliseconds; 0 for at once. */
  readonly notBefore: number;
}

/** What became of an attempt; written to the inbox. */
export type Settlement =
  | { readonly kind: "done"; readonly seq: number }
  | { readonly kind: "retry"; readonly seq: number; readonly failures: number; readonly notBefore: number }
  | { readonly kind: "dead"; readonly seq: number; readonly diedAt: number; readonly error: string };
