import { isIPv6 } from "node:net";

/** Failures an address may have at once, and how long one counts. */
const MAX_FAILURES = 30;
const FORGET_ONE_MS = 1_000;
/** Addresses remembered; each has some 100 bytes. */
const MAX_ADDRESSES = 10_000;

interface Count {
  readonly failures: number;
  /** When that was so, milliseconds. */
  readonly at: number;
}

/**
 * Counts the failed requests of each address. It never says that a request is to be refused: behind a proxy, and for
 * Graph itself, many senders have one address, and a good request must not suffer for another's. What an address with
 * too many loses is its connection after each further failure, so that each costs it a new one.
 */
export class FailedRequests {
  readonly #now: () => number;
  /** The one that failed longest ago first. */
  readonly #counts = new Map<string, Count>();

  /** @param now milliseconds of a clock that does not jump */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes note of a failed request. @returns whether its address has too many */
  note(address: string): boolean {
    const key = networkOf(address);
    const at = this.#now();
    const before = this.#counts.get(key) ?? { failures: 0, at };
    const left = Math.max(0, before.failures - (at - before.at) / FORGET_ONE_MS);
    const failures = Math.min(left + 1, MAX_FAILURES + 1);
    this.#counts.delete(key);
    this.#counts.set(key, { failures, at });
    if (this.#counts.size > MAX_ADDRESSES) this.#forgetFirst();
    return failures > MAX_FAILURES;
  }

  #forgetFirst(): void {
    for (const [key] of this.#counts) {
      this.#counts.delete(key);
      return;
    }
  }
}

/** Who has an IPv6 address has the whole /64 around it. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes(".")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":");
  const missing = tail === undefined ? [] : Array<string>(8).fill("0");
  return [...groups, ...missing].slice(0, 4).join(":");
}
