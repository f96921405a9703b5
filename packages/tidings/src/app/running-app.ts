import { KeysUnavailableError, StoreError, StoreOfAnotherAppError } from "../core/errors.ts";
import type { Report } from "../core/events.ts";
import { LIFECYCLE_DECLARATION } from "../core/inbox.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Store } from "../core/ports/store.ts";
import type { RouteTable } from "../core/route.ts";
import type { Secret } from "../core/secret.ts";
import { trustOf } from "../core/trust.ts";
import { sha256 } from "../crypto/hash.ts";
import { createDecryptor } from "../crypto/decryptor.ts";
import { KeyPairs } from "../crypto/key-pairs.ts";
import { createTokenVerifier } from "../crypto/token-verifier.ts";
import { ContentOpener } from "../dispatcher/content-opener.ts";
import { Dispatcher } from "../dispatcher/dispatcher.ts";
import { createEndpointProbe } from "../host/endpoint-probe.ts";
import { GraphClient } from "../graph/graph-client.ts";
import { createGraphApi } from "../graph/graph-subscriptions.ts";
import type { ReceiverParts } from "../receiver/receiver.ts";
import { TopicReader } from "../receiver/topic-reader.ts";
import type { InitialRequest } from "../reconciler/desired-subscriptions.ts";
import { Reconciler } from "../reconciler/reconciler.ts";
import { SubscriptionRows } from "../reconciler/subscription-rows.ts";
import { Endpoint } from "./endpoint.ts";
import type { EventFeed } from "./events.ts";
import type { Settings } from "./options.ts";
import { lifecycleRunner, runnerSettings, type DeclaredHandler } from "./runner-settings.ts";
import { Secrets } from "./secrets.ts";
import { Sweeper } from "./sweeper.ts";
import { within } from "./within.ts";

/** How long `stop` waits for handlers. */
const STOP_GRACE_MS = 8_000;
/** How long it takes at most, the closing of the store with it: less than the 10 s that Cloud Run grants a process. */
const STOP_LIMIT_MS = 9_500;

/** An app at work: engines and adapters put together. */
export interface RunningApp {
  readonly store: Store;
  readonly graph: GraphClient;
  readonly secrets: Secrets;
  /** Undefined for an app without certificates. */
  readonly keyPairs: KeyPairs | undefined;
  readonly receiver: ReceiverParts;
  readonly reconciler: Reconciler;
  readonly dispatcher: Dispatcher;
  readonly sweeper: Sweeper;
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  /** The tenant meant where none is named. @throws CredentialError */
  readonly tenantId: () => Promise<string>;
  /** Handlers and renewals begin. Idempotent. */
  begin(): void;
  /**
   * Ends in order: no new attempts, those running may finish, then the store. Deliveries are refused by then. A store
   * that does not answer is left: what it acknowledged is on disk, and the end of the process gives its lock back.
   */
  stop(): Promise<void>;
}

