import type { JsonObject } from "../json.ts";

/** Checks who signed a validation token. What it says is judged by the core. */
export interface TokenVerifier {
  /**
   * @param receivedAt when the token came, epoch milliseconds: only keys published since then can tell that it is
   *   nobody's, or a token signed with a new key would be refused for good
   * @returns the claims of a token that a configured authority signed; undefined for anything else
   * @throws KeysUnavailableError when the authority's keys cannot be had now
   */
  verify(token: string, receivedAt: number): Promise<JsonObject | undefined>;
}
