import type { MessagePort } from "node:worker_threads";
import type { SqliteEngine } from "./sqlite-engine.ts";
import type { SubscriptionTable } from "./subscription-table.ts";

/*
 * What travels between a client and the thread that owns the file. Calls and replies go in lists: both sides collect
 * what they have to say in one turn of their event loop, since a message costs more than what is in it.
 */

type Methods = Pick<SqliteEngine, keyof SqliteEngine> & Pick<SubscriptionTable, keyof SubscriptionTable>;

/** What the thread can be asked for, by name; each has one argument. */
export type Operation = keyof Methods;

export type ArgumentOf<Name extends Operation> = Parameters<Methods[Name]>[0];
export type ResultOf<Name extends Operation> = ReturnType<Methods[Name]>;

export interface Call {
  /** Unique for its port. */
  readonly id: number;
  readonly operation: Operation;
  readonly argument: unknown;
}

export type Reply =
  | { readonly id: number; readonly kind: "result"; readonly result: unknown }
  | { readonly id: number; readonly kind: "failure"; readonly failure: Failure };

/** An error as plain data: classes do not survive the way between threads. */
export interface Failure {
  readonly isBroken: boolean;
  readonly message: string;
  /** SQLite's own message. */
  readonly reason: string;
}

export type ToThread =
  | { readonly kind: "calls"; readonly calls: readonly Call[] }
  /** Another client's end of a channel. */
  | { readonly kind: "connect"; readonly port: MessagePort }
  | { readonly kind: "close" };

export type FromThread =
  | { readonly kind: "replies"; readonly replies: readonly Reply[] }
  /** Rows were added to the inbox, by whichever client. */
  | { readonly kind: "appended" }
  | { readonly kind: "closed" };

/** The first message of the thread: whether the file could be opened. */
export type Opened =
  | { readonly kind: "opened" }
  | { readonly kind: "refused"; readonly code: "busy"; readonly reason: string }
  | { readonly kind: "refused"; readonly code: "too-new"; readonly found: number; readonly known: number }
  | { readonly kind: "refused"; readonly code: "unopenable"; readonly reason: string };
