import {
  createServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";

import { systemClock } from "../app/clock.ts";
import { GraphUnreachableError } from "../core/errors.ts";
import type { GraphApi, NewGraphSubscription, RemoteSubscription } from "../core/ports/graph-api.ts";
import { GraphClient } from "./graph-client.ts";
import { createGraphApi } from "./graph-subscriptions.ts";

const SCOPE = { tenantId: "84bd8158-6d4d-4958-8b9f-9d6445542f95" };
const EXPIRES_AT = Date.UTC(2026, 0, 17, 11, 30);

/** A subscription as Graph writes it. */
const WIRE = {
  "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#subscriptions/$entity",
  id: "7f105c7d-2dc5-4530-97cd-4e7ae6534c07",
  resource: "users",
  applicationId: "24d3b144-21ae-4080-943f-7067b395b913",
  changeType: "updated,deleted",
  clientState: null,
  notificationUrl: "https://tidings.example.com/notifications/mark",
  lifecycleNotificationUrl: "https://tidings.example.com/notifications/lifecycle/mark",
  expirationDateTime: "2026-01-17T11:30:00.0000000Z",
};

const REMOTE: RemoteSubscription = {
  id: "7f105c7d-2dc5-4530-97cd-4e7ae6534c07",
  resource: "users",
  changeTypes: ["updated", "deleted"],
  notificationUrl: "https://tidings.example.com/notifications/mark",
  expiresAt: EXPIRES_AT,
};

const NEW: NewGraphSubscription = {
  resource: "users",
  changeTypes: ["updated", "deleted"],
  notificationUrl: "https://tidings.example.com/notifications/mark",
  lifecycleNotificationUrl: "https://tidings.example.com/notifications/lifecycle/mark",
  clientState: "v1.key.subscription.mac",
  expiresAt: EXPIRES_AT,
};

interface Exchange {
  readonly request: string;
  readonly token: string | undefined;
  readonly body: unknown;
  readonly prefer?: string | undefined;
}

/** Graph's REST API over HTTP, giving one answer to everything; and what it was asked. */
async function graphAnswering(status: number, body?: unknown): Promise<{ api: GraphApi; asked: Exchange[] }> {
  const asked: Exchange[] = [];
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    asked.push({
      request: `${request.method} ${request.url}`,
      token: request.headers.authorization,
      prefer: request.headers["prefer"]?.toString(),
      body: sent === "" ? undefined : JSON.parse(sent),
    });
    response.writeHead(status, { connection: "close" });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const client = new GraphClient({
    credential: {
      getToken: async (_, options) => ({
        token: options?.tenantId ?? "own",
        expiresOnTimestamp: Number.MAX_SAFE_INTEGER,
      }),
    },
    scope: "https://graph.microsoft.com/.default",
    baseUrl: `http://127.0.0.1:${portOf(server)}/v1.0`,
    clock: systemClock,
  });
  return { api: createGraphApi(client), asked };
}

function portOf(server: HttpServer): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Expected the server to listen");
  return address.port;
}

const token = `Bearer ${SCOPE.tenantId}`;

describe("creating a subscription", () => {
  it("sends what Graph documents and reads its answer", async () => {
    const { api, asked } = await graphAnswering(201, WIRE);
    expect(await api.createSubscription(SCOPE, NEW)).toEqual(REMOTE);
    expect(asked).toEqual([
      {
        request: "POST /v1.0/subscriptions",
        token,
        body: {
          resource: "users",
          changeType: "updated,deleted",
          notificationUrl: NEW.notificationUrl,
          lifecycleNotificationUrl: NEW.lifecycleNotificationUrl,
          clientState: NEW.clientState,
          expirationDateTime: "2026-01-17T11:30:00.000Z",
        },
      },
    ]);
  });

  it("says what is preferred", async () => {
    const { api, asked } = await graphAnswering(201, WIRE);
    await api.createSubscription(SCOPE, { ...NEW, prefer: 'IdType="ImmutableId"' });
    expect(asked).toMatchObject([{ prefer: 'IdType="ImmutableId"' }]);
  });

  it("asks for resource data, encrypted for a certificate", async () => {
    const { api, asked } = await graphAnswering(201, WIRE);
    const certificate = { id: "one", certificate: "DER", notAfter: 0 };
    await api.createSubscription(SCOPE, { ...NEW, certificate });
    expect(asked[0]?.body).toMatchObject({
      includeResourceData: true,
      encryptionCertificate: "DER",
      encryptionCertificateId: "one",
    });
    expect(asked[0]?.body).not.toHaveProperty("certificate");
  });

  it.each([400, 403, 404, 409, 429, 503])("fails with Graph's refusal: %i", async (status) => {
    const { api } = await graphAnswering(status, { error: { code: "c", message: "m" } });
    const creating = api.createSubscription({ ...SCOPE, maxWaitMs: 0 }, NEW);
    await expect(creating).rejects.toMatchObject({ status, graphMessage: "m" });
  });

  it.each([
    ["nothing", undefined],
    ["a list", []],
    ["no id", { ...WIRE, id: undefined }],
    ["no resource", { ...WIRE, resource: null }],
    ["no change type", { ...WIRE, changeType: null }],
    ["no URL", { ...WIRE, notificationUrl: null }],
    ["no expiry", { ...WIRE, expirationDateTime: null }],
    ["an expiry that is no time", { ...WIRE, expirationDateTime: "soon" }],
  ])("fails when the answer has %s", async (_, body) => {
    const { api } = await graphAnswering(201, body);
    await expect(api.createSubscription(SCOPE, NEW)).rejects.toThrow(TypeError);
  });

  it("reads change types in any case and order, and those alone that it knows", async () => {
    const changeType = "Deleted, created,unknownFutureValue,deleted";
    const { api } = await graphAnswering(201, { ...WIRE, changeType });
    expect(await api.createSubscription(SCOPE, NEW)).toMatchObject({ changeTypes: ["created", "deleted"] });
  });
});

