import { Clock, type SimulatorClock } from "./clock.ts";
import { ControlApi } from "./control/control-api.ts";
import { Outbox } from "./delivery/outbox.ts";
import { EventFeed, type SimulatorEventName, type SimulatorEvents, type Unsubscribe } from "./events.ts";
import { GraphApi } from "./graph/graph-api.ts";
import { pathSegments } from "./http/path.ts";
import { Poster } from "./http/post.ts";
import type { Reply } from "./http/reply.ts";
import type { HttpRequest } from "./http/exchange.ts";
import { startHttpServer } from "./http/server.ts";
import { Ledger, type SimulatorLedger } from "./ledger.ts";
import { AccessTokens } from "./login/access-token.ts";
import { TokenEndpoint } from "./login/token-endpoint.ts";
import { Publisher, type EntityChange } from "./notifications/publisher.ts";
import type { SimulatorOptions } from "./options.ts";
import { Random } from "./random.ts";
import { Mailboxes } from "./resources/messages/mailboxes.ts";
import { MessageRoutes } from "./resources/messages/message-routes.ts";
import { Directory } from "./resources/users/directory.ts";
import { UserRoutes } from "./resources/users/user-routes.ts";
import { resolveOptions, type SimulatorSettings } from "./settings.ts";
import { Handshaker } from "./subscriptions/handshake.ts";
import { SubscriptionRoutes } from "./subscriptions/subscription-routes.ts";
import { SubscriptionStore, type SimulatorSubscriptions } from "./subscriptions/subscription-store.ts";
import { createTopicResolver } from "./subscriptions/topic-resolver.ts";
import { Tenancy } from "./tenancy.ts";

/** A running simulator. */
export interface Simulator extends AsyncDisposable {
  /** Root of both the login service and the Graph API: `{url}/{tenantId}/oauth2/v2.0/token`, `{url}/v1.0/users`. */
  readonly url: string;
  /** The first tenant. */
  readonly tenantId: string;
  /** The first app registration; it may ask for tokens of the first tenant. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** What ids are made from; start with it again to get the same ids. */
  readonly seed: number;
  readonly clock: SimulatorClock;
  readonly ledger: SimulatorLedger;
  readonly subscriptions: SimulatorSubscriptions;
  readonly events: {
    /** Calls the listener for each later event of that name, until the answer is called. */
    on<Name extends SimulatorEventName>(
      name: Name,
      listener: (event: SimulatorEvents[Name]) => void,
    ): Unsubscribe;
  };
  /**
   * Resolves when no notification is pending; at once when none is. A retry that waits for its time keeps one pending:
   * advance the clock.
   *
   * @throws Error when the simulator closes first
   */
  settled(): Promise<void>;
  /** Back to the state after the start, with an empty ledger. Only the clock stays: it never goes back. */
  reset(): void;
  /** Stops listening and delivering. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts a model of Microsoft Graph change notifications on this machine.
 *
 * @throws TypeError or RangeError for options that make no sense; the system's error when it cannot listen
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = resolveOptions(options);
  const model = new Model(settings);
  const server = await startHttpServer({
    host: settings.host,
    port: settings.port,
    now: () => model.clock.now(),
    newRequestId: () => model.newRequestId(),
    answer: (request) => model.answer(request),
  });
  const [tenant] = settings.tenants;
  const [app] = settings.apps;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= server.close();
    model.close();
    return closing;
  };
  return {
    url: server.url,
    tenantId: tenant.id,
    clientId: app.clientId,
    clientSecret: app.clientSecret,
    seed: settings.seed,
    clock: model.steerableClock(),
    ledger: model.ledger,
    subscriptions: model.subscriptions,
    events: model.events,
    settled: () => model.ledger.settled(),
    reset: () => model.reset(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The simulator without its server: the one place where its parts meet. */
class Model {
  readonly clock = new Clock();
  readonly ledger = new Ledger();
  readonly events = new EventFeed();
  readonly subscriptions = new SubscriptionStore(this.clock, this.events);
  readonly #settings: SimulatorSettings;
  readonly #requestIds: Random;
  readonly #poster = new Poster();
  readonly #outbox: Outbox;
  readonly #directory: Directory;
  readonly #mailboxes: Mailboxes;
  readonly #login: TokenEndpoint;
  readonly #graph: GraphApi;
  readonly #control: ControlApi;

