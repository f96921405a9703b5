import { constants, createDecipheriv, createHmac, privateDecrypt, timingSafeEqual } from "node:crypto";
import { once } from "node:events";

import express, { type Request, type Response } from "express";
import { createRemoteJWKSet, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";

/**
 * An app as one writes it from Microsoft's documentation, with Express, `jose` and Node's own crypto, and with nothing
 * of the simulator: what it takes and what it refuses is its own judgement of what the simulator sends.
 */
export interface ExpressAppOptions {
  readonly clientId: string;
  readonly tenantIds: readonly string[];
  readonly clientState: string;
  /** Private keys by `encryptionCertificateId`. */
  readonly keys: ReadonlyMap<string, DecryptionKey>;
  /** The `jwks_uri` of the login service. */
  readonly jwksUri: string;
  /** The time tokens are judged by. */
  readonly now: () => Date;
}

export interface DecryptionKey {
  /** PEM. */
  readonly privateKey: string;
  readonly thumbprint: string;
}

/** A notification the app believed. */
export interface Accepted {
  readonly item: NotificationItem;
  /** The decrypted resource, when it came along. */
  readonly resource: Readonly<Record<string, unknown>> | undefined;
}

export interface Refused {
  readonly item: NotificationItem;
  readonly reason: string;
}

export interface ExpressApp extends AsyncDisposable {
  readonly url: string;
  readonly accepted: readonly Accepted[];
  readonly refused: readonly Refused[];
  /** The statuses of its answers to deliveries. */
  readonly statuses: readonly number[];
}

interface NotificationItem {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly clientState?: string;
  readonly changeType?: string;
  readonly lifecycleEvent?: string;
  readonly resource?: string;
  readonly encryptedContent?: EncryptedContent;
}

interface EncryptedContent {
  readonly data: string;
  readonly dataKey: string;
  readonly dataSignature: string;
  readonly encryptionCertificateId: string;
  readonly encryptionCertificateThumbprint: string;
}

interface NotificationCollection {
  readonly value: readonly NotificationItem[];
  readonly validationTokens?: readonly string[] | null;
}

/** The app that sends notifications with resource data, in every tenant. */
const CHANGE_TRACKING_APP_ID = "0bf30f3b-4a52-48df-9a82-234910c4a086";

/** Why a notification is not believed. */
class NotAuthentic extends Error {}

export async function startExpressApp(options: ExpressAppOptions): Promise<ExpressApp> {
  const accepted: Accepted[] = [];
  const refused: Refused[] = [];
  const statuses: number[] = [];
  const keySet = createRemoteJWKSet(new URL(options.jwksUri), { cooldownDuration: 0 });

  const app = express();
  app.use(express.json());
  app.post("/notifications", (request, response) => receive(request, response));
  const receive = async (request: Request, response: Response): Promise<void> => {
    const { validationToken } = request.query;
    if (typeof validationToken === "string") {
      response.type("text/plain").send(validationToken);
      return;
    }
    const collection: NotificationCollection = request.body;
    const tenants = await tenantsVouchedFor(collection, keySet, options);
    for (const item of collection.value) {
      try {
        accepted.push({ item, resource: read(item, tenants, options) });
      } catch (error) {
        if (!(error instanceof NotAuthentic)) throw error;
        refused.push({ item, reason: error.message });
      }
    }
    // The same answer whatever was believed: a forger learns nothing.
    statuses.push(202);
    response.sendStatus(202);
  };

  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    accepted,
    refused,
    statuses,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The tenants for which a delivery has a valid token; none when any of its tokens is not valid. */
async function tenantsVouchedFor(
  { validationTokens }: NotificationCollection,
  keySet: JWTVerifyGetKey,
  options: ExpressAppOptions,
): Promise<ReadonlySet<string>> {
  const tenants = new Set<string>();
  for (const token of validationTokens ?? []) {
    const tenant = await tenantOf(token, keySet, options);
    if (tenant === undefined) return new Set();
    tenants.add(tenant);
  }
  return tenants;
}

async function tenantOf(
  token: string,
  keySet: JWTVerifyGetKey,
  { clientId, tenantIds, now }: ExpressAppOptions,
): Promise<string | undefined> {
  let claims: JWTPayload;
  try {
    const verified = await jwtVerify(token, keySet, {
      algorithms: ["RS256"],
      audience: clientId,
      currentDate: now(),
    });
    claims = verified.payload;
  } catch {
    // Whatever is wrong with it, it vouches for nobody.
    return undefined;
  }
  const tenant = String(claims["tid"]);
  const isV2 = claims["ver"] === "2.0";
  const publisher = isV2 ? claims["azp"] : claims["appid"];
  const issuer = isV2
    ? `https://login.microsoftonline.com/${tenant}/v2.0`
    : `https://sts.windows.net/${tenant}/`;
  const isRight = publisher === CHANGE_TRACKING_APP_ID && claims.iss === issuer && tenantIds.includes(tenant);
  return isRight ? tenant : undefined;
}

/** The resource of a notification, if it has one; throws when the notification is not to be believed. */
function read(
  item: NotificationItem,
  tenants: ReadonlySet<string>,
  options: ExpressAppOptions,
): Readonly<Record<string, unknown>> | undefined {
  if (!isSame(item.clientState ?? "", options.clientState)) throw new NotAuthentic("client state");
  if (!options.tenantIds.includes(item.tenantId)) throw new NotAuthentic("tenant");
  if (item.lifecycleEvent !== undefined) return undefined;
  if (!tenants.has(item.tenantId)) throw new NotAuthentic("validation token");
  if (!item.encryptedContent) throw new NotAuthentic("no content");
  return decrypt(item.encryptedContent, options.keys);
}

function decrypt(
  content: EncryptedContent,
  keys: ReadonlyMap<string, DecryptionKey>,
): Readonly<Record<string, unknown>> {
  const key = keys.get(content.encryptionCertificateId);
  if (!key) throw new NotAuthentic("certificate id");
  if (key.thumbprint !== content.encryptionCertificateThumbprint) throw new NotAuthentic("thumbprint");
  const symmetricKey = unwrap(content.dataKey, key.privateKey);
  const data = Buffer.from(content.data, "base64");
  const expected = createHmac("sha256", symmetricKey).update(data).digest("base64");
  if (!isSame(content.dataSignature, expected)) throw new NotAuthentic("data signature");
  const decipher = createDecipheriv("aes-256-cbc", symmetricKey, symmetricKey.subarray(0, 16));
  const text = Buffer.concat([decipher.update(data), decipher.final()]).toString("utf8");
  const resource: Readonly<Record<string, unknown>> = JSON.parse(text);
  return resource;
}

function unwrap(dataKey: string, privateKey: string): Buffer {
  try {
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" };
    return privateDecrypt({ key: privateKey, ...padding }, Buffer.from(dataKey, "base64"));
  } catch {
    throw new NotAuthentic("data key");
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
