import { beforeAll, describe, expect, it } from "vitest";
import { decodeJwt } from "jose";

import type { JsonObject } from "../src/http/json.ts";
import { isJsonObject, parseJson } from "../src/http/json.ts";
import { makeCertificate, type TestCertificate } from "./certificates.ts";
import { itemsOf } from "./receiver.ts";
import { verifies } from "./requirements.ts";
import {
  ADELE,
  errorOf,
  inMinutes,
  MINUTE_MS,
  requestToken,
  send,
  startWorld,
  text,
  type Answered,
  type World,
} from "./world.ts";

const MESSAGES = `users/${ADELE}/messages`;
const CERTIFICATE_ERROR = "Certificate validation error: ";

let certificate: TestCertificate;
beforeAll(async () => {
  certificate = await makeCertificate();
});

function rich(properties: JsonObject = {}): JsonObject {
  return {
    resource: `${MESSAGES}?$select=subject`,
    changeType: "created,deleted",
    includeResourceData: true,
    encryptionCertificate: certificate.der,
    encryptionCertificateId: "certificate-1",
    ...properties,
  };
}

function validationTokensOf(body: string): readonly string[] {
  const collection = parseJson(body);
  const tokens = isJsonObject(collection) ? collection["validationTokens"] : undefined;
  return Array.isArray(tokens) ? tokens.filter((token) => typeof token === "string") : [];
}

async function sendMail(world: World): Promise<string> {
  return text((await world.graph("POST", MESSAGES, { subject: "Hello" })).body, "id");
}

describe("a subscription with resource data", () => {
  it("is answered with its certificate", async () => {
    await using world = await startWorld();
    const created = await world.subscribe(rich());
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      includeResourceData: true,
      encryptionCertificate: certificate.der,
      encryptionCertificateId: "certificate-1",
    });
  });

  it.each(["encryptionCertificate", "encryptionCertificateId"])(
    `${verifies("rich-certificate-required")} needs %s`,
    async (property) => {
      await using world = await startWorld();
      const answer = await world.subscribe(rich({ [property]: null }));
      expect(answer.status).toBe(400);
      expect(errorOf(answer).message).toBe(`${property} is required when includeResourceData is true.`);
    },
  );

  const der = (pem: string): string => pem.replaceAll(/-----[^-]+-----|\s/g, "");
  const badCertificates: readonly { name: string; make: () => string | Promise<string>; message: string }[] =
    [
      {
        name: "a bare public key",
        make: () => der(certificate.publicKey),
        message: "Cannot find the requested object.",
      },
      {
        name: "a PEM text",
        make: () => certificate.cert,
        message: "The input is not a valid Base-64 string",
      },
      {
        name: "a PEM text in base64",
        make: () => Buffer.from(certificate.cert).toString("base64"),
        message: "Cannot find the requested object.",
      },
      { name: "noise", make: () => "AAAA", message: "Cannot find the requested object." },
      {
        name: "a key of 1,024 bits",
        make: async () => (await makeCertificate({ modulusLength: 1_024 })).der,
        message: "The key must have 2048 to 4096 bits; it has 1024.",
      },
      {
        name: "an elliptic key",
        make: async () => (await makeCertificate({ isElliptic: true })).der,
        message: "The key must be an RSA key.",
      },
    ];
  it.each(badCertificates)(`${verifies("rich-certificate-rsa")} refuses $name`, async ({ make, message }) => {
    await using world = await startWorld();
    const answer = await world.subscribe(rich({ encryptionCertificate: await make() }));
    expect(answer.status).toBe(400);
    expect(errorOf(answer).message).toEqual(expect.stringContaining(`${CERTIFICATE_ERROR}${message}`));
    expect(world.receiver.handshakes).toEqual([]);
  });

  it.each([
    { expiredCertificate: "accept", status: 201 },
    { expiredCertificate: "refuse", status: 400 },
  ] as const)("is answered $status with an expired certificate and '$expiredCertificate'", async (row) => {
    await using world = await startWorld({ subscriptions: { expiredCertificate: row.expiredCertificate } });
    const expired = await makeCertificate({ notAfter: new Date(Date.now() - 60_000) });
    expect((await world.subscribe(rich({ encryptionCertificate: expired.der }))).status).toBe(row.status);
  });

  it(`${verifies("rich-certificate-id-128")} refuses a longer certificate id`, async () => {
    await using world = await startWorld();
    expect((await world.subscribe(rich({ encryptionCertificateId: "x".repeat(129) }))).status).toBe(400);
    expect((await world.subscribe(rich({ encryptionCertificateId: "x".repeat(128) }))).status).toBe(201);
  });

  it.each([
    { resource: MESSAGES, status: 400 },
    { resource: `${MESSAGES}?$select=subject,Body`, status: 400 },
    { resource: `${MESSAGES}?$select=uniqueBody`, status: 400 },
    { resource: `users/${ADELE}/events`, status: 400 },
    { resource: `users/${ADELE}/events?$select=subject`, status: 201 },
  ])(`${verifies("rich-select-outlook")} is answered $status to $resource`, async ({ resource, status }) => {
    await using world = await startWorld();
    expect((await world.subscribe(rich({ resource }))).status).toBe(status);
  });

  it.each([
    { resource: "/chats/getAllMessages", status: 201 },
    { resource: "/chats/getAllMessages?$select=body", status: 400 },
  ])(`${verifies("rich-select-teams")} is answered $status to $resource`, async ({ resource, status }) => {
    await using world = await startWorld();
    expect((await world.subscribe(rich({ resource }))).status).toBe(status);
  });

  it.each(["users", "groups", "drives/1/root", "users/1/todo/lists/1/tasks"])(
    `${verifies("rich-supported-only")} is refused to %s`,
    async (resource) => {
      await using world = await startWorld();
      const answer = await world.subscribe(rich({ resource, changeType: "updated" }));
      expect(errorOf(answer).message).toMatch(/^includeResourceData is not supported for \w+\.$/);
    },
  );

  it.each([
    { resource: "communications/onlineMeetings/getAllRecordings", changeType: "created" },
    { resource: "communications/onlineMeetings/getAllTranscripts", changeType: "created" },
    { resource: "communications/onlineMeetings/1/meetingCallEvents", changeType: "updated" },
    { resource: "appCatalogs/teamsApps/1/installations", changeType: "created" },
    { resource: "copilot/interactionHistory/getAllEnterpriseInteractions", changeType: "created" },
  ])(
    `${verifies("rich-every-kind")} may be to $resource, though nothing happens there`,
    async (properties) => {
      await using world = await startWorld();
      expect((await world.subscribe(rich(properties))).status).toBe(201);
    },
  );

  it(`${verifies("rich-lifetime-outlook")} lives at most a day`, async () => {
    await using world = await startWorld();
    const at = (minutes: number): JsonObject => ({ expirationDateTime: inMinutes(world.simulator, minutes) });
    const answer = await world.subscribe(rich(at(1_441)));
    expect(errorOf(answer).message).toBe("Subscription expiration can only be 1440 minutes in the future.");
    const created = await world.subscribe(rich(at(1_440)));
    expect(created.status).toBe(201);
    const renewed = await world.graph("PATCH", `subscriptions/${text(created.body, "id")}`, at(1_441));
    expect(renewed.status).toBe(400);
  });
});

