import { isJsonObject, parseJson, type JsonObject } from "../http/json.ts";

/** A JSON Web Token in its parts. */
export interface Jwt {
  readonly head: JsonObject;
  readonly claims: JsonObject;
  /** What the signature is over: head and claims as they were sent. */
  readonly signed: string;
  /** base64url. */
  readonly signature: string;
}

/** The part of a token that is signed. */
export function encodeJwt(head: JsonObject, claims: JsonObject): string {
  return `${encode(head)}.${encode(claims)}`;
}

/** Reads a token without believing it; `undefined` when it does not have three parts. */
export function decodeJwt(token: string): Jwt | undefined {
  const [head = "", claims = "", signature = "", ...rest] = token.split(".");
  if (signature === "" || rest.length > 0) return undefined;
  return { head: decode(head), claims: decode(claims), signed: `${head}.${claims}`, signature };
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(part: string): JsonObject {
  const value = parseJson(Buffer.from(part, "base64url").toString("utf8"));
  return isJsonObject(value) ? value : {};
}
