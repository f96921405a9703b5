/**
 * Node's HTTP server in front of an app.
 *
 * @module tidings/node
 */
export { serve } from "./serve.ts";
export type { Servable, Served } from "./serve.ts";
export type { Listening, ListenOptions } from "./listen.ts";
export { toNodeHandler } from "./node-handler.ts";
export type { NodeHandler, Receiving } from "./node-handler.ts";
