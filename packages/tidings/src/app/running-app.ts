import type { Handler } from "../core/change.ts";
import type { DeclarationSpec } from "../core/declaration.ts";
import { parseItem } from "../core/delivery.ts";
import { StoreOfAnotherAppError } from "../core/errors.ts";
import type { Report } from "../core/events.ts";
import type { InboxRow } from "../core/inbox.ts";
import type { Random } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import { sha256 } from "../crypto/hash.ts";
import { createKeyring, generateSecret } from "../crypto/keyring.ts";
import { UndeclaredError } from "../dispatcher/attempt.ts";
import { createChange } from "../dispatcher/change.ts";
import { Dispatcher } from "../dispatcher/dispatcher.ts";
import { GraphClient } from "../graph/graph-client.ts";
import { createGraphApi } from "../graph/graph-subscriptions.ts";
import type { ReceiverParts } from "../receiver/receiver.ts";
import { Reconciler, type InitialRequest } from "../reconciler/reconciler.ts";
import { SubscriptionRows } from "../reconciler/subscription-rows.ts";
import type { Settings } from "./options.ts";
import { MemoryRouteTable } from "./routes.ts";

/** How long `stop` waits for handlers: less than the 10 s that Cloud Run grants a process. */
const STOP_GRACE_MS = 8_000;

const systemRandom: Random = { next: () => Math.random() };

/** One declared handler. */
export interface DeclaredHandler {
  readonly spec: DeclarationSpec;
  readonly handler: Handler;
}

/** An app at work: engines and adapters put together. */
export interface RunningApp {
  readonly store: Store;
  readonly graph: GraphClient;
  readonly receiver: ReceiverParts;
  readonly reconciler: Reconciler;
  /** The tenant meant where none is named. @throws CredentialError */
  readonly tenantId: () => Promise<string>;
  /** Handlers and renewals begin. */
  begin(): void;
  /** Ends in order: no new attempts, those running may finish, then the store. Deliveries are refused by then. */
  stop(): Promise<void>;
}

/** Opens the store and builds everything on it. @throws StoreError, StoreTooNewError, StoreInUseError, StoreOfAnotherAppError */
export async function openApp(
  settings: Settings,
  declared: readonly DeclaredHandler[],
  early: readonly InitialRequest[],
  report: Report,
): Promise<RunningApp> {
  const { clock, cloud, credential } = settings;
  const store = await settings.store.open();
  const owner = await store.keep("app", settings.name);
  if (owner !== settings.name) {
    await store.close();
    throw new StoreOfAnotherAppError(settings.store.description, owner, settings.name);
  }
  const secrets = settings.secrets ?? [await store.keep("secret", generateSecret())];
  const keyring = createKeyring(secrets);
  const graphClient = new GraphClient({
    credential,
    scope: `${cloud.graphRoot}/.default`,
    baseUrl: `${cloud.graphRoot}/${cloud.version}`,
    clock,
  });
  const tenantId = async (): Promise<string> => settings.tenantId ?? graphClient.tenantId();
  const graph = createGraphApi(graphClient);
  const routes = new MemoryRouteTable();
  const rows = new SubscriptionRows(store, routes);
  await rows.loadRoutes();

  const reconciler = new Reconciler({
    app: settings.name,
    endpoint: settings.endpoint,
    specs: declared.map(({ spec }) => spec),
    early,
    tenantId,
    rows,
    graph,
    keyring,
    hash: sha256,
    clock,
    random: systemRandom,
    report,
  });

  const handlers = new Map(declared.map(({ spec, handler }) => [spec.name, handler]));
  const dispatcher = new Dispatcher({ store, clock, random: systemRandom, report, handle });

  async function handle(row: InboxRow, signal: AbortSignal): Promise<void> {
    if (row.kind === "lifecycle") return handleLifecycle(row, reconciler);
    const handler = handlers.get(row.declaration);
    if (handler === undefined) throw new UndeclaredError(row.declaration);
    await handler(createChange(row, { graph, hash: sha256 }), { signal });
  }

  return {
    store,
    graph: graphClient,
    receiver: {
      keyring,
      hash: sha256,
      routes,
      clock,
      store: {
        async append(items) {
          const result = await store.append(items);
          dispatcher.wake();
          return result;
        },
      },
    },
    reconciler,
    tenantId,
    begin() {
      dispatcher.start();
      reconciler.start();
    },
    async stop() {
      await Promise.all([dispatcher.stop(STOP_GRACE_MS), reconciler.stop()]);
      await store.close();
    },
  };
}

async function handleLifecycle(
  { body, subscriptionKey, seq }: InboxRow,
  reconciler: Reconciler,
): Promise<void> {
  const item = parseItem(body.raw);
  if (item.kind !== "lifecycle") throw new Error(`Inbox row ${seq} holds no lifecycle notification`);
  await reconciler.react(item.event, subscriptionKey, item.subscriptionId);
}
