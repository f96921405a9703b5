import type { Answer, ReceivedRequest } from "../core/answer.ts";
import type { Handler } from "../core/change.ts";
import { resolveDeclaration, type DeclarationOptions, type DeclarationSpec } from "../core/declaration.ts";
import type { Report, TidingsEventName } from "../core/events.ts";
import type { Logger } from "../core/ports/logger.ts";
import type { Params, ParamsOf } from "../core/resource-template.ts";
import type { GraphClient } from "../graph/graph-client.ts";
import { createReceiver, type Receive } from "../receiver/receiver.ts";
import type { InitialRequest } from "../reconciler/reconciler.ts";
import { Declaration } from "./declaration.ts";
import { EventFeed, type TidingsListener } from "./events.ts";
import { answerFetch } from "./fetch.ts";
import type { EntityOf } from "./graph-types.ts";
import { answerProbe, type TidingsHealth } from "./health.ts";
import { logEvents } from "./log-events.ts";
import {
  assertOptions,
  resolveLogger,
  resolveSettings,
  type HostSettings,
  type Settings,
  type TidingsOptions,
} from "./options.ts";
import { openApp, type RunningApp } from "./running-app.ts";
import { SubscriptionsView } from "./subscriptions-view.ts";

/**
 * States: *declaring* (handlers are declared; handshakes are answered, deliveries get 503), *running* (after
 * `start`), *stopped* (after `stop`; deliveries get 503). A stopped one is not started again.
 */
