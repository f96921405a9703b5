import type { JsonObject } from "../json.ts";

/** Checks who signed a validation token. What it says is judged by the core. */
export interface TokenVerifier {
  /**
   * @returns the claims of a token that a configured authority signed; undefined for anything else
   * @throws KeysUnavailableError when the authority's keys cannot be had now
   */
  verify(token: string): Promise<JsonObject | undefined>;
}
