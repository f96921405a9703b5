import { parseChangeType, uniteChangeTypes } from "../core/change-type.ts";
import { GraphRefusedError } from "../core/errors.ts";
import { isJsonObject } from "../core/json.ts";
import type { GraphApi, GraphScope, RemoteSubscription } from "../core/ports/graph-api.ts";
import type { GraphClient } from "./graph-client.ts";

/**
 * The engines' view of Graph over its REST API.
 * @see https://learn.microsoft.com/graph/api/resources/subscription
 */
export function createGraphApi(client: GraphClient): GraphApi {
  return {
    async createSubscription(scope, { resource, changeTypes, expiresAt, ...properties }) {
      const body = {
        ...properties,
        resource,
        changeType: changeTypes.join(","),
        expirationDateTime: new Date(expiresAt).toISOString(),
      };
      return subscriptionOf(await client.request("POST", "subscriptions", { ...scope, body }));
    },

    async renewSubscription(scope, id, expiresAt) {
      const body = { expirationDateTime: new Date(expiresAt).toISOString() };
      return unlessGone(async () =>
        subscriptionOf(await client.request("PATCH", `subscriptions/${id}`, { ...scope, body })),
      );
    },

    async deleteSubscription(scope, id) {
      await unlessGone(() => client.request("DELETE", `subscriptions/${id}`, scope));
    },

    async listSubscriptions(scope: GraphScope): Promise<RemoteSubscription[]> {
      const listed = await Array.fromAsync(client.pages("subscriptions", scope));
      return listed.flatMap((subscription) => parseSubscription(subscription) ?? []);
    },

    async getEntity(scope, path) {
      return client.get(path, scope);
    },
  };
}

async function unlessGone<Result>(call: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof GraphRefusedError && error.status === 404) return undefined;
    throw error;
  }
}

/** @throws TypeError when Graph answers with something that is no subscription */
function subscriptionOf(answer: unknown): RemoteSubscription {
  const subscription = parseSubscription(answer);
  if (subscription !== undefined) return subscription;
  throw new TypeError("Expected Graph to answer with a subscription, got something without its properties");
}

function parseSubscription(value: unknown): RemoteSubscription | undefined {
  const { id, resource, changeType, notificationUrl, expirationDateTime } = isJsonObject(value) ? value : {};
  if (typeof id !== "string" || typeof resource !== "string" || typeof notificationUrl !== "string")
    return undefined;
  if (typeof changeType !== "string" || typeof expirationDateTime !== "string") return undefined;
  const expiresAt = Date.parse(expirationDateTime);
  if (Number.isNaN(expiresAt)) return undefined;
  const told = changeType.split(",").flatMap((type) => parseChangeType(type.trim()) ?? []);
  return { id, resource, changeTypes: uniteChangeTypes([told]), notificationUrl, expiresAt };
}
