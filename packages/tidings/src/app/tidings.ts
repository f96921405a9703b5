import type { Answer, ReceivedRequest } from "../core/answer.ts";
import type { BatchHandler, Handler } from "../core/change.ts";
import { StoreBrokenError } from "../core/errors.ts";
import type { InboxProvider } from "../core/ports/inbox.ts";
import {
  assertCanShare,
  resolveDeclaration,
  type DeclarationOptions,
  type DeclarationSpec,
} from "../core/declaration.ts";
import type { Report, TidingsEventName } from "../core/events.ts";
import { routeOf } from "../core/route.ts";
import type { Params, ParamsOf } from "../core/resource-template.ts";
import { resolveUrlKeys } from "../core/url-key.ts";
import type { Graph } from "../graph/graph-client.ts";
import { listen, type Listening, type ListenOptions } from "../host/node/listen.ts";
import { SqliteClient } from "../store/sqlite/sqlite-client.ts";
import { createReceiver, type Receiver } from "../receiver/receiver.ts";
import type { Upkeep } from "../reconciler/upkeep.ts";
import type { InitialRequest } from "../reconciler/desired-subscriptions.ts";
import { JumpableClock } from "./clock.ts";
import { DeadLetters } from "./dead-letters.ts";
import { Declaration, type SubscribeOptions } from "./declaration.ts";
import { drain, resolveDeadline, type Drained, type DrainOptions } from "./drain.ts";
import { assertAccepted, assertCertificates, warnOfDoubts } from "./catalogue-check.ts";
import { EventFeed, type TidingsListener } from "./events.ts";
import { Face } from "./face.ts";
import { answerFetch } from "./fetch.ts";
import { Forwarder } from "./forwarder.ts";
import type { EntityOf } from "./graph-types.ts";
import { answerProbe, isProbe, type TidingsHealth } from "./health.ts";
import { logEvents } from "./log-events.ts";
import { replay, type ReplayFilter, type ReplayResult } from "./replay.ts";
import { RouteCache } from "./routes.ts";
import { ThreadedReceiver } from "./threaded-receiver.ts";
import {
  assertOptions,
  pathsOf,
  resolveSettings,
  type HostSettings,
  type Settings,
  type TidingsOptions,
} from "./options.ts";
import { openApp, type RunningApp } from "./running-app.ts";
import { KeysView } from "./keys-view.ts";
import { SubscriptionsView } from "./subscriptions-view.ts";
import { TenantsView } from "./tenants-view.ts";

/**
 * States: *declaring* (handlers are declared; handshakes are answered, deliveries get 503), *running* (after
 * `start`, or opened by `open`, `drain` or `reconcileOnce`, where nothing goes on by itself), *stopped* (after `stop`; deliveries get 503). A stopped one is not started again.
 */
type State =
  | { readonly kind: "declaring" }
  | { readonly kind: "starting"; readonly face: Face; readonly done: Promise<OpenApp> }
  | { readonly kind: "running"; readonly face: Face; readonly app: OpenApp }
  | { readonly kind: "stopped"; readonly done: Promise<void> };

/** With a store of its own, or with an inbox that takes all. */
type OpenApp = RunningApp | Forwarder;

/**
 * Receives Microsoft Graph change notifications: declare what you care about next to the function that handles it,
 * then serve it with `tidings serve`, `tidings/node` or {@link Tidings.fetch}.
 *
 * @example
 * ```ts
 * export const tidings = new Tidings({ name: "crm-sync", credential: new DefaultAzureCredential() });
 *
 * tidings.on("users", { changeType: "updated" }, async (change) => {
 *   const user = await change.fetch();
 * });
 * ```
 */
