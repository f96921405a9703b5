import type { DeclarationSpec } from "../core/declaration.ts";
import type { Report } from "../core/events.ts";
import { markedGoal } from "../core/marked-goal.ts";
import type { ForwardInbox, InboxProvider } from "../core/ports/inbox.ts";
import { sha256 } from "../crypto/hash.ts";
import { KeyPairs } from "../crypto/key-pairs.ts";
import { createKeyring } from "../crypto/keyring.ts";
import { createGraphApi } from "../graph/graph-subscriptions.ts";
import { GraphClient } from "../graph/graph-client.ts";
import { forwardingParts } from "../receiver/forward.ts";
import type { ReceiverParts } from "../receiver/receiver.ts";
import type { InitialRequest } from "../reconciler/desired-subscriptions.ts";
import { Upkeep } from "../reconciler/upkeep.ts";
import { Endpoint } from "./endpoint.ts";
import type { EventFeed } from "./events.ts";
import type { Settings } from "./options.ts";

export interface ForwarderParts {
  readonly settings: Settings;
  readonly inbox: InboxProvider;
  readonly specs: readonly DeclarationSpec[];
  readonly early: readonly InitialRequest[];
  readonly events: EventFeed;
  readonly report: Report;
}

/** An app at work that forwards what is authentic into an inbox, and keeps nothing. */
export class Forwarder {
  readonly graph: GraphClient;
  readonly upkeep: Upkeep;
  readonly endpoint: Endpoint;
  readonly #parts: ForwarderParts;
  readonly #stopped = new AbortController();
  #inbox: ForwardInbox | undefined;
  #receiver: ReceiverParts | undefined;

  /** @throws TypeError without a secret: there is no store to keep one in */
  constructor(parts: ForwarderParts) {
    const { settings, inbox, events, report } = parts;
    const { secrets, clock, cloud, credential } = settings;
    if (secrets.length === 0) {
      throw new TypeError(
        `Expected \`secret\` for an app with \`inbox\`, which has no store to keep one in, got none: what ${inbox.description} is to get could not be told from a stranger's`,
      );
    }
    this.#parts = parts;
    this.graph = new GraphClient({
      credential,
      scope: `${cloud.graphRoot}/.default`,
      baseUrl: `${cloud.graphRoot}/${cloud.version}`,
      clock,
      signal: this.#stopped.signal,
      fetch: settings.fetch,
    });
    this.upkeep = this.#createUpkeep();
    this.endpoint = new Endpoint({ events, clock, report });
  }

  /** Undefined before `begin` and after `stop`. */
  get receiver(): ReceiverParts | undefined {
    return this.#receiver;
  }

  get isTaking(): boolean {
    return this.#inbox?.isTaking === true;
  }

  /** Opens the inbox: deliveries are accepted from now on. Idempotent. @throws KafkaError when trying is of no use */
  async begin(): Promise<void> {
    if (this.#inbox !== undefined) return;
    const { inbox, settings, report } = this.#parts;
    const { clock } = settings;
    let since = clock.now();
    this.#inbox = await inbox.open({
      clock,
      onChange(error) {
        if (error === undefined) report("inbox:recovered", { since });
        else report("inbox:unreachable", { error });
        since = clock.now();
      },
    });
    const parts = { keyring: this.#keyring(), hash: sha256, clock, inbox: this.#inbox };
    this.#receiver = forwardingParts(parts);
  }

  /** What is being written may be acknowledged still. */
  async stop(): Promise<void> {
    this.#receiver = undefined;
    this.endpoint.stop();
    this.#stopped.abort();
    await this.#inbox?.close();
  }

  #keyring(): ReturnType<typeof createKeyring> {
    return createKeyring(this.#parts.settings.secrets.map((secret) => secret.reveal()));
  }

  #createUpkeep(): Upkeep {
    const { settings, specs, early, report } = this.#parts;
    const { name: app, endpoint, urlKeys, clock, random, certificates, tenantId } = settings;
    const keyring = this.#keyring();
    return new Upkeep({
      app,
      specs,
      early,
      hash: sha256,
      keyring,
      graph: createGraphApi(this.graph),
      clock,
      random,
      report,
      goalOf: ({ key }) => markedGoal({ app, subscriptionKey: key }, { keyring, endpoint, urlKeys }),
      certificates:
        certificates === undefined
          ? undefined
          : new KeyPairs(certificates, {
              clock,
              onSourceFailure: (error) => report("internal:error", { where: "reading certificates", error }),
            }),
      ownTenantId: async () => tenantId ?? this.graph.tenantId(),
    });
  }
}
