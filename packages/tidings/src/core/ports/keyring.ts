/** Signs what Graph stores for us and verifies what it echoes. The first secret signs, all verify. */
export interface Keyring {
  /** Id of the key that signs: 8 characters of base64url derived from its secret. */
  readonly signingKeyId: string;
  /** HMAC-SHA256 of the UTF-8 message under the signing key, 43 characters of base64url. */
  sign(message: string): string;
  /** Compares in constant time. False for an unknown key id. */
  verify(keyId: string, message: string, mac: string): boolean;
}