export class Tidings {
  readonly #options: TidingsOptions;
  readonly #events = new EventFeed();
  readonly #declarations = new Map<string, Declaration>();
  /** Made of declarations before there is a store to write to. */
  readonly #early: InitialRequest[] = [];
  readonly #receiver: Receiver;
  readonly #routes = new RouteCache(async (key) => {
    const row = await this.#running("routes").store.getSubscription(key);
    return row && routeOf(row);
  });
  /** Those that listen. */
  readonly #threads = new Set<ThreadedReceiver>();
  #state: State = { kind: "declaring" };
  /** What the constructor says of it. */
  readonly #declaredFace: Face;

  /** @throws TypeError when an option makes no sense, with the value shown */
  constructor(options: TidingsOptions) {
    assertOptions(options);
    this.#options = Object.freeze({ ...options });
    this.#declaredFace = this.#faceWith({});
    this.#receiver = createReceiver({
      paths: () => this.#face.paths,
      urlKeyCheck: () => this.#face.isUrlKey,
      parts: () => (this.#state.kind === "running" ? this.#state.app.receiver : undefined),
      report: (...told) => this.#report(...told),
    });
  }

  get name(): string {
    return this.#options.name;
  }

  /** Whether the constructor was given a store; without one, whoever runs the app may choose. */
  get hasStore(): boolean {
    return this.#options.store !== undefined;
  }

  /** Whether what arrives goes into an `inbox`; the app then has no store, and nothing goes on by itself. */
  get isForwarding(): boolean {
    return this.#options.inbox !== undefined;
  }

  /** What happens inside, as typed events: `tidings.events.on("change:handled", …)`. */
  readonly events: {
    on<Name extends TidingsEventName>(name: Name, listener: TidingsListener<Name>): () => void;
  } = this.#events;

  /**
   * Graph, signed in as the app, within the budgets the app itself keeps to. @throws Error before `start()`
   * @see docs/graph.md
   */
  get graph(): Graph {
    return this.#open("graph").graph;
  }

  /** The subscriptions this app keeps. */
  readonly subscriptions: SubscriptionsView = new SubscriptionsView({
    running: () => this.#running("subscriptions"),
    opened: async () => this.#opened("subscriptions"),
    upkeep: async () => this.#upkeep(),
    events: this.#events,
  });

  /** The tenants that resources without a tenant of their own are subscribed to in. */
  readonly tenants: TenantsView = new TenantsView(() => this.#running("tenants"));

  /** Certificates that Graph encrypts for, and secrets that sign what it keeps for us. */
  readonly keys: KeysView = new KeysView(() => this.#running("keys"));

  /** Changes that were given up. */
  readonly deadLetters: DeadLetters = new DeadLetters(() => this.#running("deadLetters"));

  /**
   * Declares a handler for a resource. A resource without `{…}` subscribes by itself; one with them is subscribed to
   * by `subscribe()` of the declaration that is returned.
   *
   * @param resource path below Graph's version root, such as `users` or `users/{userId}/messages`
   * @throws TypeError when it makes no sense, or when Graph is known to refuse it, with the value shown. What is not
   *   certain is logged at the start, and what nobody knows is let through. An app with `inbox` declares resources
   *   only, and any other needs a handler
   * @see https://learn.microsoft.com/graph/change-notifications-overview#supported-resources
   */
  on<const Resource extends string>(
    resource: Resource,
    handler: Handler<EntityOf<NoInfer<Resource>>, ParamsOf<NoInfer<Resource>>>,
  ): Declaration<Resource>;
  on<const Resource extends string>(
    resource: Resource,
    options: DeclarationOptions,
    handler: Handler<EntityOf<NoInfer<Resource>>, ParamsOf<NoInfer<Resource>>>,
  ): Declaration<Resource>;
  /** For an app with `inbox`. */
  on<const Resource extends string>(resource: Resource, options?: DeclarationOptions): Declaration<Resource>;
  on(
    resource: string,
    optionsOrHandler: DeclarationOptions | Handler = {},
    handlerAfterOptions?: Handler,
  ): Declaration {
    const [options, handler] = isHandler(optionsOrHandler)
      ? [{}, optionsOrHandler]
      : [optionsOrHandler, handlerAfterOptions];
    this.#assertHandler(resource, handler);
    if (this.#state.kind !== "declaring")
      throw new TypeError(`Expected \`${resource}\` to be declared before start()`);
    const spec = resolveDeclaration(resource, options);
    if (this.#declarations.has(spec.name)) {
      throw new TypeError(
        `Expected a \`name\` for a second declaration on \`${resource}\`, got \`${spec.name}\` again`,
      );
    }
    assertCanShare(spec, this.#specs());
    const declaration = new Declaration(resource, spec, handler, {
      pause: () => this.#running("pause()").dispatcher.pause(spec.name),
      resume: () => this.#running("resume()").dispatcher.resume(spec.name),
      subscribe: async (...request) => this.#request("subscribe", ...request),
      unsubscribe: async (...request) => this.#request("unsubscribe", ...request),
    });
    this.#declarations.set(spec.name, declaration);
    return declaration;
  }

  /**
   * Opens the store and begins: what waits is handled, subscriptions are made and kept. With `inbox`, opens that, and
   * does nothing by itself. Whatever serves HTTP must
   * listen by now, since Graph asks the endpoint before it answers us.
   *
   * @param host what the caller knows better than the constructor's options
   * @throws TypeError when an option is missing, or when this cloud does not have a declared resource; StoreError,
   *   StoreTooNewError, StoreInUseError, StoreOfAnotherAppError; KafkaError when the inbox will never be reached so
   */
  async start(host: HostSettings = {}): Promise<void> {
    const app = await this.#opening(host);
    await app.begin();
  }

  /**
   * Opens the store and begins nothing: for whoever wants `subscriptions`, `deadLetters` or `tenants` of an app that
   * does not run, with other settings than the constructor's. Idempotent, and `start` may follow.
   *
   * @param host what the caller knows better than the constructor's options
   * @throws as `start`
   */
  async open(host: HostSettings = {}): Promise<void> {
    await this.#opening(host);
  }

  /**
   * Stops gracefully: deliveries get 503 at once, handlers that run may end within 8 s, the store is closed. What
   * waits in the inbox is handled by the next process. Idempotent.
   */
  async stop(): Promise<void> {
    if (this.#state.kind === "starting") await this.#state.done.catch(() => {});
    if (this.#state.kind === "stopped") return this.#state.done;
    const done = this.#end(this.#state.kind === "running" ? this.#state.app : undefined);
    this.#state = { kind: "stopped", done };
    return done;
  }

  async #end(app: OpenApp | undefined): Promise<void> {
    await Promise.all([...this.#threads].map(async (thread) => thread.stop()));
    // What receivers tell last the app may want to write, so it ends after them.
    this.#receiver.flush();
    await app?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * Calls the handlers again for changes they have finished, as long as `historyMs` keeps them. Their `redriven` is
   * true, and their idempotency keys carry the run.
   *
   * @throws TypeError when the app keeps no history; Error before `start()`; StoreError
   */
  async replay(filter: ReplayFilter = {}): Promise<ReplayResult> {
    if ((this.#options.historyMs ?? 0) <= 0) {
      throw new TypeError(
        "Expected `historyMs` to say how long finished changes are kept, got none: there is nothing to replay",
      );
    }
    return replay(this.#running("replay()").store, filter);
  }

  /**
   * Looks once at every subscription that is due: for hosts that run by timer instead of for ever, and so without
   * `start()`.
   *
   * @returns when to look again, epoch milliseconds
   * @throws as `start()`
   */
  async reconcileOnce(): Promise<{ nextAt: number | undefined }> {
    const app = await this.#opened("reconcileOnce()");
    return app.reconciler.reconcileOnce();
  }

  /**
   * Calls handlers until nothing in the inbox is due, or nothing that could end by the deadline: for hosts that run by
   * timer, and so without `start()`. After `start()` it waits until nothing is due.
   *
   * @throws TypeError when the deadline leaves a handler no time; what `start()` throws
   */
  async drain(options: DrainOptions = {}): Promise<Drained> {
    const app = await this.#opened("drain()");
    return drain(app, this.#events, resolveDeadline(options, this.#specs(), app.clock.now()));
  }

  /** How it is doing, for probes and people. */
  async health(): Promise<TidingsHealth> {
    if (this.#state.kind !== "running") return { state: this.#state.kind };
    if (this.#state.app instanceof Forwarder) {
      const { isTaking, endpoint } = this.#state.app;
      return { state: "forwarding", isTaking, endpoint: endpoint.health() };
    }
    const { store, endpoint, reconciler } = this.#state.app;
    const [inbox, subscriptions] = await Promise.all([store.counts(), store.countSubscriptions()]);
    const { certificate } = reconciler;
    return {
      state: "running",
      inbox,
      subscriptions,
      endpoint: endpoint.health(),
      ...(certificate === undefined ? {} : { certificate }),
    };
  }

  /** The whole HTTP face as plain data: notifications, lifecycle notifications, handshakes, probes. Never rejects. */
  async receive(request: ReceivedRequest): Promise<Answer> {
    return answerProbe(request, () => this.#isReady()) ?? this.#receiver.receive(request);
  }

  /** Whether a request to this URL, or path, is one for this app. */
  serves(url: string): boolean {
    return isProbe(url) || this.#receiver.serves(url);
  }

  /**
   * Listens on a port, in a thread of its own where the store allows that: no handler can then make the endpoint
   * slow. Handshakes are answered from now on, deliveries once the app has started. May be called at any time, and
   * again.
   *
   * @param host the public URL and its key, where `start` will be given one that the constructor was not
   * @throws the system's error, such as one with the code EADDRINUSE
   */
  async listen(
    options: ListenOptions = {},
    host: Pick<HostSettings, "publicUrl" | "urlKey"> = {},
  ): Promise<Listening> {
    if (!this.#allowsThreads()) return listen(this, options);
    const thread = await ThreadedReceiver.listen(options, this.#faceWith(host).plain(), this.#report);
    this.#threads.add(thread);
    if (this.#state.kind === "running") this.#letReceive(thread, this.#state);
    const { port, url } = thread;
    return { port, url, close: async () => this.#close(thread) };
  }

  /** The same as a web-standard function, for Hono, Next.js, Bun and their like. May be passed on unbound. */
  readonly fetch: (request: Request) => Promise<Response> = async (request) =>
    answerFetch(request, (received) => this.receive(received));

  readonly #report: Report = (...told) => {
    const [name, event] = told;
    this.#events.emit(...told);
    if ("error" in event && event.error instanceof StoreBrokenError && name !== "store:broken") {
      this.#events.emit("store:broken", { error: event.error });
    }
  };

  #isReady(): boolean {
    const app = this.#state.kind === "running" ? this.#state.app : undefined;
    return this.#receiver.isReady() && !(app instanceof Forwarder && !app.isTaking);
  }

  #assertHandler(resource: string, handler: unknown): asserts handler is Handler | undefined {
    const { inbox } = this.#options;
    if (inbox !== undefined && handler !== undefined) {
      throw new TypeError(
        `Expected no handler for \`${resource}\`, since what arrives goes to ${inbox.description}, got a \`${typeof handler}\`: handle it where that is read`,
      );
    }
    if (inbox !== undefined || isHandler(handler)) return;
    throw new TypeError(
      `Expected a function or \`{ batch(changes) }\` to handle \`${resource}\`, got \`${typeof handler}\``,
    );
  }

  /** Opens the app if need be, which must have a store. @throws as {@link #opening} */
  async #opened(what: string): Promise<RunningApp> {
    return this.#withStore(what, await this.#opening());
  }

  async #upkeep(): Promise<Upkeep | undefined> {
    if (!this.isForwarding) return undefined;
    const app = await this.#opening();
    return app instanceof Forwarder ? app.upkeep : undefined;
  }

  /** @throws TypeError, StoreError, StoreTooNewError, StoreInUseError, StoreOfAnotherAppError */
  async #opening(host: HostSettings = {}): Promise<OpenApp> {
    switch (this.#state.kind) {
      case "running":
        return this.#state.app;
      case "starting":
        return this.#state.done;
      case "stopped":
        throw new TypeError("Expected a new Tidings; this one was stopped");
      case "declaring": {
        const settings = resolveSettings(this.#options, host);
        assertAccepted(this.#specs(), settings.cloud);
        assertCertificates(this.#specs(), settings);
        this.#assertNoStore(host);
        const done = this.#launch(settings);
        this.#state = { kind: "starting", face: faceOf(settings), done };
        return done;
      }
    }
  }

  #specs(): DeclarationSpec[] {
    return [...this.#declarations.values()].map(({ spec }) => spec);
  }

  #assertNoStore({ store }: HostSettings): void {
    if (!this.isForwarding || store === undefined) return;
    throw new TypeError(
      `Expected no \`store\` for an app with \`inbox\`, which keeps nothing, got ${store.description}: leave TIDINGS_STORE out, or the host's \`store\``,
    );
  }

  async #launch(settings: Settings): Promise<OpenApp> {
    let app: OpenApp | undefined;
    try {
      const { inbox } = this.#options;
      app = inbox === undefined ? await this.#storing(settings) : await this.#forwarding(settings, inbox);
      for (const thread of this.#threads) this.#letReceive(thread, { app, face: faceOf(settings) });
      this.#early.length = 0;
      logEvents(this.#events, settings.logger, settings.clock);
      warnOfDoubts(this.#specs(), settings);
      this.#state = { kind: "running", face: faceOf(settings), app };
      return app;
    } catch (error) {
      await app?.stop();
      this.#state = { kind: "declaring" };
      throw error;
    }
  }

  async #forwarding(settings: Settings, inbox: InboxProvider): Promise<Forwarder> {
    return new Forwarder({
      settings,
      inbox,
      specs: this.#specs(),
      early: [...this.#early],
      events: this.#events,
      report: this.#report,
    });
  }

  async #storing(settings: Settings): Promise<RunningApp> {
    return openApp({
      settings,
      declared: [...this.#declarations.values()].flatMap(({ spec, handler }) =>
        handler === undefined ? [] : [{ spec, handler }],
      ),
      early: [...this.#early],
      events: this.#events,
      report: this.#report,
      routes: this.#routes,
      tellSecrets: async (secrets) => {
        const revealed = secrets.map((secret) => secret.reveal());
        await Promise.all([...this.#threads].map(async (thread) => thread.useSecrets(revealed)));
      },
    });
  }

  get #face(): Face {
    return "face" in this.#state ? this.#state.face : this.#declaredFace;
  }

  /** The face with what its host knows better, as long as the app has not started. */
  #faceWith({ publicUrl, urlKey }: Pick<HostSettings, "publicUrl" | "urlKey">): Face {
    if ("face" in this.#state) return this.#state.face;
    const urlKeys = resolveUrlKeys(urlKey ?? this.#options.urlKey);
    return new Face(pathsOf(this.#options, publicUrl), urlKeys);
  }

  #allowsThreads(): boolean {
    // Of an app with an inbox no handler runs in this thread.
    if (this.isForwarding) return false;
    if (this.#state.kind === "running" && !(this.#state.app instanceof Forwarder))
      return this.#state.app.store instanceof SqliteClient;
    const { store } = this.#options;
    return store === undefined || store.allowsThreads === true;
  }

  #letReceive(thread: ThreadedReceiver, { app, face }: { readonly app: OpenApp; readonly face: Face }): void {
    const { store, clock, secrets: held } = this.#withStore("listen()", app);
    if (!(store instanceof SqliteClient)) {
      throw new TypeError(
        "Expected `start` to be given a store that the constructor's kind of store can stand for",
      );
    }
    this.#routes.follow(thread);
    const { isComplete } = this.#routes;
    const secrets = held.all.map((secret) => secret.reveal());
    const clockOffset = clock instanceof JumpableClock ? clock.offset : undefined;
    thread.ready({ face: face.plain(), secrets, clockOffset, isComplete, store: store.createPort() });
  }

  async #close(thread: ThreadedReceiver): Promise<void> {
    this.#threads.delete(thread);
    this.#routes.unfollow(thread);
    await thread.close();
  }

  async #request(
    kind: InitialRequest["kind"],
    spec: DeclarationSpec,
    params: Params,
    subscriber: SubscribeOptions,
  ): Promise<void> {
    const { tenantId, ...user } = subscriber;
    if (this.#state.kind === "declaring") {
      this.#early.push({ kind, spec, params, tenantId, ...user });
      return;
    }
    if (this.#state.kind === "starting") await this.#state.done;
    const { reconciler, tenantId: ownTenantId } = this.#running(`${kind}()`);
    const request = { spec, params, tenantId: tenantId ?? (await ownTenantId()), ...user };
    await reconciler.desired[kind](request);
  }

  #running(what: string): RunningApp {
    return this.#withStore(what, this.#open(what));
  }

  #open(what: string): OpenApp {
    if (this.#state.kind === "running") return this.#state.app;
    throw new Error(`${what} needs a running app: call start() first, and not after stop()`);
  }

  #withStore(what: string, app: OpenApp): RunningApp {
    if (!(app instanceof Forwarder)) return app;
    throw new TypeError(
      `Expected an app with a store for \`${what}\`, got one with \`inbox\`, which keeps nothing: ask the app that reads ${this.#options.inbox?.description ?? "it"}`,
    );
  }
}

function faceOf({ paths, urlKeys }: Settings): Face {
  return new Face(paths, urlKeys);
}

function isHandler(value: unknown): value is Handler {
  return typeof value === "function" || isBatchHandler(value);
}

function isBatchHandler(value: unknown): value is BatchHandler {
  return typeof value === "object" && value !== null && "batch" in value && typeof value.batch === "function";
}
