import type { Cloud } from "../core/cloud.ts";
import { isGuid } from "../core/guid.ts";
import { assertAppName } from "../core/mark.ts";
import type { CertificateSource } from "../core/ports/certificates.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Credential } from "../core/ports/credential.ts";
import type { InboxProvider, SourceProvider } from "../core/ports/inbox.ts";
import type { Logger } from "../core/ports/logger.ts";
import type { Random } from "../core/ports/random.ts";
import type { StoreProvider } from "../core/ports/store.ts";
import { resolveCloud } from "../core/resolve-cloud.ts";
import { Secret } from "../core/secret.ts";
import { resolveUrlKeys, type UrlKeys } from "../core/url-key.ts";
import type { Fetch } from "../graph/exchange.ts";
import { sqlite } from "../store/sqlite/sqlite.ts";
import { systemClock } from "./clock.ts";
import { outboundOf } from "./outbound.ts";
import { stderrLogger } from "./stderr-logger.ts";

export interface TidingsOptions {
  /**
   * Names the app in every subscription's URL at Graph: 1 to 63 of a–z, 0–9 and -. Keep it: another name does not
   * know the subscriptions of this one. Staging and production on one app registration need different names.
   */
  readonly name: string;
  /** Signs in to Graph: any class of `@azure/identity`, or a function that gives one for a tenant. */
  readonly credential?: Credential | undefined;
  /** GUID of the tenant to subscribe in. @default the tenant the credential signs in to */
  readonly tenantId?: string | undefined;
  /**
   * GUID of the app registration, or several: whom validation tokens of notifications with resource data are for.
   * @default the app the credential signs in as
   */
  readonly clientId?: string | readonly string[] | undefined;
  /**
   * What resource data is encrypted for: PEM texts that have a certificate and its private key each, or a function that
   * gives them, such as one that reads a key vault. Graph is given the first, all decrypt. `npx tidings keys create`
   * makes one. Needed by declarations with `includeResourceData`.
   */
  readonly certificates?: CertificateSource | undefined;
  /** Where Graph reaches this process, such as `https://tidings.example.com`. Hosts may know it better. */
  readonly publicUrl?: string | undefined;
  /** Path of notifications below `publicUrl`. @default "/notifications" */
  readonly path?: string | undefined;
  /** Where accepted notifications and subscriptions are kept. @default sqlite("./data/tidings.db") */
  readonly store?: StoreProvider | undefined;
  /**
   * Takes what is authentic in place of a store, such as a topic: `kafka(…)` of `tidings/inbox/kafka`. The app then has
   * no handlers, and no state: any number of processes receive, and `tidings apply` keeps the subscriptions, as a job.
   */
  readonly inbox?: InboxProvider | undefined;
  /** What is read into the store beside what comes by HTTP: `kafka(…)` of `tidings/source/kafka`. @default none */
  readonly sources?: readonly SourceProvider[] | undefined;
  /**
   * Signs client states and marks; at least 32 characters. Of several the first signs and all verify.
   * @default one that is made at random and kept in the store; with `inbox` there is none
   */
  readonly secret?: string | readonly string[] | undefined;
  /**
   * Goes into the query of our URLs at Graph as `key`, for the rules of a proxy or firewall in front; a request without
   * it gets 404. At least 16 characters of A–Z a–z 0–9 _ . ~ -. Of several the first goes into URLs and all are let in;
   * an empty one after it lets in what has none. Another first one replaces every subscription.
   * @default none: what is sent proves itself by its client state
   */
  readonly urlKey?: string | readonly string[] | undefined;
  /**
   * Which Graph, and whose word is taken for what it sends. A national cloud's root brings its login service; who signs
   * there is not documented, and may be said. @default the global cloud, v1.0
   */
  readonly cloud?: Partial<Cloud> | undefined;
  /**
   * How long finished changes are kept for `replay`, in milliseconds; they cost disk.
   * @default 0, nothing is kept
   */
  readonly historyMs?: number | undefined;
  /** @default warnings and errors to stderr, a JSON object a line */
  readonly logger?: Logger | undefined;
}

