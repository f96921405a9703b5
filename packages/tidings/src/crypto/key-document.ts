import { importJWK, type CryptoKey } from "jose";
import { readBoundedBody } from "../core/body.ts";
import { isJsonObject, type Json } from "../core/json.ts";
import type { Clock } from "../core/ports/clock.ts";
import { withDeadline } from "./deadline.ts";

/** As much of `fetch` as is needed here. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** A key that signs tokens. */
export interface SigningKey {
  readonly id: string;
  readonly key: CryptoKey;
  /** Whose tokens it may sign, `{tenantid}` standing for any tenant; undefined for everybody's. */
  readonly issuer: string | undefined;
}

export interface KeyDocumentOptions {
  readonly clock: Clock;
  readonly fetch: Fetch;
}

const ANSWER_MS = 10_000;
const MAX_BODY_BYTES = 256 * 1024;
const MIN_MODULUS_BITS = 2048;

/** Checking a signature takes longer the longer the key is. */
const MAX_MODULUS_BITS = 8192;

const MAX_ID_LENGTH = 256;

/**
 * Fetches the keys that an authority publishes. Those of another kind than it signs validation tokens with are passed
 * over.
 *
 * @throws Error when no usable document comes
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature
 */
export async function fetchKeyDocument(
  url: string,
  { clock, fetch }: KeyDocumentOptions,
): Promise<readonly SigningKey[]> {
  const text = await withDeadline(ANSWER_MS, clock, async (signal) => {
    // A redirect could lead to keys of somebody else.
    const init: RequestInit = { redirect: "error", signal, headers: { accept: "application/json" } };
    return readText(await fetch(new URL(url), init));
  });
  const keys = await readKeys(JSON.parse(text));
  if (keys.length === 0) throw new Error("there is no usable key in it");
  return keys;
}

async function readText(response: Response): Promise<string> {
  const { status, body, headers } = response;
  if (status !== 200 || body === null) {
    await body?.cancel();
    throw new Error(`answered ${status}`);
  }
  // What is packed says its length packed.
  const read = await readBoundedBody(body, MAX_BODY_BYTES, headers.get("content-length"));
  if (read.kind === "too-large") throw new Error(`answered with more than ${MAX_BODY_BYTES} bytes`);
  return new TextDecoder("utf-8", { fatal: true }).decode(read.bytes);
}

async function readKeys(document: unknown): Promise<readonly SigningKey[]> {
  const given = isJsonObject(document) ? document["keys"] : undefined;
  if (!Array.isArray(given)) return [];
  const keys = await Promise.all(given.map((jwk: Json) => readKey(jwk)));
  return keys.filter((key) => key !== undefined);
}

async function readKey(jwk: Json): Promise<SigningKey | undefined> {
  if (!isJsonObject(jwk)) return undefined;
  const { kty, kid, use = "sig", alg = "RS256", n, e, issuer } = jwk;
  if (kty !== "RSA" || use !== "sig" || alg !== "RS256") return undefined;
  if (typeof kid !== "string" || kid === "" || kid.length > MAX_ID_LENGTH) return undefined;
  if (typeof n !== "string" || typeof e !== "string") return undefined;
  if (issuer !== undefined && typeof issuer !== "string") return undefined;
  const key = await importJWK({ kty, n, e }, "RS256").catch(() => undefined);
  return key === undefined || key instanceof Uint8Array || !isOfGoodLength(key)
    ? undefined
    : { id: kid, key, issuer };
}

function isOfGoodLength({ algorithm }: CryptoKey): boolean {
  const bits = "modulusLength" in algorithm ? Number(algorithm.modulusLength) : 0;
  return bits >= MIN_MODULUS_BITS && bits <= MAX_MODULUS_BITS;
}
