import { parseChangeType, uniteChangeTypes } from "../core/change-type.ts";
import { GraphRefusedError } from "../core/errors.ts";
import { isJsonObject } from "../core/json.ts";
import type { EncryptionCertificate } from "../core/ports/certificates.ts";
import type { GraphApi, GraphScope, RemoteSubscription } from "../core/ports/graph-api.ts";
import { EntityReader } from "./entity-reader.ts";
import type { GraphClient } from "./graph-client.ts";

/** Engines have backoff of their own, so they would rather be told than wait for long. */
const MAX_WAIT_MS = 60_000;

/**
 * The engines' view of Graph over its REST API.
 * @see https://learn.microsoft.com/graph/api/resources/subscription
 */
export function createGraphApi(client: GraphClient): GraphApi {
  const entities = new EntityReader(client);
  return {
    async createSubscription(
      scope,
      { resource, changeTypes, expiresAt, prefer, certificate, ...properties },
    ) {
      const body = {
        ...properties,
        ...(certificate === undefined ? {} : { includeResourceData: true, ...encryptionOf(certificate) }),
        resource,
        changeType: changeTypes.join(","),
        expirationDateTime: new Date(expiresAt).toISOString(),
      };
      return subscriptionOf(
        await client.request("POST", "subscriptions", {
          maxWaitMs: MAX_WAIT_MS,
          ...scope,
          body,
          ...(prefer === undefined ? {} : { headers: { prefer } }),
        }),
      );
    },

    async renewSubscription(scope, id, { expiresAt, certificate }) {
      const body = {
        expirationDateTime: new Date(expiresAt).toISOString(),
        ...(certificate === undefined ? {} : encryptionOf(certificate)),
      };
      return unlessGone(async () =>
        subscriptionOf(
          await client.requestTogether("PATCH", `subscriptions/${id}`, {
            maxWaitMs: MAX_WAIT_MS,
            ...scope,
            body,
          }),
        ),
      );
    },

    async deleteSubscription(scope, id) {
      const isDeleted = await unlessGone(async () => {
        await client.requestTogether("DELETE", `subscriptions/${id}`, { maxWaitMs: MAX_WAIT_MS, ...scope });
        return true;
      });
      return isDeleted ?? false;
    },

    async listSubscriptions(scope: GraphScope): Promise<RemoteSubscription[]> {
      const listed = await Array.fromAsync(
        client.pages("subscriptions", { maxWaitMs: MAX_WAIT_MS, ...scope }),
      );
      return listed.flatMap((subscription) => parseSubscription(subscription) ?? []);
    },

    async getEntity(scope, path) {
      return entities.get(path, { maxWaitMs: MAX_WAIT_MS, ...scope });
    },
  };
}

/** @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#creating-a-subscription */
function encryptionOf({ id, certificate }: EncryptionCertificate): object {
  return { encryptionCertificate: certificate, encryptionCertificateId: id };
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
  const { id, resource, changeType, notificationUrl, expirationDateTime, encryptionCertificateId } =
    isJsonObject(value) ? value : {};
  if (typeof id !== "string" || typeof resource !== "string" || typeof notificationUrl !== "string")
    return undefined;
  if (typeof changeType !== "string" || typeof expirationDateTime !== "string") return undefined;
  const expiresAt = Date.parse(expirationDateTime);
  if (Number.isNaN(expiresAt)) return undefined;
  const told = changeType.split(",").flatMap((type) => parseChangeType(type.trim()) ?? []);
  return {
    id,
    resource,
    changeTypes: uniteChangeTypes([told]),
    notificationUrl,
    expiresAt,
    ...(typeof encryptionCertificateId === "string" ? { certificateId: encryptionCertificateId } : {}),
  };
}