/**
 * What whoever runs an app may know better than the app: given to `start`, it wins over the constructor's options, but
 * for the logger, where the app's own wins.
 */
export interface HostSettings extends Pick<
  TidingsOptions,
  | "credential"
  | "tenantId"
  | "clientId"
  | "certificates"
  | "publicUrl"
  | "store"
  | "secret"
  | "urlKey"
  | "cloud"
  | "logger"
> {
  /** Where the platform says it reaches this process: for an app that was not told its `publicUrl` at all. */
  readonly platformUrl?: string | undefined;
  /** @default the machine's */
  readonly clock?: Clock | undefined;
  /** Spreads retries; secrets are not made of it. @default the platform's */
  readonly random?: Random | undefined;
  /**
   * What requests are sent with, in place of our own way out, which asks Graph and the login service only, at public
   * addresses: such as one that goes through a proxy, which then has to see to that. Also for the one to our own endpoint.
   */
  readonly fetch?: Fetch | undefined;
}

/** Every option resolved. */
export interface Settings {
  readonly name: string;
  readonly credential: Credential;
  readonly tenantId: string | undefined;
  /** Empty: that of the credential. */
  readonly clientIds: readonly string[];
  readonly certificates: CertificateSource | undefined;
  /** URL of the notification path. */
  readonly endpoint: string;
  /** Paths requests may come to: the endpoint's, and what is left of it behind a proxy that strips its prefix. */
  readonly paths: readonly string[];
  readonly store: StoreProvider;
  readonly sources: readonly SourceProvider[];
  /** Given ones; the first signs. */
  readonly secrets: readonly Secret[];
  readonly urlKeys: UrlKeys | undefined;
  readonly cloud: Cloud;
  readonly historyMs: number;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** The way out. */
  readonly fetch: Fetch;
  /** For our own endpoint, which may be at a private address; undefined for the platform's. */
  readonly probeFetch: Fetch | undefined;
}

const systemRandom: Random = { next: () => Math.random() };

const DEFAULT_PATH = "/notifications";

/** Checks what can be checked when the app is declared. @throws TypeError with the value shown */
export function assertOptions(options: TidingsOptions): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Expected options such as \`{ name: "crm-sync", … }\`, got \`${typeof options}\``);
  }
  const { name, path = DEFAULT_PATH, tenantId, publicUrl, secret, store } = options;
  assertAppName(name);
  if (!/^(?:\/[\w.~-]+)+$/.test(path)) {
    throw new TypeError(`Expected \`path\` to be like \`${DEFAULT_PATH}\`, got \`${path}\``);
  }
  assertTenantId(tenantId);
  assertClientIds(options.clientId);
  assertSecrets(secret);
  resolveUrlKeys(options.urlKey);
  if (publicUrl !== undefined) assertPublicUrl(publicUrl);
  if (store !== undefined && typeof store?.open !== "function") {
    throw new TypeError(
      `Expected \`store\` to be like \`sqlite("./data/tidings.db")\`, got \`${typeof store}\``,
    );
  }
  assertInbox(options);
  for (const source of options.sources ?? []) {
    if (typeof source.connect === "function") continue;
    throw new TypeError(
      `Expected \`sources\` to be like \`[kafka({ … })]\`, got one of \`${typeof source}\``,
    );
  }
}

/** What goes into an inbox is somebody else's to keep and to handle. */
function assertInbox({ inbox, store, sources, historyMs }: TidingsOptions): void {
  if (inbox === undefined) return;
  if (typeof inbox.open !== "function") {
    throw new TypeError(`Expected \`inbox\` to be like \`kafka({ … })\`, got \`${typeof inbox}\``);
  }
  const beside = { store, sources, historyMs };
  const [wrong] = Object.entries(beside).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (wrong === undefined) return;
  throw new TypeError(
    `Expected no \`${wrong}\` beside \`inbox\`, since the app keeps nothing, got one: give it to the app that reads ${inbox.description}`,
  );
}

