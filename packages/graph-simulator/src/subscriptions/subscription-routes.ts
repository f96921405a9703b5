import type { Clock } from "../clock.ts";
import type { Cloud } from "../cloud.ts";
import type { EventFeed } from "../events.ts";
import { readJsonBody, type GraphRequest } from "../graph/graph-request.ts";
import { pageReply } from "../graph/page.ts";
import type { PathParams } from "../http/path.ts";
import { empty, json, refuse, type Refusal, type Reply } from "../http/reply.ts";
import type { Router } from "../http/router.ts";
import type { Filter } from "../odata/filter.ts";
import type { Random } from "../random.ts";
import { cloudRefusal } from "./cloud-rule.ts";
import type { Handshaker } from "./handshake.ts";
import { handshakeRefusal, type HandshakePurpose } from "./handshake-outcome.ts";
import { parseCreate, type SubscriptionDraft } from "./parse-create.ts";
import { parseUpdate } from "./parse-update.ts";
import { readingRefusal } from "./permissions.ts";
import type { RefusalPlan, SubscriptionRequestName } from "./provoked-refusals.ts";
import { quotaRefusal } from "./quotas.ts";
import type { ResourceMatch } from "./subscribable-resources.ts";
import { subscriptionBody, type Subscription } from "./subscription.ts";
import type { SubscriptionSettings } from "./subscription-options.ts";
import type { SubscriptionStore } from "./subscription-store.ts";
import { fateOfWrite } from "./update-conflict.ts";
import { canManage, canSee } from "./visibility.ts";

/** A resource in its one spelling. */
export interface Topic {
  readonly kind: "topic";
  readonly topic: string;
  /** What follows the `?`, without what has no effect; or the empty string. */
  readonly query: string;
  /** Which entities are told of; all when it is `null`. */
  readonly filter: Filter | null;
}

/** A resource in its one spelling, or why nobody can subscribe to it. */
type TopicAnswer = Topic | Refusal;

/** Spells a resource in the one way changes are published under: ids in place of names. */
export type TopicResolver = (match: ResourceMatch, tenantId: string) => TopicAnswer;

/**
 * What happens to a second subscription for the same thing: documented is `refuse`, seen in reality is `allow`, and
 * `sometimes` is either, as the seed will have it.
 */
export type DuplicatePolicy = "refuse" | "allow" | "sometimes";

export interface SubscriptionRoutesOptions {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventFeed;
  readonly refusals: RefusalPlan;
  readonly settings: SubscriptionSettings;
  readonly subscriptions: SubscriptionStore;
  readonly handshaker: Handshaker;
  readonly resolveTopic: TopicResolver;
  readonly duplicates: DuplicatePolicy;
  readonly pageSize: number;
}

type RouteHandler = (request: GraphRequest, params: PathParams) => Reply | Promise<Reply>;

/**
 * `/subscriptions`: create, list, get, update, delete and reauthorize.
 *
 * @see https://learn.microsoft.com/graph/api/resources/subscription#methods
 */
export class SubscriptionRoutes {
  readonly #options: SubscriptionRoutesOptions;

  constructor(options: SubscriptionRoutesOptions) {
    this.#options = options;
  }

  addTo(router: Router<GraphRequest>): void {
    const one = "subscriptions/{id}";
    router
      .add(
        "POST",
        "subscriptions",
        this.#refusable("create", (request) => this.#create(request)),
      )
      .add(
        "GET",
        "subscriptions",
        this.#refusable("list", (request) => this.#list(request)),
      )
      .add(
        "GET",
        one,
        this.#refusable("get", (request, params) => this.#get(request, params)),
      )
      .add(
        "PATCH",
        one,
        this.#refusable("update", (request, params) => this.#update(request, params)),
      )
      .add(
        "DELETE",
        one,
        this.#refusable("delete", (request, params) => this.#delete(request, params)),
      )
      .add(
        "POST",
        `${one}/reauthorize`,
        this.#refusable("reauthorize", (request, params) => this.#reauthorize(request, params)),
      );
  }