describe("a notification with resource data", () => {
  it(`${verifies("rich-encryption")} has the five properties, under the certificate's two names`, async () => {
    await using world = await startWorld();
    await world.subscribe(rich());
    const id = await sendMail(world);
    await world.simulator.settled();
    const [item = {}] = world.receiver.notifications;
    expect(item).toMatchObject({ changeType: "created", resourceData: { id } });
    const base64 = expect.stringMatching(/^[A-Za-z0-9+/]+={0,2}$/);
    expect(item["encryptedContent"]).toEqual({
      data: base64,
      dataSignature: base64,
      dataKey: base64,
      encryptionCertificateId: "certificate-1",
      encryptionCertificateThumbprint: certificate.thumbprint,
    });
  });

  it("has a symmetric key of its own", async () => {
    await using world = await startWorld();
    await world.subscribe(rich());
    await sendMail(world);
    await sendMail(world);
    await world.simulator.settled();
    const keys = world.receiver.notifications.map((item) => {
      const content = item["encryptedContent"];
      return isJsonObject(content) ? content["dataKey"] : undefined;
    });
    expect(new Set(keys).size).toBe(2);
  });

  it(`${verifies("rich-validation-tokens")} comes with one token for each app and tenant in the delivery`, async () => {
    const apps = ["a", "b"].map((letter) => ({
      clientId: `${letter.repeat(8)}-2222-4333-8444-555555555555`,
      clientSecret: letter,
    }));
    await using world = await startWorld({ apps, deliver: { collectMs: 100 } });
    const { simulator } = world;
    await world.subscribe(rich());
    await world.subscribe(rich({ changeType: "created" }));
    expect((await subscribeAs(world, apps[1], rich())).status).toBe(201);
    await world.subscribe({ resource: MESSAGES, changeType: "created,updated" });
    await sendMail(world);
    await simulator.settled();
    const [delivery] = world.receiver.deliveries;
    expect(delivery && itemsOf(delivery)).toHaveLength(4);
    const claims = validationTokensOf(delivery?.body ?? "").map((token) => decodeJwt(token));
    expect(claims.map(({ aud, tid }) => [aud, tid])).toEqual(
      apps.map(({ clientId }) => [clientId, simulator.tenantId]),
    );
    expect((claims[0]?.exp ?? 0) - (claims[0]?.nbf ?? 0)).toBe(24 * 60 * 60);
  });

  it("comes with a token for the app that the subscription names", async () => {
    await using world = await startWorld();
    const notificationUrlAppId = "11111111-2222-4333-8444-555555555555";
    await world.subscribe(rich({ notificationUrlAppId }));
    await sendMail(world);
    await world.simulator.settled();
    const [token = ""] = validationTokensOf(world.receiver.deliveries[0]?.body ?? "");
    expect(decodeJwt(token).aud).toBe(notificationUrlAppId);
  });

  it(`${verifies("rich-token-null")} comes without one when the app wants roles to be assigned`, async () => {
    const apps = [
      {
        clientId: "aaaaaaaa-2222-4333-8444-555555555555",
        clientSecret: "a",
        appRoleAssignmentRequired: true,
      },
    ];
    await using world = await startWorld({ apps });
    await world.subscribe(rich());
    await sendMail(world);
    await world.simulator.settled();
    expect(parseJson(world.receiver.deliveries[0]?.body ?? "")).toMatchObject({ validationTokens: null });
  });

  it("is the only kind that has tokens", async () => {
    await using world = await startWorld();
    await world.subscribe({ resource: MESSAGES, changeType: "created" });
    await sendMail(world);
    await world.simulator.settled();
    expect(parseJson(world.receiver.deliveries[0]?.body ?? "")).toEqual({ value: [expect.anything()] });
  });
});