/** @throws TypeError when something needed to run is missing or makes no sense */
export function resolveSettings(options: TidingsOptions, host: HostSettings): Settings {
  const credential = host.credential ?? options.credential;
  if (credential === undefined) {
    throw new TypeError(
      "Expected `credential`, such as `new DefaultAzureCredential()` of @azure/identity, got none",
    );
  }
  const publicUrl = host.publicUrl ?? options.publicUrl ?? host.platformUrl;
  if (publicUrl === undefined) {
    throw new TypeError(
      "Expected `publicUrl`, where Graph reaches this process, such as https://tidings.example.com, got none",
    );
  }
  const endpoint = endpointOf(options, publicUrl);
  assertTenantId(host.tenantId);
  assertClientIds(host.clientId);
  assertSecrets(host.secret);
  const secret = host.secret ?? options.secret;
  const cloud = resolveCloud(options.cloud, host.cloud);
  return {
    name: options.name,
    credential,
    tenantId: (host.tenantId ?? options.tenantId)?.toLowerCase(),
    clientIds: [host.clientId ?? options.clientId ?? []].flat(),
    certificates: host.certificates ?? options.certificates,
    endpoint,
    paths: pathsOf(options, publicUrl),
    store: host.store ?? options.store ?? sqlite(),
    sources: options.sources ?? [],
    secrets: [secret ?? []].flat().map((each) => new Secret(each)),
    urlKeys: resolveUrlKeys(host.urlKey ?? options.urlKey),
    cloud,
    historyMs: options.historyMs ?? 0,
    logger: options.logger ?? host.logger ?? stderrLogger,
    clock: host.clock ?? systemClock,
    random: host.random ?? systemRandom,
    fetch: host.fetch ?? outboundOf(cloud),
    probeFetch: host.fetch,
  };
}

/** @returns the paths that requests may come to. @throws TypeError when the public URL is none */
export function pathsOf(
  options: Pick<TidingsOptions, "path" | "publicUrl">,
  publicUrl: string | undefined = options.publicUrl,
): readonly string[] {
  const { path = DEFAULT_PATH } = options;
  return publicUrl === undefined ? [path] : [new URL(endpointOf(options, publicUrl)).pathname, path];
}

function endpointOf({ path = DEFAULT_PATH }: Pick<TidingsOptions, "path">, publicUrl: string): string {
  assertPublicUrl(publicUrl);
  return new URL(publicUrl).href.replace(/(?<!\/)\/+$/, "") + path;
}

export function assertTenantId(tenantId: string | undefined): void {
  if (tenantId !== undefined && !isGuid(tenantId)) {
    throw new TypeError(`Expected \`tenantId\` to be a GUID, as notifications carry it, got \`${tenantId}\``);
  }
}

function assertClientIds(clientId: TidingsOptions["clientId"]): void {
  for (const id of [clientId ?? []].flat()) {
    if (!isGuid(id)) throw new TypeError(`Expected \`clientId\` to be a GUID, got \`${id}\``);
  }
}

const MIN_SECRET_LENGTH = 32;

function assertSecrets(secret: TidingsOptions["secret"]): void {
  for (const each of [secret ?? []].flat()) {
    if (typeof each !== "string" || each.length < MIN_SECRET_LENGTH) {
      throw new TypeError(
        `Expected \`secret\` to have at least ${MIN_SECRET_LENGTH} characters, got one of ${typeof each === "string" ? each.length : typeof each}`,
      );
    }
  }
}

function assertPublicUrl(publicUrl: string): void {
  const url = URL.parse(publicUrl);
  const isUsable = url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "";
  if (!isUsable) {
    throw new TypeError(`Expected \`publicUrl\` to be an http(s) URL without query, got \`${publicUrl}\``);
  }
}
