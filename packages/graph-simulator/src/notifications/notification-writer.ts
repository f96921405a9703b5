import type { JsonObject } from "../http/json.ts";
import { formatInstant } from "../instant.ts";
import { guidFor, type Random } from "../random.ts";
import { encryptContent, type EncryptedContent, type EncryptionKey } from "../rich/encrypted-content.ts";
import type { Enclosure } from "../rich/envelope.ts";
import { tamperContent } from "../rich/tampered-content.ts";
import {
  isContentTampering,
  isTokenTampering,
  type Tampering,
  type TamperingPlan,
} from "../rich/tampering.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { EntityChange } from "./entity-change.ts";

export interface NotificationWriterOptions {
  readonly random: Random;
  readonly tampering: TamperingPlan;
}

/** A notification as it goes on the wire, and what was made wrong with it. */
export interface WrittenNotification extends Enclosure {
  readonly tampering: Tampering | null;
}

/** Kinds whose items also name the tenant by its older name. */
const WITH_ORGANIZATION_ID: ReadonlySet<string> = new Set(["presence", "onlineMeeting"]);

/**
 * Writes a change for one subscription, with the entity itself when the subscription asked for resource data.
 *
 * @see https://learn.microsoft.com/graph/api/resources/changenotification
 */
export class NotificationWriter {
  readonly #options: NotificationWriterOptions;

  constructor(options: NotificationWriterOptions) {
    this.#options = options;
  }

  write(id: string, subscription: Subscription, change: EntityChange): WrittenNotification {
    const key = encryptionKeyOf(subscription);
    const tampering = this.#options.tampering.take(subscription.id, key !== undefined);
    const { tenantId } = change;
    const body: JsonObject = {
      id,
      subscriptionId: subscription.id,
      subscriptionExpirationDateTime: formatInstant(subscription.expiresAt),
      clientState:
        tampering === "client-state"
          ? "the client state of a stranger"
          : (subscription.clientState ?? undefined),
      changeType: change.changeType,
      resource: change.resource,
      tenantId: tampering === "tenant" ? guidFor("the tenant of a stranger") : tenantId,
      organizationId: WITH_ORGANIZATION_ID.has(subscription.resourceName) ? tenantId : undefined,
      resourceData: change.resourceData,
    };
    if (!key) return { body, tampering: tampering ?? null };
    const { applicationId, notificationUrlAppId } = subscription;
    return {
      body: { ...body, encryptedContent: this.#encrypt(key, subscription, { change, tampering }) },
      tokenNeed: {
        tenantId,
        applicationId,
        audience: notificationUrlAppId ?? applicationId,
        tampering: isTokenTampering(tampering) ? tampering : undefined,
      },
      tampering: tampering ?? null,
    };
  }

  #encrypt(
    key: EncryptionKey,
    subscription: Subscription,
    { change, tampering }: { readonly change: EntityChange; readonly tampering: Tampering | undefined },
  ): JsonObject | undefined {
    const { random } = this.#options;
    const content = encryptContent(contentOf(change, subscription.select), key, random);
    const sent = isContentTampering(tampering) ? tamperContent(content, tampering, { key, random }) : content;
    return sent && toJson(sent);
  }
}

/** The resource data of a change: what is selected of the entity; of one that is gone, what names it. */
function contentOf({ after, resourceData }: EntityChange, select: readonly string[] | null): JsonObject {
  const whole = after ?? {};
  const wanted = select && new Set(select.map((name) => name.toLowerCase()));
  const chosen = wanted
    ? Object.fromEntries(Object.entries(whole).filter(([name]) => wanted.has(name.toLowerCase())))
    : whole;
  return { ...resourceData, ...chosen };
}

function encryptionKeyOf(subscription: Subscription): EncryptionKey | undefined {
  const { includeResourceData, encryptionCertificate, encryptionCertificateId } = subscription;
  if (includeResourceData !== true || encryptionCertificate === null || encryptionCertificateId === null) {
    return undefined;
  }
  return { certificate: encryptionCertificate, certificateId: encryptionCertificateId };
}

function toJson(content: EncryptedContent): JsonObject {
  return { ...content };
}