type State =
  | { readonly kind: "declaring" }
  | { readonly kind: "starting"; readonly paths: readonly string[]; readonly done: Promise<void> }
  | { readonly kind: "running"; readonly paths: readonly string[]; readonly app: RunningApp }
  | { readonly kind: "stopped"; readonly done: Promise<void> };

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
  readonly #receive: Receive;
  #state: State = { kind: "declaring" };

  /** @throws TypeError when an option makes no sense, with the value shown */
  constructor(options: TidingsOptions) {
    assertOptions(options);
    this.#options = Object.freeze({ ...options });
    this.#receive = createReceiver({
      paths: () => ("paths" in this.#state ? this.#state.paths : [options.path ?? "/notifications"]),
      parts: () => (this.#state.kind === "running" ? this.#state.app.receiver : undefined),
      report: (name, event) => this.#events.emit(name, event),
    });
  }

  get name(): string {
    return this.#options.name;
  }

  /** What happens inside, as typed events: `tidings.events.on("change:handled", …)`. */
  readonly events: {
    on<Name extends TidingsEventName>(name: Name, listener: TidingsListener<Name>): () => void;
  } = this.#events;

  /** Graph, signed in as the app. @throws Error before `start()` */
  get graph(): Pick<GraphClient, "get" | "request" | "pages"> {
    return this.#running("graph").graph;
  }

  /** The subscriptions this app keeps. */
  readonly subscriptions: SubscriptionsView = new SubscriptionsView(() => this.#running("subscriptions"));

  /**
   * Declares a handler for a resource. A resource without `{…}` subscribes by itself; one with them is subscribed to
   * by `subscribe()` of the declaration that is returned.
   *
   * @param resource path below Graph's version root, such as `users` or `users/{userId}/messages`
   * @throws TypeError when it makes no sense, with the value shown
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
  on(
    resource: string,
    optionsOrHandler: DeclarationOptions | Handler,
    handlerAfterOptions?: Handler,
  ): Declaration {
    const [options, handler] =
      typeof optionsOrHandler === "function"
        ? [{}, optionsOrHandler]
        : [optionsOrHandler, handlerAfterOptions];
    if (typeof handler !== "function") {
      throw new TypeError(`Expected a handler function for \`${resource}\`, got \`${typeof handler}\``);
    }
    if (this.#state.kind !== "declaring")
      throw new TypeError(`Expected \`${resource}\` to be declared before start()`);
    const spec = resolveDeclaration(resource, options);
    if (this.#declarations.has(spec.name)) {
      throw new TypeError(
        `Expected a \`name\` for a second declaration on \`${resource}\`, got \`${spec.name}\` again`,
      );
    }
    const declaration = new Declaration(resource, spec, handler, {
      subscribe: async (...request) => this.#request("subscribe", ...request),
      unsubscribe: async (...request) => this.#request("unsubscribe", ...request),
    });
    this.#declarations.set(spec.name, declaration);
    return declaration;
  }

  /**
   * Opens the store and begins: what waits is handled, subscriptions are made and kept. Whatever serves HTTP must
   * listen by now, since Graph asks the endpoint before it answers us.
   *
   * @param host what the caller knows better than the constructor's options
   * @throws TypeError when an option is missing; StoreError, StoreTooNewError,
   *   StoreInUseError, StoreOfAnotherAppError
   */
  async start(host: HostSettings = {}): Promise<void> {
    switch (this.#state.kind) {
      case "running":
        return;
      case "starting":
        return this.#state.done;
      case "stopped":
        throw new TypeError("Expected a new Tidings; this one was stopped");
      case "declaring": {
        const settings = resolveSettings(this.#options, host);
        const done = this.#open(settings, resolveLogger(this.#options, host));
        this.#state = { kind: "starting", paths: settings.paths, done };
        return done;
      }
    }
  }

  /**
   * Stops gracefully: deliveries get 503 at once, handlers that run may end within 8 s, the store is closed. What
   * waits in the inbox is handled by the next process. Idempotent.
   */
  async stop(): Promise<void> {
    if (this.#state.kind === "starting") await this.#state.done.catch(() => {});
    if (this.#state.kind === "stopped") return this.#state.done;
    const done = this.#state.kind === "running" ? this.#state.app.stop() : Promise.resolve();
    this.#state = { kind: "stopped", done };
    return done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Looks once at every subscription that is due: for hosts that run by timer instead of for ever. */
  async reconcileOnce(): Promise<{ nextAt: number | undefined }> {
    return this.#running("reconcileOnce()").reconciler.reconcileOnce();
  }

  /** How it is doing, for probes and people. */
  async health(): Promise<TidingsHealth> {
    if (this.#state.kind !== "running") return { state: this.#state.kind };
    return { state: "running", inbox: await this.#state.app.store.counts() };
  }

  /** The whole HTTP face as plain data: notifications, lifecycle notifications, handshakes, probes. Never rejects. */
  async receive(request: ReceivedRequest): Promise<Answer> {
    return (await answerProbe(request, () => this.health())) ?? this.#receive(request);
  }

  /** The same as a web-standard function, for Hono, Next.js, Bun and their like. May be passed on unbound. */
  readonly fetch: (request: Request) => Promise<Response> = async (request) =>
    answerFetch(request, (received) => this.receive(received));

  async #open(settings: Settings, logger: Logger): Promise<void> {
    const report: Report = (name, event) => this.#events.emit(name, event);
    try {
      const app = await openApp(settings, [...this.#declarations.values()], this.#early.splice(0), report);
      logEvents(this.#events, logger);
      this.#state = { kind: "running", paths: settings.paths, app };
      app.begin();
    } catch (error) {
      this.#state = { kind: "declaring" };
      throw error;
    }
  }

  async #request(
    kind: InitialRequest["kind"],
    spec: DeclarationSpec,
    params: Params,
    tenantId: string | undefined,
  ): Promise<void> {
    if (this.#state.kind === "declaring" || this.#state.kind === "starting") {
      this.#early.push({ kind, spec, params, tenantId });
      return;
    }
    const { reconciler, tenantId: defaultTenantId } = this.#running(`${kind}()`);
    await reconciler[kind]({ spec, params, tenantId: tenantId ?? (await defaultTenantId()) });
  }

  #running(what: string): RunningApp {
    if (this.#state.kind === "running") return this.#state.app;
    throw new Error(`${what} needs a running app: call start() first, and not after stop()`);
  }
}