it(`${verifies("challenge-token")} a subscription with resource data is challenged for its token`, async () => {
  await using world = await startWorld();
  await world.subscribe(rich({ lifecycleNotificationUrl: `${world.receiver.url}/lifecycle` }));
  world.simulator.clock.advance(15 * MINUTE_MS);
  await world.simulator.settled();
  expect(world.receiver.notifications).toMatchObject([{ lifecycleEvent: "reauthorizationRequired" }]);
});

describe("tampering", () => {
  it("befalls the notifications of one subscription, as often as it was ordered", async () => {
    await using world = await startWorld();
    const created = await world.subscribe(rich());
    await world.subscribe({ resource: MESSAGES, changeType: "created" });
    const { tampering, ledger } = world.simulator;
    tampering.order({ what: "client-state", subscriptionId: text(created.body, "id"), times: 2 });
    for (const _ of [1, 2, 3]) await sendMail(world);
    await world.simulator.settled();
    const tampered = ledger.notifications.filter((notification) => notification.tampering !== null);
    expect(tampered.map(({ subscriptionId, changeSeq }) => [subscriptionId, changeSeq])).toEqual([
      [text(created.body, "id"), 1],
      [text(created.body, "id"), 2],
    ]);
  });

  it("passes by what has nothing to be tampered with", async () => {
    await using world = await startWorld();
    await world.subscribe({ resource: MESSAGES, changeType: "created" });
    world.simulator.tampering.order({ what: "data-signature" });
    await sendMail(world);
    expect(world.simulator.ledger.notifications).toMatchObject([{ tampering: null }]);
  });

  it("is called off", async () => {
    await using world = await startWorld();
    await world.subscribe({ resource: MESSAGES, changeType: "created" });
    await world.plain("POST", "/_simulator/tampering", { what: "client-state", times: 5 });
    expect((await world.plain("DELETE", "/_simulator/tampering")).status).toBe(204);
    await sendMail(world);
    expect(world.simulator.ledger.notifications).toMatchObject([{ tampering: null }]);
  });

  it.each([{ what: "everything" }, { what: "data", times: 0 }, {}])("is not ordered by %j", async (order) => {
    await using world = await startWorld();
    expect((await world.plain("POST", "/_simulator/tampering", order)).status).toBe(400);
    expect(() => world.simulator.tampering.order({ what: "data", times: 0.5 })).toThrow(RangeError);
  });
});

async function subscribeAs(
  world: World,
  app: { readonly clientId: string; readonly clientSecret: string } | undefined,
  properties: JsonObject,
): Promise<Answered> {
  const token = await requestToken(world.simulator, {
    client_id: app?.clientId ?? "",
    client_secret: app?.clientSecret ?? "",
  });
  const headers = { authorization: `Bearer ${text(token.body, "access_token")}` };
  const body = {
    notificationUrl: `${world.receiver.url}/notifications`,
    expirationDateTime: inMinutes(world.simulator, 60),
    ...properties,
  };
  return send("POST", `${world.simulator.url}/v1.0/subscriptions`, body, headers);
}
