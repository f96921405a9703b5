import { createCipheriv, createDecipheriv } from "node:crypto";

import { parseJson, isJsonObject, textOf, type JsonObject } from "../http/json.ts";
import type { Random } from "../random.ts";

/** Where a round of change tracking stands: what a token says to the service, and to nobody else. */
export interface DeltaState {
  /** The path of the delta function, in one spelling. */
  readonly scope: string;
  /** The query of the round's first request: later requests do not repeat it. */
  readonly query: string;
  /** Number of the last change told in the rounds before; 0 in the first round. */
  readonly base: number;
  /** Number of the last change told so far. */
  readonly position: number;
  /** The base of the round before, where a replay begins. */
  readonly previousBase: number;
}

/** Whose tokens are counted together, and how long and how many of them are good. */
export interface TokenPolicy {
  /** The mailbox or tenant. */
  readonly owner: string;
  /** Milliseconds; absent where tokens have no fixed end. */
  readonly lifeMs?: number | undefined;
  /** How many of an owner's newest tokens are kept; absent where that is no limit. */
  readonly capacity?: number | undefined;
}

/** Why a token is no longer good: its time is over, newer ones took its place, or the service started anew. */
export type TokenEnd = "age" | "evicted" | "reset";

/** What a token says once it is opened. */
export interface DeltaIssue extends DeltaState {
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  /** Counts all tokens. */
  readonly serial: number;
  /** Counts the tokens of an owner. */
  readonly ownerSerial: number;
}

/** That a token is no longer good. */
export interface EndedToken {
  readonly end: TokenEnd;
  /** Which of the tokens of its owner it was, counted from 1. */
  readonly generation: number;
  /** Which the newest is. */
  readonly newestGeneration: number;
  /** The error code asked for when tokens were ended on demand. */
  readonly code?: string | undefined;
}

/** Ends tokens on demand. */
export interface TokenExpiry {
  /** Beginning of the delta path, for example `users/delta` or `drives`; everything without one. */
  readonly path?: string | undefined;
  /** The error code to answer with, where the service has several. */
  readonly code?: string | undefined;
}

export interface DeltaTokensOptions {
  readonly random: Random;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Tokens that say nothing to whoever holds them: the state of a round, encrypted, so that no client can read one or
 * make one up.
 *
 * @see https://learn.microsoft.com/graph/delta-query-overview#state-tokens
 */
export class DeltaTokens {
  readonly #random: Random;
  readonly #now: () => number;
  readonly #key: Buffer;
  #serial = 0;
  readonly #ownerSerials = new Map<string, number>();
  #expiries: { readonly path: string; readonly code: string | undefined; readonly lastSerial: number }[] = [];

  constructor({ random, now }: DeltaTokensOptions) {
    this.#random = random;
    this.#now = now;
    this.#key = random.bytes(32);
  }

  issue(state: DeltaState, { owner }: TokenPolicy): string {
    const ownerSerial = (this.#ownerSerials.get(owner) ?? 0) + 1;
    this.#ownerSerials.set(owner, ownerSerial);
    const issue: DeltaIssue = { ...state, issuedAt: this.#now(), serial: ++this.#serial, ownerSerial };
    return this.#seal(JSON.stringify(issue));
  }

  /** What the token says, or `undefined` when it is none of ours, or of another scope. */
  open(token: string, scope: string): DeltaIssue | undefined {
    const issue = readIssue(this.#unseal(token));
    return issue?.scope === scope ? issue : undefined;
  }

  /** Why the token is no longer good, or `undefined` while it is. */
  endOf(issue: DeltaIssue, policy: TokenPolicy): EndedToken | undefined {
    const expiry = this.#expiries.findLast(
      ({ path, lastSerial }) => issue.serial <= lastSerial && issue.scope.startsWith(path),
    );
    const { lifeMs = Infinity, capacity = Infinity, owner } = policy;
    const generation = issue.ownerSerial;
    const newestGeneration = this.#ownerSerials.get(owner) ?? 0;
    const generations = { generation, newestGeneration };
    if (expiry) return { end: "reset", code: expiry.code, ...generations };
    if (this.#now() > issue.issuedAt + lifeMs) return { end: "age", ...generations };
    return generation <= newestGeneration - capacity ? { end: "evicted", ...generations } : undefined;
  }

  /** Ends the tokens issued so far. */
  expire({ path = "", code }: TokenExpiry = {}): void {
    this.#expiries.push({ path: path.replace(/^\//, "").toLowerCase(), code, lastSerial: this.#serial });
  }

  #seal(text: string): string {
    const iv = this.#random.bytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#key, iv);
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
  }

  #unseal(token: string): string | undefined {
    const bytes = Buffer.from(token, "base64url");
    if (bytes.length <= 28) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
    } catch {
      // Not a token of ours, or not any more: what does not decrypt is malformed.
      return undefined;
    }
  }
}

function readIssue(text: string | undefined): DeltaIssue | undefined {
  const value = text === undefined ? undefined : parseJson(text);
  if (!isJsonObject(value)) return undefined;
  return {
    scope: textOf(value, "scope") ?? "",
    query: textOf(value, "query") ?? "",
    base: numberOf(value, "base"),
    position: numberOf(value, "position"),
    previousBase: numberOf(value, "previousBase"),
    issuedAt: numberOf(value, "issuedAt"),
    serial: numberOf(value, "serial"),
    ownerSerial: numberOf(value, "ownerSerial"),
  };
}

function numberOf(object: JsonObject, name: string): number {
  const value = object[name];
  return typeof value === "number" ? value : 0;
}
