import { createHash, generateKeyPair, randomUUID, sign, verify, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

import type { JsonObject } from "../http/json.ts";
import { textOf } from "../http/json.ts";
import { encodeJwt, type Jwt } from "./jwt.ts";

/** How long a key signs. Entra gives no period: "at any time", and at least daily is what clients must be ready for. */
export const DEFAULT_KEY_ROTATION_MS: number = 24 * 60 * 60 * 1000;

/** A key is published for one period before it signs and for one after. */
const PUBLISHED_AROUND = 1;

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/**
 * As many key pairs as are published at a time, shared by all simulators of a process and used in turn: making one
 * takes longer than all the rest of a start. Key ids are never used again, so a token of a period that is over is as
 * unknown as with a key of its own.
 */
const SHARED_PAIRS: Promise<KeyPair>[] = [];
const SHARED_PAIR_COUNT = 2 * PUBLISHED_AROUND + 1;

let strangerPair: Promise<KeyPair> | undefined;

/**
 * The keys the login service signs with. They change with the simulator's clock.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
 */
export class SigningKeys {
  /** Keys are no part of what a seed repeats: tokens of one simulator must mean nothing to another. */
  readonly #namespace: string = randomUUID();
  readonly #rotationMs: number;

  constructor(rotationMs: number = DEFAULT_KEY_ROTATION_MS) {
    this.#rotationMs = rotationMs;
  }

  /** @param now epoch milliseconds */
  async sign(claims: JsonObject, now: number): Promise<string> {
    const period = this.#period(now);
    const keyId = this.#keyId(period);
    const signed = encodeJwt({ typ: "JWT", alg: "RS256", x5t: keyId, kid: keyId }, claims);
    const { privateKey } = await pairOf(period);
    return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
  }

  /** Whether one of the keys published now made the signature. */
  async verify(jwt: Jwt, now: number): Promise<boolean> {
    const keyId = textOf(jwt.head, "kid");
    const period = this.#publishedPeriods(now).find((candidate) => this.#keyId(candidate) === keyId);
    if (period === undefined || jwt.head["alg"] !== "RS256") return false;
    const { publicKey } = await pairOf(period);
    return verify("sha256", Buffer.from(jwt.signed), publicKey, Buffer.from(jwt.signature, "base64url"));
  }

  /** The key set as it is published: the key that signs, the one before and the one to come. */
  async published(now: number): Promise<readonly JsonObject[]> {
    return Promise.all(
      this.#publishedPeriods(now).map(async (period) => {
        const { publicKey } = await pairOf(period);
        const { n, e } = publicKey.export({ format: "jwk" });
        const keyId = this.#keyId(period);
        return { kty: "RSA", use: "sig", kid: keyId, x5t: keyId, n, e };
      }),
    );
  }

  /** The id of the key that signs now. */
  keyIdAt(now: number): string {
    return this.#keyId(this.#period(now));
  }

  #period(now: number): number {
    return Math.floor(now / this.#rotationMs);
  }

  #publishedPeriods(now: number): readonly number[] {
    const current = this.#period(now);
    return [current, current - PUBLISHED_AROUND, current + PUBLISHED_AROUND];
  }

  #keyId(period: number): string {
    return createHash("sha1").update(`${this.#namespace}/${period}`).digest("base64url");
  }
}

/** Signs as somebody who is not the login service, whatever the head says. */
export async function signAsStranger(head: JsonObject, claims: JsonObject): Promise<string> {
  strangerPair ??= makePair();
  const { privateKey } = await strangerPair;
  const signed = encodeJwt(head, claims);
  return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
}

function pairOf(period: number): Promise<KeyPair> {
  const index = period % SHARED_PAIR_COUNT;
  return (SHARED_PAIRS[index] ??= makePair());
}

function makePair(): Promise<KeyPair> {
  return promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
}
