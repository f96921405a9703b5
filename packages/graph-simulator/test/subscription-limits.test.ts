import { describe, expect, it } from "vitest";

import type { JsonObject } from "../src/http/json.ts";
import type { Quotas, SimulatorOptions } from "../src/index.ts";
import { DOCUMENTED_QUOTAS } from "../src/subscriptions/quotas.ts";
import { makeCertificate } from "./certificates.ts";
import { verifies } from "./requirements.ts";
import {
  ADELE,
  errorOf,
  HOUR_MS,
  inMinutes,
  MINUTE_MS,
  objects,
  requestToken,
  send,
  startWorld,
  text,
  type Answered,
  type World,
} from "./world.ts";

const ALEX = "1b5c8d29-7e3f-40a4-86b2-d4f9e8071a32";
const APPS = ["a", "b"].map((letter) => ({
  clientId: `${letter.repeat(8)}-2222-4333-8444-555555555555`,
  clientSecret: letter,
}));
const APP = APPS[0]?.clientId ?? "";
const TENANTS = [
  { id: "11111111-2222-4333-8444-555555555555", domain: "one.example" },
  { id: "22222222-2222-4333-8444-555555555555", domain: "two.example" },
];

/** Subscribes with a token of somebody else's. */
async function subscribeWith(world: World, token: string, properties: JsonObject): Promise<Answered> {
  const body = {
    changeType: "updated",
    notificationUrl: `${world.receiver.url}/notifications`,
    expirationDateTime: inMinutes(world.simulator, 60),
    ...properties,
  };
  return asToken(world, token, { method: "POST", path: "subscriptions", body });
}

function asToken(
  world: World,
  token: string,
  { method, path, body }: { method: string; path: string; body?: object },
): Promise<Answered> {
  const headers = { authorization: `Bearer ${token}` };
  return send(method, `${world.simulator.url}/v1.0/${path}`, body, headers);
}

async function appToken(world: World, app = APPS[0], tenant = world.simulator.tenantId): Promise<string> {
  const secret = { client_id: app?.clientId ?? "", client_secret: app?.clientSecret ?? "" };
  return text((await requestToken(world.simulator, secret, tenant)).body, "access_token");
}

async function createChat(world: World): Promise<string> {
  const members = [ADELE, ALEX].map((id) => ({
    "@odata.type": "#microsoft.graph.aadUserConversationMember",
    roles: ["owner"],
    "user@odata.bind": `https://graph.microsoft.com/v1.0/users('${id}')`,
  }));
  return text((await world.graph("POST", "chats", { chatType: "group", members })).body, "id");
}

function withQuotas(quotas: Partial<Quotas>, options: SimulatorOptions = {}): SimulatorOptions {
  return { apps: APPS, ...options, subscriptions: { quotas } };
}