  constructor(settings: SimulatorSettings) {
    const { clock, ledger, events, subscriptions } = this;
    const poster = this.#poster;
    const random = new Random(String(settings.seed));
    const accessTokens = new AccessTokens();
    const outbox = new Outbox({ poster, clock, ledger, events, settings: settings.deliver });
    const publisher = new Publisher({
      random: random.fork("notifications"),
      clock,
      ledger,
      events,
      subscriptions,
      outbox,
    });
    const publish = (change: EntityChange): void => publisher.publish(change);

    this.#settings = settings;
    this.#requestIds = random.fork("requests");
    this.#outbox = outbox;
    this.#directory = new Directory({ clock, random: random.fork("users"), publish });
    this.#mailboxes = new Mailboxes({ clock, random: random.fork("mailboxes"), publish });
    const tenancy = new Tenancy(settings.tenants, settings.apps);
    this.#login = new TokenEndpoint({ tenancy, accessTokens, clock, events });
    this.#graph = new GraphApi(accessTokens, events);
    this.#control = new ControlApi({
      clock: this.steerableClock(),
      ledger,
      subscriptions,
      reset: () => this.reset(),
    });
    this.#addRoutes(random);
    this.#seed();
  }

  answer(request: HttpRequest): Promise<Reply> {
    const segments = pathSegments(request.path);
    if (segments[0] === "_simulator") return this.#control.answer(request);
    const [tenant, ...service] = segments;
    if (tenant !== undefined && service.join("/") === "oauth2/v2.0/token" && request.method === "POST") {
      return this.#login.answer(tenant, request);
    }
    return this.#graph.answer(request);
  }

  newRequestId(): string {
    return this.#requestIds.guid();
  }

  /** The clock as others may steer it: its jumps are told. */
  steerableClock(): SimulatorClock {
    return {
      now: () => this.clock.now(),
      advance: (ms) => {
        this.clock.advance(ms);
        this.events.emit("clock:advanced", { advanceMs: ms, now: this.clock.now() });
      },
      run: async (ms) => {
        await this.clock.run(ms);
        this.events.emit("clock:advanced", { advanceMs: ms, now: this.clock.now() });
      },
      sleep: (ms) => this.clock.sleep(ms),
    };
  }

  reset(): void {
    this.#outbox.clear();
    this.subscriptions.clear();
    this.#directory.clear();
    this.#mailboxes.clear();
    this.ledger.clear();
    this.#seed();
    this.events.emit("simulator:reset", { at: this.clock.now() });
  }

  close(): void {
    this.#outbox.clear();
    this.#poster.close();
    this.clock.stop();
    this.ledger.abandon();
  }

  #addRoutes(random: Random): void {
    const { clock, ledger, events, subscriptions } = this;
    const { handshakeTimeoutMs, duplicates, pageSize } = this.#settings;
    const handshaker = new Handshaker({
      poster: this.#poster,
      clock,
      random: random.fork("handshakes"),
      ledger,
      events,
      timeoutMs: handshakeTimeoutMs,
    });
    const subscriptionRoutes = new SubscriptionRoutes({
      random: random.fork("subscriptions"),
      events,
      subscriptions,
      handshaker,
      resolveTopic: createTopicResolver(this.#directory, this.#mailboxes),
      duplicates,
      pageSize,
    });
    subscriptionRoutes.addTo(this.#graph.router);
    new UserRoutes(this.#directory, pageSize).addTo(this.#graph.router);
    new MessageRoutes(this.#directory, this.#mailboxes).addTo(this.#graph.router);
  }

  #seed(): void {
    for (const user of this.#settings.users) this.#directory.seed(user);
  }
}
