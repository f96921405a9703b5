import type { MessagePort } from "node:worker_threads";
import type { Told } from "../core/events.ts";
import type { Route } from "../core/route.ts";
import type { ListenOptions } from "../host/node/listen.ts";
import type { PlainFace } from "./face.ts";

/** What the receiver's thread needs to accept deliveries. */
export interface ReceiverSetup {
  readonly face: PlainFace;
  /** The first signs; the thread only verifies. */
  readonly secrets: readonly string[];
  /** Of a clock that is moved; absent for the machine's own. */
  readonly clockOffset?: SharedArrayBuffer | undefined;
  /** Of the routes: what is declared is known. */
  readonly isComplete: boolean;
  /** To the thread that owns the store. */
  readonly store: MessagePort;
}

export type ToReceiver =
  /** With what is known of it before the app has started. */
  | { readonly kind: "listen"; readonly options: ListenOptions; readonly face: PlainFace }
  | { readonly kind: "ready"; readonly setup: ReceiverSetup }
  /** Answered by `done` with the same id, as all that have one: the route is known. */
  | { readonly kind: "set-route"; readonly id: number; readonly route: Route }
  | { readonly kind: "delete-route"; readonly id: number; readonly subscriptionKey: string }
  | { readonly kind: "complete-routes"; readonly id: number }
  | { readonly kind: "use-secrets"; readonly id: number; readonly secrets: readonly string[] }
  /** The last `events` were taken. */
  | { readonly kind: "taken" }
  /** Deliveries get 503 from now on. Answered by `done` after the last events. */
  | { readonly kind: "stop"; readonly id: number }
  | { readonly kind: "close" };

/** Events are answered by `taken`. */
export type FromReceiver =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "not-listening"; readonly code: string | undefined; readonly message: string }
  | { readonly kind: "events"; readonly events: readonly Told[] }
  | { readonly kind: "done"; readonly id: number }
  | { readonly kind: "closed" };