describe("quotas", () => {
  it(`${verifies("quota-entra")} are as documented unless told otherwise`, () => {
    expect(DOCUMENTED_QUOTAS).toEqual({
      entraPerApp: 50_000,
      entraPerTenant: 1_000,
      entraPerAppAndTenant: 100,
      outlookPerMailbox: 1_000,
      teamsPerTenant: 10_000,
      teamsPerAppAndResource: 1,
      teamsPerUser: 10,
      callRecordsPerTenant: 100,
      approvalsPerTenant: 1_000,
      approvalsPerAppAndTenant: 1,
      shiftsPerUserAndResource: 10,
    });
  });

  it(`${verifies("quota-entra")} of an app in a tenant: 403 for the one too many, until one ends`, async () => {
    await using world = await startWorld(withQuotas({ entraPerAppAndTenant: 2 }));
    const first = await world.subscribe({ resource: "users" });
    await world.subscribe({ resource: "groups" });
    const refused = await world.subscribe({ resource: `users/${ADELE}` });
    expect(refused.status).toBe(403);
    expect(errorOf(refused).message).toBe(
      "The subscription limit 'entraPerAppAndTenant' of 2 has been reached.",
    );
    expect(world.receiver.handshakes).toHaveLength(2);
    const other = await subscribeWith(world, await appToken(world, APPS[1]), { resource: "users" });
    expect(other.status).toBe(201);
    await world.graph("DELETE", `subscriptions/${text(first.body, "id")}`);
    expect((await world.subscribe({ resource: `users/${ADELE}` })).status).toBe(201);
  });

  it(`${verifies("quota-entra")} of a tenant, over all apps`, async () => {
    await using world = await startWorld(withQuotas({ entraPerTenant: 1 }));
    await world.subscribe({ resource: "users" });
    const other = await subscribeWith(world, await appToken(world, APPS[1]), { resource: "groups" });
    expect(errorOf(other).message).toMatch(/'entraPerTenant' of 1/);
  });

  it(`${verifies("quota-entra")} of an app, over all tenants`, async () => {
    await using world = await startWorld(withQuotas({ entraPerApp: 1 }, { tenants: TENANTS, users: [] }));
    await world.subscribe({ resource: "users" });
    const elsewhere = await appToken(world, APPS[0], "two.example");
    expect(errorOf(await subscribeWith(world, elsewhere, { resource: "users" })).message).toMatch(
      /'entraPerApp' of 1/,
    );
  });

  it(`${verifies("quota-outlook")} of a mailbox, over messages, events and contacts`, async () => {
    await using world = await startWorld(withQuotas({ outlookPerMailbox: 2 }));
    await world.subscribe({ resource: `users/${ADELE}/messages` });
    await world.subscribe({ resource: `users/${ADELE}/events` });
    const refused = await world.subscribe({ resource: `users/${ADELE}/contacts` });
    expect(refused.status).toBe(429);
    expect(errorOf(refused)).toEqual({
      code: "ExtensionError",
      message:
        "Operation: Create; Exception: [Status Code: 429; Reason: Resource 'SubscriptionCountReached' has reached limit of '2'.  Please retry after '12/31/9999 11:59:59 PM'.]",
    });
    expect((await world.subscribe({ resource: `users/${ALEX}/messages` })).status).toBe(201);
  });

  it(`${verifies("quota-teams")} of one Teams resource: the app has reached its limit of '1'`, async () => {
    await using world = await startWorld({ apps: APPS });
    const resource = `/chats/${await createChat(world)}/messages`;
    expect((await world.subscribe({ resource })).status).toBe(201);
    const refused = await world.subscribe({ resource, changeType: "created" });
    expect(refused.status).toBe(403);
    expect(errorOf(refused)).toEqual({
      code: "ExtensionError",
      message: `Operation: Create; Exception: [Status Code: Forbidden; Reason: App '${APP}' has reached its limit of '1' '${resource.slice(1).toUpperCase()}' subscription on tenant '${world.simulator.tenantId}']`,
    });
    const other = await subscribeWith(world, await appToken(world, APPS[1]), { resource });
    expect(other.status).toBe(201);
  });

  it(`${verifies("quota-teams")} of a tenant, over all Teams resources`, async () => {
    await using world = await startWorld(withQuotas({ teamsPerTenant: 1 }));
    await world.subscribe({ resource: "/teams/getAllMessages" });
    expect(errorOf(await world.subscribe({ resource: "/chats/getAllMessages" })).message).toMatch(
      /'teamsPerTenant'/,
    );
  });

  it(`${verifies("quota-teams")} of a user, and of a path of shifts`, async () => {
    await using world = await startWorld(withQuotas({ teamsPerUser: 1, shiftsPerUserAndResource: 0 }));
    const token = await world.simulator.signIn({ user: ADELE, scopes: ["Chat.Read"] });
    const [one, other] = [await createChat(world), await createChat(world)];
    expect((await subscribeWith(world, token, { resource: `chats/${one}/messages` })).status).toBe(201);
    const second = await subscribeWith(world, token, { resource: `chats/${other}/messages` });
    expect(errorOf(second).message).toMatch(/'teamsPerUser' of 1/);
    const shifts = await subscribeWith(world, token, { resource: "teams/1/schedule/shifts" });
    expect(errorOf(shifts).message).toMatch(/'shiftsPerUserAndResource' of 0/);
  });

  it(`${verifies("quota-call-records")} of call records`, async () => {
    await using world = await startWorld(withQuotas({ callRecordsPerTenant: 1 }));
    const resource = "communications/callRecords";
    expect((await world.subscribe({ resource, changeType: "created" })).status).toBe(201);
    expect((await world.subscribe({ resource, changeType: "updated" })).status).toBe(403);
  });

  it(`${verifies("quota-approvals")} of approvals`, async () => {
    await using world = await startWorld();
    const resource = "solutions/approval/approvalItems";
    expect((await world.subscribe({ resource, changeType: "created" })).status).toBe(201);
    expect((await world.subscribe({ resource, changeType: "updated" })).status).toBe(403);
  });

  it(`${verifies("presence-one")} of presence: 409 in the service's own spelling`, async () => {
    await using world = await startWorld();
    const token = await world.simulator.signIn({ user: ADELE, scopes: ["Presence.Read.All"] });
    const first = await subscribeWith(world, token, { resource: `/communications/presences/${ALEX}` });
    expect(first.status).toBe(201);
    const second = await subscribeWith(world, token, { resource: `/communications/presences/${ADELE}` });
    expect(second.status).toBe(409);
    expect(errorOf(second)).toEqual({
      code: "ExtensionError",
      message:
        "Operation: Create; Exception: [Status Code: Conflict; Reason: A subscripton already exists. It must be deleted before a another can be made.]",
    });
    const other = await world.simulator.signIn({ user: ALEX, scopes: ["Presence.Read.All"] });
    expect(
      (await subscribeWith(world, other, { resource: `/communications/presences/${ALEX}` })).status,
    ).toBe(201);
  });
});

