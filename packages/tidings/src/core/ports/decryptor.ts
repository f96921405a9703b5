import type { EncryptedContent } from "../encrypted-content.ts";
import type { JsonObject } from "../json.ts";

/** Decrypts resource data, off the thread that calls it where that takes long. */
export interface Decryptor {
  /**
   * @returns the resource
   * @throws ContentRefusedError whatever is wrong with it; KeysUnavailableError when the certificate's key is not there
   */
  decrypt(content: EncryptedContent): Promise<JsonObject>;
}
