/** SHA-256 of the UTF-8 text, as 43 characters of base64url. */
export type Hash = (text: string) => string;