/** Opens the store and builds everything on it. @throws StoreError, StoreTooNewError, StoreInUseError, StoreOfAnotherAppError */
export async function openApp(input: BuildInput): Promise<RunningApp> {
  const store = await input.settings.store.open();
  try {
    return await build(store, input);
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface BuildInput {
  readonly settings: Settings;
  readonly declared: readonly DeclaredHandler[];
  readonly early: readonly InitialRequest[];
  readonly events: EventFeed;
  readonly report: Report;
  readonly routes: RouteTable;
  /** Lets receivers elsewhere know of the secrets that verify; resolves when they do. */
  readonly tellSecrets: (secrets: readonly Secret[]) => Promise<void>;
}

async function build(
  store: Store,
  { settings, declared, early, events, report, routes, tellSecrets }: BuildInput,
): Promise<RunningApp> {
  const { clock, random, cloud, credential } = settings;
  const owner = await store.keep("app", settings.name);
  if (owner !== settings.name)
    throw new StoreOfAnotherAppError(settings.store.description, owner, settings.name);
  const secrets = await Secrets.open({ store, given: settings.secrets, clock, tell: tellSecrets });
  const { keyring } = secrets;
  const keyPairs = createKeyPairs(settings, report);
  const ownKeyPairs = settings.certificates === undefined ? undefined : keyPairs;
  const stopped = new AbortController();
  const graphClient = new GraphClient({
    credential,
    scope: `${cloud.graphRoot}/.default`,
    baseUrl: `${cloud.graphRoot}/${cloud.version}`,
    clock,
    signal: stopped.signal,
    fetch: settings.fetch,
  });
  const tenantId = async (): Promise<string> => settings.tenantId ?? graphClient.tenantId();
  const graph = createGraphApi(graphClient);
  const rows = new SubscriptionRows(store, routes);
  const { total } = await store.countSubscriptions();

  const reconciler = new Reconciler({
    app: settings.name,
    endpoint: settings.endpoint,
    urlKeys: settings.urlKeys,
    specs: declared.map(({ spec }) => spec),
    early,
    // A store that knows of none may have been lost, with subscriptions alive at Graph, made who knows when.
    lookFirst: total > 0 ? null : 0,
    ownTenantId: tenantId,
    isOwnGiven: settings.tenantId !== undefined,
    store,
    rows,
    graph,
    probe: createEndpointProbe({ fetch: settings.probeFetch }),
    certificates: ownKeyPairs,
    signers: secrets,
    keyring,
    hash: sha256,
    clock,
    random,
    report,
  });

  const { clientIds } = settings;
  const trust = trustOf(cloud);
  const opener = new ContentOpener({
    store,
    trust,
    verifier: createTokenVerifier({ trust, clock, fetch: settings.fetch }),
    decryptor: createDecryptor(async (id) => keyPairs.find(id)),
    clientIdsOf: async (tenant) => (clientIds.length > 0 ? clientIds : [await graphClient.appId(tenant)]),
  });
  const dispatcher = new Dispatcher({
    store,
    clock,
    random,
    report,
    keepHistory: settings.historyMs > 0,
    declarations: [
      lifecycleRunner(reconciler),
      ...declared.map((declaration) =>
        runnerSettings(declaration, { graph, hash: sha256, opener }, settings.logger),
      ),
    ],
  });
  const sweeper = new Sweeper({
    store,
    clock,
    report,
    declared: [LIFECYCLE_DECLARATION, ...declared.map(({ spec }) => spec.name)],
    historyMs: settings.historyMs,
  });
  events.on("subscriptions:heard", ({ heard }) => {
    reconciler.observe(heard).catch((error: unknown) => {
      report("internal:error", { where: "noting what was heard", error });
    });
  });
  const endpoint = new Endpoint({ events, clock, report });
  const receiver = { keyring, hash: sha256, routes, clock, store };
  const readers = settings.sources.map((source) => new TopicReader({ ...receiver, source, random, report }));

  return {
    store,
    graph: graphClient,
    secrets,
    keyPairs: ownKeyPairs,
    receiver,
    reconciler,
    tenantId,
    dispatcher,
    sweeper,
    endpoint,
    clock,
    begin() {
      for (const each of [dispatcher, reconciler, sweeper, ...readers]) each.start();
    },
    async stop() {
      endpoint.stop();
      const work = Promise.all(
        [dispatcher, reconciler, sweeper, ...readers].map(async (each) => each.stop(STOP_GRACE_MS)),
      )
        .then(() => stopped.abort())
        .then(async () => Promise.all([store.close(), closeHandlers(declared, report)]));
      const isDone = await within(STOP_LIMIT_MS, work, clock);
      if (!isDone) {
        const error = new StoreError("The store did not close in time");
        report("internal:error", { where: "stopping", error });
      }
    },
  };
}

/** One handler may serve several declarations. What cannot be closed keeps nothing else open. */
async function closeHandlers(declared: readonly DeclaredHandler[], report: Report): Promise<void> {
  const handlers = new Set(declared.map(({ handler }) => handler));
  await Promise.all(
    [...handlers].map(async (handler) => {
      try {
        if (typeof handler !== "function") await handler[Symbol.asyncDispose]?.();
      } catch (error) {
        report("internal:error", { where: "closing a handler", error });
      }
    }),
  );
}

/** Without certificates none is ever there: what was encrypted for one waits until the app has it. */
function createKeyPairs({ certificates, clock }: Settings, report: Report): KeyPairs {
  const none = async (): Promise<never> => {
    throw new KeysUnavailableError("certificate", "the app has no `certificates`");
  };
  return new KeyPairs(certificates ?? none, {
    clock,
    onSourceFailure: (error) => {
      if (certificates !== undefined) report("internal:error", { where: "reading certificates", error });
    },
  });
}