  #refusable(name: SubscriptionRequestName, handler: RouteHandler): RouteHandler {
    return (request, params) => this.#options.refusals.take(name) ?? handler(request, params);
  }

  async #create(request: GraphRequest): Promise<Reply> {
    const { settings, events, subscriptions } = this.#options;
    const body = readJsonBody(request);
    if (body.kind === "refused") return body;
    const draft = parseCreate(body.value, { settings, caller: request.caller, now: request.at });
    if (draft.kind === "refused") return draft;
    const absent = cloudRefusal(this.#options.cloud, draft.match.resource.name, body.value);
    if (absent) return absent;
    const topic = this.#options.resolveTopic(draft.match, request.caller.tenantId);
    if (topic.kind === "refused") return topic;

    const subscription = this.#subscription(draft, topic, request);
    const refusal =
      readingRefusal(request.caller, subscription, settings) ??
      this.#crowdRefusal(subscription) ??
      (await this.#prove(subscription.id, "notificationUrl", subscription.notificationUrl)) ??
      (await this.#prove(
        subscription.id,
        "lifecycleNotificationUrl",
        subscription.lifecycleNotificationUrl,
      )) ??
      // Another one may have been made while the endpoints answered.
      this.#crowdRefusal(subscription);
    if (refusal) return refusal;

    subscriptions.put(subscription);
    events.emit("subscription:created", { subscription });
    return json(201, this.#entityBody(request, subscription), {
      location: `https://subscriptionstore.windows.net/1.0/NA/subscriptions('${subscription.id}')`,
    });
  }

  #list(request: GraphRequest): Reply {
    const { cloud, subscriptions, settings, pageSize } = this.#options;
    const all = settings.staleListMs > 0 ? subscriptions.pastList() : subscriptions.list();
    return pageReply(request, {
      items: all.filter((subscription) => canSee(subscription, request.caller)),
      pageSize,
      context: "subscriptions",
      render: (subscription) => ({ ...subscriptionBody(subscription, cloud), clientState: null }),
    });
  }

  #get(request: GraphRequest, params: PathParams): Reply {
    const subscription = this.#options.subscriptions.get(params.get("id"));
    return subscription && canSee(subscription, request.caller)
      ? json(200, this.#entityBody(request, subscription))
      : notFound();
  }

  async #update(request: GraphRequest, params: PathParams): Promise<Reply> {
    const { settings } = this.#options;
    const body = readJsonBody(request);
    if (body.kind === "refused") return body;
    const known = this.#managed(request, params);
    if (!known) return notFound();
    const update = parseUpdate(body.value, { current: known, settings, now: request.at });
    if (update.kind === "refused") return update;
    const url = update.changes.notificationUrl ?? this.#urlToProveOn("renewal", known);
    const refusal = await this.#prove(known.id, "notificationUrl", url);
    if (refusal) return refusal;
    return this.#write("update", { request, params, changes: update.changes });
  }

  async #reauthorize(request: GraphRequest, params: PathParams): Promise<Reply> {
    const known = this.#managed(request, params);
    if (!known) return notFound();
    const url = this.#urlToProveOn("reauthorization", known);
    const refusal = await this.#prove(known.id, "notificationUrl", url);
    return refusal ?? this.#write("reauthorize", { request, params, changes: {} });
  }

  /** Both kinds of write authorize the subscription with the token of their request. */
  #write(kind: "update" | "reauthorize", { request, params, changes }: Write): Reply {
    const { clock, subscriptions, events, settings } = this.#options;
    // It may have been renewed or deleted, or its time may have run out, while the endpoint answered.
    const previous = this.#managed(request, params);
    if (!previous) return notFound();
    const now = clock.now();
    const next: Subscription = {
      ...previous,
      ...changes,
      authorizedUntil: request.caller.tokenExpiresAt,
      ...(kind === "update" ? { updatedAt: now } : { reauthorizedAt: now }),
    };
    const fate = fateOfWrite(kind, previous, { policy: settings.updateAndReauthorize, now });
    if (fate.kind === "refused") return fate;
    if (fate.kind === "lost") {
      events.emit("subscription:update-lost", { subscription: previous });
    } else {
      subscriptions.put(next);
      if (kind === "update") events.emit("subscription:renewed", { subscription: next, previous });
      else events.emit("subscription:reauthorized", { subscription: next });
    }
    return kind === "update" ? json(200, this.#entityBody(request, next)) : empty(204);
  }

  #delete(request: GraphRequest, params: PathParams): Reply {
    const { subscriptions, events, settings } = this.#options;
    const subscription = this.#managed(request, params);
    if (!subscription) return notFound();
    if (settings.deletes === "leave-ghost") subscriptions.haunt(subscription.id);
    else subscriptions.remove(subscription);
    events.emit("subscription:deleted", { subscription });
    return empty(204);
  }

  #managed({ caller }: GraphRequest, params: PathParams): Subscription | undefined {
    const subscription = this.#options.subscriptions.get(params.get("id"));
    return subscription && canManage(subscription, caller) ? subscription : undefined;
  }

  #urlToProveOn(write: "renewal" | "reauthorization", subscription: Subscription): string | null {
    return this.#options.settings.validateAgainOn.includes(write) ? subscription.notificationUrl : null;
  }

  #subscription(draft: SubscriptionDraft, topic: Topic, { caller }: GraphRequest): Subscription {
    const { kind: _kind, match, ...asked } = draft;
    return {
      ...asked,
      topic: topic.topic,
      query: topic.query,
      filter: topic.filter,
      id: this.#options.random.guid(),
      tenantId: caller.tenantId,
      applicationId: caller.applicationId,
      creatorId: caller.objectId,
      isDelegated: caller.user !== undefined,
      resourceName: match.resource.name,
      family: match.resource.family,
      authorizedUntil: caller.tokenExpiresAt,
      updatedAt: null,
      reauthorizedAt: null,
    };
  }

  async #prove(
    subscriptionId: string,
    purpose: HandshakePurpose,
    url: string | null,
  ): Promise<Refusal | undefined> {
    if (url === null) return undefined;
    const { handshaker, settings } = this.#options;
    const outcome = await handshaker.prove({ subscriptionId, purpose, url });
    if (settings.handshake === "ineffective") return undefined;
    return handshakeRefusal(outcome, settings.handshakeErrorCode);
  }

  /** Why there is no room for one more. Teams looks at its limits before anybody looks for duplicates. */
  #crowdRefusal(subscription: Subscription): Refusal | undefined {
    const { settings, subscriptions } = this.#options;
    return (
      quotaRefusal(subscription, settings.quotas, (key) => subscriptions.count(key)) ??
      this.#duplicateRefusal(subscription)
    );
  }

  #duplicateRefusal(subscription: Subscription): Refusal | undefined {
    const { duplicates, random, subscriptions } = this.#options;
    const other = subscriptions.findDuplicate(subscription);
    if (!other || duplicates === "allow") return undefined;
    if (duplicates === "sometimes" && random.bytes(1).readUInt8(0) % 2 === 0) return undefined;
    return refuse(
      409,
      "Conflict",
      `Subscription Id ${other.id} already exists for the requested combination`,
    );
  }

  #entityBody(request: GraphRequest, subscription: Subscription): object {
    return {
      "@odata.context": `${request.root}/$metadata#subscriptions/$entity`,
      ...subscriptionBody(subscription, this.#options.cloud),
    };
  }
}

/** A change of a subscription that its request may make. */
interface Write {
  readonly request: GraphRequest;
  readonly params: PathParams;
  readonly changes: Partial<Subscription>;
}

function notFound(): Refusal {
  return refuse(404, "ResourceNotFound", "The object was not found.");
}
