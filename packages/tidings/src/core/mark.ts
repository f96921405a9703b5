import type { Keyring } from "./ports/keyring.ts";
import { keyIdOfName, signName, verifyName, type SignedNameForm } from "./signed-name.ts";
import { withUrlKey, type UrlKeys } from "./url-key.ts";

const FORM: SignedNameForm = { purpose: "mark", partCount: 2 };
const APP_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const LIFECYCLE = "lifecycle";

/**
 * Who a subscription at Graph belongs to. It is part of the subscription's URLs, which Graph's list shows
 * (client states it hides), and only what carries a valid mark of the same app is ever adopted or deleted.
 */
export interface Mark {
  /** `name` of the app: staging and production on one app registration have different ones. */
  readonly app: string;
  readonly subscriptionKey: string;
}

/** @throws TypeError when `name` cannot stand in a URL */
export function assertAppName(name: string): void {
  if (typeof name !== "string" || !APP_NAME.test(name)) {
    throw new TypeError(
      `Expected \`name\` to be 1 to 63 of a-z, 0-9 and -, starting with a letter or digit, got \`${name}\``,
    );
  }
}

/** The URLs a subscription is created with; they stay at Graph for its whole life. */
export interface SubscriptionUrls {
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string;
}

/** @param endpoint public URL of the notification path, without a trailing slash */
export function subscriptionUrls(
  keyring: Keyring,
  endpoint: string,
  mark: Mark,
  urlKeys?: UrlKeys,
): SubscriptionUrls {
  const text = signName(FORM, keyring, { parts: [mark.app, mark.subscriptionKey] });
  return {
    notificationUrl: withUrlKey(`${endpoint}/${text}`, urlKeys),
    lifecycleNotificationUrl: withUrlKey(`${endpoint}/${LIFECYCLE}/${text}`, urlKeys),
  };
}

/** Reads the mark from a URL found at Graph; undefined when it carries none that we signed. */
export function markOfUrl(keyring: Keyring, url: string): Mark | undefined {
  const text = markTextOf(url);
  if (text === undefined) return undefined;
  const [app, subscriptionKey] = verifyName(FORM, keyring, { text }) ?? [];
  return app === undefined || subscriptionKey === undefined ? undefined : { app, subscriptionKey };
}

/** Whether a URL is one that a subscription of this mark was given at this endpoint, whichever of our secrets signed it. */
export function isMarkedUrl(
  keyring: Keyring,
  endpoint: string,
  { mark, url }: { readonly mark: Mark; readonly url: string },
): boolean {
  if (endpointOfUrl(url) !== endpoint) return false;
  const found = markOfUrl(keyring, url);
  return found?.app === mark.app && found.subscriptionKey === mark.subscriptionKey;
}

/** Id of the key that signed the mark of a URL of ours, and so the client state beside it; undefined without a mark. */
export function keyIdOfUrl(url: string): string | undefined {
  const text = markTextOf(url);
  return text === undefined ? undefined : keyIdOfName(FORM, text);
}

/** The endpoint of one of our URLs: what is before the mark. */
export function endpointOfUrl(url: string): string {
  return url.slice(0, url.lastIndexOf("/"));
}

function markTextOf(url: string): string | undefined {
  return URL.parse(url)?.pathname.split("/").at(-1);
}

/**
 * Whether a request's path is one of ours: the notification path itself, or that path with a mark, or with
 * `lifecycle` and a mark. The mark is not verified here: what it names is believed of a client state only.
 */
export function isNotificationPath(pathname: string, path: string): boolean {
  if (!pathname.startsWith(path)) return false;
  const rest = pathname.slice(path.length);
  return /^(?:\/lifecycle)?(?:\/[\w.-]+)?\/?$/.test(rest);
}