describe("renewing a subscription", () => {
  it("sends the new expiry alone", async () => {
    const { api, asked } = await graphAnswering(200, WIRE);
    expect(await api.renewSubscription(SCOPE, "1", { expiresAt: EXPIRES_AT })).toEqual(REMOTE);
    expect(asked).toEqual([
      {
        request: "PATCH /v1.0/subscriptions/1",
        token,
        body: { expirationDateTime: "2026-01-17T11:30:00.000Z" },
      },
    ]);
  });

  it("sends the certificate with it that takes the place of another, and reads which Graph has", async () => {
    const { api, asked } = await graphAnswering(200, { ...WIRE, encryptionCertificateId: "two" });
    const renewed = await api.renewSubscription(SCOPE, "1", {
      expiresAt: EXPIRES_AT,
      certificate: { id: "two", certificate: "DER", notAfter: 0 },
    });
    expect(renewed).toEqual({ ...REMOTE, certificateId: "two" });
    expect(asked[0]?.body).toEqual({
      expirationDateTime: "2026-01-17T11:30:00.000Z",
      encryptionCertificate: "DER",
      encryptionCertificateId: "two",
    });
  });

  it("gives undefined when Graph has it no more", async () => {
    const { api } = await graphAnswering(404, { error: { code: "ResourceNotFound" } });
    expect(await api.renewSubscription(SCOPE, "1", { expiresAt: EXPIRES_AT })).toBeUndefined();
  });

  it.each([400, 401, 403, 503])("fails with any other refusal: %i", async (status) => {
    const { api } = await graphAnswering(status);
    await expect(api.renewSubscription(SCOPE, "1", { expiresAt: EXPIRES_AT })).rejects.toMatchObject({
      status,
    });
  });
});

describe("deleting a subscription", () => {
  it.each([
    [204, true],
    [404, false],
  ])("says with %i whether it was still there: %s", async (status, wasThere) => {
    const { api, asked } = await graphAnswering(status);
    await expect(api.deleteSubscription(SCOPE, "1")).resolves.toBe(wasThere);
    expect(asked).toEqual([{ request: "DELETE /v1.0/subscriptions/1", token, body: undefined }]);
  });

  it("fails with any other refusal", async () => {
    const { api } = await graphAnswering(403);
    await expect(api.deleteSubscription(SCOPE, "1")).rejects.toMatchObject({ status: 403 });
  });
});

describe("listing subscriptions", () => {
  it("gives those it can read", async () => {
    const value = [{ ...WIRE, id: "a" }, { ...WIRE, expirationDateTime: null }, null, { ...WIRE, id: "b" }];
    const { api, asked } = await graphAnswering(200, { value });
    const listed = await api.listSubscriptions(SCOPE);
    expect(listed.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(asked).toEqual([{ request: "GET /v1.0/subscriptions", token, body: undefined }]);
  });
});

describe("reading an entity", () => {
  it("gives its JSON", async () => {
    const { api, asked } = await graphAnswering(200, { id: "1" });
    expect(await api.getEntity(SCOPE, "users/1/messages/AAMk%2FAD=")).toEqual({ id: "1" });
    expect(asked).toMatchObject([{ request: "GET /v1.0/users/1/messages/AAMk%2FAD=", token }]);
  });

  it("gives undefined when it is gone", async () => {
    const { api } = await graphAnswering(404);
    expect(await api.getEntity(SCOPE, "users/1")).toBeUndefined();
  });
});

it("Graph that cannot be reached is told from Graph that refuses", async () => {
  const client = new GraphClient({
    credential: { getToken: async () => ({ token: "t", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
    scope: "scope",
    baseUrl: "http://127.0.0.1:1/v1.0",
    clock: systemClock,
  });
  const api = createGraphApi(client);
  await expect(api.deleteSubscription(SCOPE, "1")).rejects.toBeInstanceOf(GraphUnreachableError);
  await expect(api.renewSubscription(SCOPE, "1", { expiresAt: 0 })).rejects.toBeInstanceOf(
    GraphUnreachableError,
  );
});