describe("what a caller sees", () => {
  async function listed(world: World, token: string): Promise<readonly string[]> {
    const { body } = await asToken(world, token, { method: "GET", path: "subscriptions" });
    return objects(body, "value")
      .map((item) => text(item, "resource"))
      .toSorted();
  }

  it(`${verifies("list-delegated")} ${verifies("list-read-all")} depends on app, user, permission and role`, async () => {
    await using world = await startWorld({ apps: APPS });
    const { simulator } = world;
    const scopes = ["Mail.Read", "Calendars.Read", "Contacts.Read"];
    const readAll = [...scopes, "Subscription.Read.All"];
    const [one = "", other = ""] = APPS.map(({ clientId }) => clientId);
    const adele = await simulator.signIn({ user: ADELE, scopes, clientId: one });
    const alex = await simulator.signIn({ user: ALEX, scopes, clientId: one });
    const elsewhere = await simulator.signIn({ user: ADELE, scopes, clientId: other });
    await world.subscribe({ resource: "users" });
    for (const [token, resource] of [
      [adele, "me/messages"],
      [alex, "me/events"],
      [elsewhere, "me/contacts"],
    ] as const) {
      expect((await subscribeWith(world, token, { resource })).status).toBe(201);
    }
    expect(await listed(world, adele)).toEqual(["me/messages"]);
    expect(await listed(world, await appToken(world))).toEqual(["me/events", "me/messages", "users"]);
    expect(await listed(world, await simulator.signIn({ user: ADELE, scopes: readAll }))).toEqual([
      "me/contacts",
      "me/messages",
    ]);
    const admin = await simulator.signIn({ user: ALEX, scopes: readAll, isGlobalAdministrator: true });
    expect(await listed(world, admin)).toEqual(["me/contacts", "me/events", "me/messages"]);
  });

  it("is more than what it may change: others' subscriptions are not there for it", async () => {
    await using world = await startWorld();
    const created = await world.subscribe();
    const path = `subscriptions/${text(created.body, "id")}`;
    const token = await world.simulator.signIn({ user: ADELE, scopes: ["User.Read.All"] });
    for (const method of ["GET", "DELETE"]) {
      expect((await asToken(world, token, { method, path })).status).toBe(404);
    }
  });

  it("is found by who signed in over the control API", async () => {
    await using world = await startWorld();
    const { body } = await world.plain("POST", "/_simulator/sign-in", {
      user: "AdeleV@contoso.onmicrosoft.com",
      scopes: ["Mail.Read"],
    });
    const created = await subscribeWith(world, text(body, "access_token"), { resource: "me/messages" });
    expect(created.body).toMatchObject({ creatorId: ADELE, resource: "me/messages" });
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    const mail = await world.graph("POST", `users/${ADELE}/messages`, { subject: "Hello" });
    await world.graph("PATCH", `users/${ADELE}/messages/${text(mail.body, "id")}`, { subject: "Bye" });
    await world.simulator.settled();
    expect(world.receiver.notifications).toMatchObject([{ changeType: "updated" }]);
  });

  it.each([
    {},
    { user: ADELE },
    { user: "nobody", scopes: [] },
    { user: ADELE, scopes: [], clientId: "none" },
    { user: ADELE, scopes: [], tenantId: "none" },
  ])("is not given to %j", async (body) => {
    await using world = await startWorld();
    expect((await world.plain("POST", "/_simulator/sign-in", body)).status).toBe(400);
  });
});

