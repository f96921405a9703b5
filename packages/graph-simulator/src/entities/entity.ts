import type { JsonObject } from "../http/json.ts";

/** One thing of Graph's, as the JSON object that is answered for it when everything is asked for. */
export interface Entity extends JsonObject {
  readonly id: string;
}
