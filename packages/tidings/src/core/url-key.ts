import { Secret } from "./secret.ts";

const PARAMETER = "key";
const MIN_LENGTH = 16;
/** What stands in a query as it is: no proxy and no rule of a firewall has to decode it. */
const KEY = /^[\w.~-]+$/;

/**
 * Keys that may stand in the query of our URLs at Graph, where proxies and firewalls can look for them. The first goes
 * into URLs, all are let in; the empty one lets in what has none, while older subscriptions are replaced.
 */
export type UrlKeys = readonly [Secret, ...Secret[]];

/** @throws TypeError when one is too short or cannot stand in a URL; it is not repeated */
export function resolveUrlKeys(given: string | readonly string[] | undefined): UrlKeys | undefined {
  const keys = [given ?? []].flat();
  for (const [place, key] of keys.entries()) {
    const isNone = key === "" && place > 0;
    const isGood = typeof key === "string" && key.length >= MIN_LENGTH && KEY.test(key);
    if (isNone || isGood) continue;
    throw new TypeError(
      `Expected \`urlKey\` to have at least ${MIN_LENGTH} characters of A-Z a-z 0-9 _ . ~ -, got one of ${typeof key === "string" ? key.length : typeof key}`,
    );
  }
  const [first, ...others] = keys.map((key) => new Secret(key));
  return first && [first, ...others];
}

/** A URL of ours with the key in its query. */
export function withUrlKey(url: string, keys: UrlKeys | undefined): string {
  return keys === undefined ? url : `${url}?${PARAMETER}=${keys[0].reveal()}`;
}

/** The key in the query of a request; empty when it has none, undefined when it has several. */
export function urlKeyOf(query: string): string | undefined {
  const [key = "", ...more] = query === "" ? [] : new URLSearchParams(query).getAll(PARAMETER);
  return more.length === 0 ? key : undefined;
}

/** A URL as it may be shown: without its query, where its key is. */
export function withoutQuery(url: string): string {
  return url.split("?", 1).join("");
}