describe("permissions", () => {
  it(`${verifies("outlook-own-mailbox")} of a user reach no mailbox but his own`, async () => {
    await using world = await startWorld();
    const token = await world.simulator.signIn({ user: ADELE, scopes: ["Mail.Read"] });
    const refused = await subscribeWith(world, token, { resource: `users/${ALEX}/messages` });
    expect(refused.status).toBe(403);
    expect(errorOf(refused).code).toBe("ExtensionError");
    expect(errorOf(refused).message).toMatch(
      /^Operation: Create; Exception: \[Status Code: Forbidden; Reason: /,
    );
    for (const own of [`users/${ADELE}/messages`, "users/AdeleV@contoso.onmicrosoft.com/events"]) {
      expect((await subscribeWith(world, token, { resource: own })).status).toBe(201);
    }
  });

  it.each([
    { roles: ["Mail.Read"], resource: `users/${ADELE}/messages`, status: 201 },
    { roles: ["Mail.ReadWrite"], resource: `users/${ADELE}/messages`, status: 403 },
    { roles: ["Calendars.ReadWrite"], resource: `users/${ADELE}/events`, status: 403 },
    { roles: [], resource: `communications/presences/${ADELE}`, status: 403 },
    { roles: [], resource: "solutions/approval/approvalItems", status: 201 },
  ])(`${verifies("read-permission")} $roles are answered $status for $resource`, async (row) => {
    const { roles, resource, status } = row;
    const apps = [{ clientId: APP, clientSecret: "a", roles }];
    await using world = await startWorld({ apps, subscriptions: { enforcePermissions: true } });
    expect((await world.subscribe({ resource, changeType: "updated" })).status).toBe(status);
  });
});

describe("a ghost", () => {
  it("notifies on after it was deleted, and counts where another would be made", async () => {
    await using world = await startWorld({ subscriptions: { deletes: "leave-ghost" } });
    const created = await world.subscribe();
    const id = text(created.body, "id");
    expect((await world.graph("DELETE", `subscriptions/${id}`)).status).toBe(204);
    for (const method of ["GET", "DELETE"]) {
      expect((await world.graph(method, `subscriptions/${id}`)).status).toBe(404);
    }
    expect(objects((await world.graph("GET", "subscriptions")).body, "value")).toEqual([]);
    expect(world.simulator.subscriptions.ghosts()).toMatchObject([{ id }]);
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    await world.simulator.settled();
    expect(world.receiver.notifications).toMatchObject([{ subscriptionId: id }]);
    // No 409: requests do not find it.
    expect((await world.subscribe()).status).toBe(201);
  });

  it("keeps a Teams resource taken: 404 for it, and 403 for another", async () => {
    await using world = await startWorld();
    const resource = "/chats/getAllMessages";
    const created = await world.subscribe({ resource });
    const id = text(created.body, "id");
    expect((await world.plain("POST", `/_simulator/subscriptions/${id}/haunt`)).status).toBe(200);
    const renewal = { expirationDateTime: inMinutes(world.simulator, 60) };
    expect((await world.graph("PATCH", `subscriptions/${id}`, renewal)).status).toBe(404);
    expect(errorOf(await world.subscribe({ resource })).message).toContain("has reached its limit of '1'");
    world.simulator.clock.advance(HOUR_MS + MINUTE_MS);
    expect(world.simulator.subscriptions.ghosts()).toEqual([]);
    const graph = await world.freshGraph();
    const again = await graph("POST", "subscriptions", {
      ...created.body,
      expirationDateTime: inMinutes(world.simulator, 60),
    });
    expect(again.status).toBe(201);
  });

  it("is made only of what is there", async () => {
    await using world = await startWorld();
    expect(() => world.simulator.subscriptions.haunt("none")).toThrow(TypeError);
  });
});

it("a subscription outlives what it watches: renewing it is answered 200, and nothing comes", async () => {
  await using world = await startWorld();
  const created = await world.subscribe({ resource: `users/${ADELE}/messages`, changeType: "created" });
  await world.graph("DELETE", `users/${ADELE}`);
  const renewed = await world.graph("PATCH", `subscriptions/${text(created.body, "id")}`, {
    expirationDateTime: inMinutes(world.simulator, 90),
  });
  expect(renewed.status).toBe(200);
  expect((await world.graph("POST", `users/${ADELE}/messages`, { subject: "Hello" })).status).toBe(404);
  expect(world.simulator.ledger.notifications).toEqual([]);
});

it("a list that is stale shows what was, a single subscription what is", async () => {
  await using world = await startWorld({ subscriptions: { staleListMs: 60_000 } });
  const count = async (): Promise<number> =>
    objects((await world.graph("GET", "subscriptions")).body, "value").length;
  const created = await world.subscribe();
  const path = `subscriptions/${text(created.body, "id")}`;
  expect(await count()).toBe(0);
  expect((await world.graph("GET", path)).status).toBe(200);
  world.simulator.clock.advance(60_000);
  expect(await count()).toBe(1);
  await world.graph("DELETE", path);
  expect((await world.graph("GET", path)).status).toBe(404);
  expect(await count()).toBe(1);
  world.simulator.clock.advance(60_000);
  expect(await count()).toBe(0);
});

it("duplicates are refused or allowed as the seed will have it, when told to", async () => {
  const statuses = async (): Promise<readonly number[]> => {
    await using world = await startWorld({ duplicates: "sometimes" });
    const answers: number[] = [];
    for (const _ of Array.from({ length: 12 })) answers.push((await world.subscribe()).status);
    return answers;
  };
  const [once, again] = [await statuses(), await statuses()];
  expect(once).toEqual(again);
  expect(new Set(once)).toEqual(new Set([201, 409]));
});

describe("options for what is not documented", () => {
  it("the lifecycle URL may have to be on the same host", async () => {
    await using world = await startWorld({ subscriptions: { lifecycleUrlSameHost: true } });
    const { url } = world.receiver;
    const elsewhere = url.replace("127.0.0.1", "localhost");
    expect((await world.subscribe({ lifecycleNotificationUrl: `${elsewhere}/lifecycle` })).status).toBe(400);
    expect((await world.subscribe({ lifecycleNotificationUrl: `${url}/lifecycle` })).status).toBe(201);
  });

  it("call records may need a lifecycle URL", async () => {
    await using world = await startWorld({ subscriptions: { lifecycleUrlAlsoFor: ["callRecord"] } });
    const answer = await world.subscribe({
      resource: "communications/callRecords",
      changeType: "created",
      expirationDateTime: inMinutes(world.simulator, 61),
    });
    expect(errorOf(answer).message).toMatch(/^lifecycleNotificationUrl is a required property/);
  });

  it("Outlook may grant what is documented", async () => {
    await using world = await startWorld({ subscriptions: { outlookMaxMinutes: 10_080 } });
    const answer = await world.subscribe({
      resource: `users/${ADELE}/messages`,
      expirationDateTime: inMinutes(world.simulator, 10_080),
    });
    expect(answer.status).toBe(201);
  });

  it("an endpoint that fails may be taken all the same", async () => {
    await using world = await startWorld({ subscriptions: { handshake: "ineffective" } });
    world.receiver.answerWith(() => ({ status: 500 }));
    expect((await world.subscribe()).status).toBe(201);
    expect(world.simulator.ledger.handshakes).toMatchObject([{ outcome: { kind: "wrong-status" } }]);
  });

  it("the code of a failed handshake may be another", async () => {
    await using world = await startWorld({ subscriptions: { handshakeErrorCode: "ValidationError" } });
    world.receiver.answerWith(() => ({ status: 400 }));
    expect(errorOf(await world.subscribe())).toEqual({
      code: "ValidationError",
      message:
        "Subscription validation request failed. HTTP status code is 'BadRequest'. Notification endpoint must respond with 200 OK to validation request.",
    });
  });

  it.each([
    { certificateAlone: "refuse", status: 400 },
    { certificateAlone: "allow", status: 200 },
  ] as const)(
    "an update with nothing but a certificate is answered $status with '$certificateAlone'",
    async (row) => {
      await using world = await startWorld({ subscriptions: { certificateAlone: row.certificateAlone } });
      const created = await world.subscribe();
      const { der: encryptionCertificate } = await makeCertificate();
      const body = { encryptionCertificate, encryptionCertificateId: "second" };
      const answer = await world.graph("PATCH", `subscriptions/${text(created.body, "id")}`, body);
      expect(answer.status).toBe(row.status);
    },
  );

  it.each([
    { fixedProperties: "ignore", status: 200 },
    { fixedProperties: "refuse", status: 400 },
  ] as const)("a client state in an update is answered $status with '$fixedProperties'", async (row) => {
    await using world = await startWorld({ subscriptions: { fixedProperties: row.fixedProperties } });
    const created = await world.subscribe();
    const answer = await world.graph("PATCH", `subscriptions/${text(created.body, "id")}`, {
      expirationDateTime: inMinutes(world.simulator, 90),
      clientState: "another",
    });
    expect(answer.status).toBe(row.status);
    const [kept] = world.simulator.subscriptions.list();
    expect(kept?.clientState).toBe("open sesame");
  });

  it.each([
    { on: "renewal", method: "PATCH", path: "", handshakes: 2 },
    { on: "reauthorization", method: "POST", path: "/reauthorize", handshakes: 2 },
  ] as const)("an endpoint may have to prove itself on $on", async ({ on, method, path, handshakes }) => {
    await using world = await startWorld({ subscriptions: { validateAgainOn: [on] } });
    const created = await world.subscribe();
    const url = `subscriptions/${text(created.body, "id")}${path}`;
    const body = { expirationDateTime: inMinutes(world.simulator, 90) };
    expect((await world.graph(method, url, body)).status).toBeLessThan(300);
    expect(world.receiver.handshakes).toHaveLength(handshakes);
    world.receiver.answerWith(() => ({ status: 500 }));
    expect((await world.graph(method, url, body)).status).toBe(400);
  });
});

describe("a refusal on demand", () => {
  it.each([
    { refusal: "token-mismatch", request: "get", status: 401, message: "p#S256 doesn't match" },
    {
      refusal: "mailbox-unsupported",
      request: "get",
      status: 404,
      message: "REST API is not yet supported for this mailbox.",
    },
    { refusal: "throttled", request: "get", status: 429, message: "Please retry again later." },
    {
      refusal: "backend-unknown",
      request: "get",
      status: 503,
      message: expect.stringContaining("'Unknown'"),
    },
  ])("of $refusal is answered $status, once", async ({ refusal, request, status, message }) => {
    await using world = await startWorld();
    const created = await world.subscribe();
    const path = `subscriptions/${text(created.body, "id")}`;
    expect((await world.plain("POST", "/_simulator/refusals", { request, refusal })).status).toBe(204);
    expect((await world.graph("GET", "subscriptions")).status).toBe(200);
    const refused = await world.graph("GET", path);
    expect(refused.status).toBe(status);
    expect(errorOf(refused).message).toEqual(message);
    expect((await world.graph("GET", path)).status).toBe(200);
  });

  it("may be any, for any request, several times, and be called off", async () => {
    await using world = await startWorld();
    const refusal = { status: 418, code: "Teapot", message: "No." };
    await world.plain("POST", "/_simulator/refusals", { refusal, times: 3 });
    expect(errorOf(await world.subscribe())).toEqual({ code: "Teapot", message: "No." });
    expect((await world.graph("GET", "subscriptions")).status).toBe(418);
    await world.plain("DELETE", "/_simulator/refusals");
    expect((await world.graph("GET", "subscriptions")).status).toBe(200);
  });

  it.each([
    {},
    { refusal: "unheard-of" },
    { refusal: { status: 200 } },
    { refusal: "throttled", request: "put" },
  ])("is not ordered by %j", async (order) => {
    await using world = await startWorld();
    expect((await world.plain("POST", "/_simulator/refusals", order)).status).toBe(400);
    expect(() => world.simulator.refusals.order({ refusal: "throttled", times: 0 })).toThrow(RangeError);
  });
});
