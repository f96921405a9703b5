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
import type { ResourceMatch } from "./subscribable-resources.ts";
import { subscriptionBody, type Subscription } from "./subscription.ts";
import type { SubscriptionStore } from "./subscription-store.ts";

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

/** What happens to a second subscription for the same thing: documented is `refuse`, seen in reality is `allow`. */
export type DuplicatePolicy = "refuse" | "allow";

export interface SubscriptionRoutesOptions {
  readonly random: Random;
  readonly events: EventFeed;
  readonly subscriptions: SubscriptionStore;
  readonly handshaker: Handshaker;
  readonly resolveTopic: TopicResolver;
  readonly duplicates: DuplicatePolicy;
  readonly cloud: Cloud;
  readonly pageSize: number;
}

/**
 * `/subscriptions`: create, list, get, update and delete.
 *
 * @see https://learn.microsoft.com/graph/api/resources/subscription#methods
 */
export class SubscriptionRoutes {
  readonly #options: SubscriptionRoutesOptions;

  constructor(options: SubscriptionRoutesOptions) {
    this.#options = options;
  }

  addTo(router: Router<GraphRequest>): void {
    router
      .add("POST", "subscriptions", (request) => this.#create(request))
      .add("GET", "subscriptions", (request) => this.#list(request))
      .add("GET", "subscriptions/{id}", (request, params) => this.#get(request, params))
      .add("PATCH", "subscriptions/{id}", (request, params) => this.#update(request, params))
      .add("DELETE", "subscriptions/{id}", (request, params) => this.#delete(request, params));
  }

  async #create(request: GraphRequest): Promise<Reply> {
    const body = readJsonBody(request);
    if (body.kind === "refused") return body;
    const draft = parseCreate(body.value, request.at);
    if (draft.kind === "refused") return draft;
    const absent = cloudRefusal(this.#options.cloud, draft.match.resource.name, body.value);
    if (absent) return absent;
    const topic = this.#options.resolveTopic(draft.match, request.caller.tenantId);
    if (topic.kind === "refused") return topic;

    const subscription = this.#subscription(draft, topic, request);
    const refusal =
      this.#duplicateRefusal(subscription) ??
      (await this.#prove(subscription.id, "notificationUrl", subscription.notificationUrl)) ??
      (await this.#prove(
        subscription.id,
        "lifecycleNotificationUrl",
        subscription.lifecycleNotificationUrl,
      )) ??
      // Another one may have been made while the endpoints answered.
      this.#duplicateRefusal(subscription);
    if (refusal) return refusal;

    this.#options.subscriptions.put(subscription);
    this.#options.events.emit("subscription:created", { subscription });
    return json(201, entityBody(request, subscription), {
      location: `https://subscriptionstore.windows.net/1.0/NA/subscriptions('${subscription.id}')`,
    });
  }

  #list(request: GraphRequest): Reply {
    return pageReply(request, {
      items: this.#options.subscriptions.listOf(request.caller),
      pageSize: this.#options.pageSize,
      context: "subscriptions",
      render: (subscription) => ({ ...subscriptionBody(subscription), clientState: null }),
    });
  }

  #get(request: GraphRequest, params: PathParams): Reply {
    const subscription = this.#options.subscriptions.getOf(request.caller, params.get("id"));
    return subscription ? json(200, entityBody(request, subscription)) : notFound();
  }

  async #update(request: GraphRequest, params: PathParams): Promise<Reply> {
    const { subscriptions, events } = this.#options;
    const body = readJsonBody(request);
    if (body.kind === "refused") return body;
    const id = params.get("id");
    const known = subscriptions.getOf(request.caller, id);
    if (!known) return notFound();
    const update = parseUpdate(body.value, known, request.at);
    if (update.kind === "refused") return update;
    const refusal = await this.#prove(known.id, "notificationUrl", update.changes.notificationUrl ?? null);
    if (refusal) return refusal;
    // It may have been renewed or deleted, or its time may have run out, while the endpoint answered.
    const previous = subscriptions.getOf(request.caller, id);
    if (!previous) return notFound();
    const next: Subscription = { ...previous, ...update.changes };
    subscriptions.put(next);
    events.emit("subscription:renewed", { subscription: next, previous });
    return json(200, entityBody(request, next));
  }

  #delete(request: GraphRequest, params: PathParams): Reply {
    const { subscriptions, events } = this.#options;
    const subscription = subscriptions.getOf(request.caller, params.get("id"));
    if (!subscription) return notFound();
    subscriptions.remove(subscription);
    events.emit("subscription:deleted", { subscription });
    return empty(204);
  }

  #subscription(draft: SubscriptionDraft, topic: Topic, { caller }: GraphRequest): Subscription {
    const { kind: _kind, match, ...asked } = draft;
    return {
      ...asked,
      resourceName: match.resource.name,
      topic: topic.topic,
      query: topic.query,
      filter: topic.filter,
      id: this.#options.random.guid(),
      tenantId: caller.tenantId,
      applicationId: caller.applicationId,
      creatorId: caller.objectId,
    };
  }

  async #prove(
    subscriptionId: string,
    purpose: HandshakePurpose,
    url: string | null,
  ): Promise<Refusal | undefined> {
    if (url === null) return undefined;
    return handshakeRefusal(await this.#options.handshaker.prove({ subscriptionId, purpose, url }));
  }

  #duplicateRefusal(subscription: Subscription): Refusal | undefined {
    if (this.#options.duplicates === "allow") return undefined;
    const other = this.#options.subscriptions.findDuplicate(subscription);
    return (
      other &&
      refuse(409, "Conflict", `Subscription Id ${other.id} already exists for the requested combination`)
    );
  }
}

function entityBody(request: GraphRequest, subscription: Subscription): object {
  return {
    "@odata.context": `${request.root}/$metadata#subscriptions/$entity`,
    ...subscriptionBody(subscription),
  };
}

function notFound(): Refusal {
  return refuse(404, "ResourceNotFound", "The object was not found.");
}
