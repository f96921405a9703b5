import { describe, expect, it } from "vitest";

import { startSimulator } from "../src/index.ts";
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
} from "./world.ts";

const UNKNOWN_GUID = "11111111-2222-4333-8444-555555555555";

describe("creating a subscription", () => {
  it(`${verifies("create-201")} creating a subscription answers 201 and the subscription`, async () => {
    await using world = await startWorld();
    const { simulator, receiver } = world;
    const expirationDateTime = inMinutes(simulator, 60);
    const answer = await world.subscribe({ expirationDateTime });
    const id = text(answer.body, "id");
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(
      `https://subscriptionstore.windows.net/1.0/NA/subscriptions('${id}')`,
    );
    expect(answer.headers.get("request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.body).toEqual({
      "@odata.context": `${simulator.url}/v1.0/$metadata#subscriptions/$entity`,
      id,
      resource: "users",
      applicationId: simulator.clientId,
      changeType: "updated,deleted",
      clientState: "open sesame",
      notificationUrl: `${receiver.url}/notifications`,
      notificationQueryOptions: null,
      lifecycleNotificationUrl: null,
      expirationDateTime: expirationDateTime.replace(".000Z", "Z"),
      creatorId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      includeResourceData: null,
      latestSupportedTlsVersion: "v1_2",
      encryptionCertificate: null,
      encryptionCertificateId: null,
      notificationUrlAppId: null,
    });
    expect(simulator.subscriptions.get(id)).toMatchObject({ expiresAt: Date.parse(expirationDateTime) });
  });

  it("works in beta too", async () => {
    await using world = await startWorld();
    const created = await world.subscribe();
    const path = `${world.simulator.url}/beta/subscriptions/${text(created.body, "id")}`;
    expect((await world.graph("GET", path)).status).toBe(200);
  });

  it.each(["changeType", "notificationUrl", "resource", "expirationDateTime"])(
    `${verifies("create-required")} refuses a subscription without %s`,
    async (property) => {
      await using world = await startWorld();
      const answer = await world.subscribe({ [property]: null });
      expect(answer.status).toBe(400);
      expect(errorOf(answer)).toEqual({
        code: "InvalidRequest",
        message: `${property} is a required property for subscription creation`,
      });
    },
  );

  it(`${verifies("client-state-128")} clientState has at most 128 characters`, async () => {
    await using world = await startWorld();
    expect((await world.subscribe({ clientState: "x".repeat(128) })).status).toBe(201);
    expect((await world.subscribe({ clientState: "x".repeat(129), resource: "groups" })).status).toBe(400);
  });

  it(`${verifies("https-only")} the notification URL must use HTTPS`, async () => {
    await using world = await startWorld();
    const answer = await world.subscribe({ notificationUrl: "http://example.com/notifications" });
    expect(answer.status).toBe(400);
    expect(errorOf(answer).message).toBe("NotificationUrl scheme='http' is not supported.");
    expect(world.simulator.ledger.handshakes).toEqual([]);
  });

  const lifetimes = [
    { resource: `users/${ADELE}/messages`, minutes: 10_070 },
    { resource: "users", minutes: 41_760 },
    { resource: `users/${ADELE}/drive/root`, minutes: 42_300, changeType: "updated" },
    { resource: "security/alerts", minutes: 43_200 },
  ];
  it.each(lifetimes)(
    `${verifies("lifetime-maximum")} grants $resource $minutes minutes and no more`,
    async ({ resource, minutes, changeType = "updated,deleted" }) => {
      await using world = await startWorld();
      const expirationDateTime = inMinutes(world.simulator, minutes + 1);
      const refused = await world.subscribe({ resource, changeType, expirationDateTime });
      expect(refused.status).toBe(400);
      expect(errorOf(refused).message).toBe(
        `Subscription expiration can only be ${minutes} minutes in the future.`,
      );
      const granted = await world.subscribe({
        resource,
        changeType,
        expirationDateTime: inMinutes(world.simulator, minutes),
      });
      expect(granted.status).toBe(201);
    },
  );

  it(`${verifies("lifetime-maximum")} refuses a Teams expiry in Teams' own words`, async () => {
    await using world = await startWorld();
    const answer = await world.subscribe({
      resource: "/teams/getAllMessages",
      expirationDateTime: inMinutes(world.simulator, 4_321),
      lifecycleNotificationUrl: `${world.receiver.url}/lifecycle`,
    });
    expect(answer.status).toBe(400);
    expect(errorOf(answer).code).toBe("ExtensionError");
    expect(errorOf(answer).message).toMatch(
      /^Operation: Create; Exception: \[Status Code: BadRequest; Reason: Expiration time '.*' \('-3\.00:0.*' from now\) is beyond allowed max '3\.00:00:00'\]$/,
    );
  });

  it(`${verifies("lifetime-minimum")} an expiry less than 45 minutes ahead is moved out to 45 minutes`, async () => {
    await using world = await startWorld();
    const before = world.simulator.clock.now();
    const answer = await world.subscribe({ expirationDateTime: inMinutes(world.simulator, 5) });
    expect(answer.status).toBe(201);
    const granted = Date.parse(text(answer.body, "expirationDateTime"));
    expect(granted).toBeGreaterThanOrEqual(before + 45 * MINUTE_MS);
    expect(granted).toBeLessThanOrEqual(world.simulator.clock.now() + 45 * MINUTE_MS);
  });

  it("refuses an expiry in the past, or one that is no date with a zone", async () => {
    await using world = await startWorld();
    const past = await world.subscribe({ expirationDateTime: inMinutes(world.simulator, -1) });
    expect(past.status).toBe(400);
    const zoneless = await world.subscribe({ expirationDateTime: "2030-01-01T00:00:00" });
    expect(zoneless.status).toBe(400);
    expect(errorOf(zoneless).message).toMatch(/^Could not process subscription creation payload/);
  });

  it(`${verifies("lifecycle-url-required")} Teams subscriptions longer than an hour need a lifecycleNotificationUrl`, async () => {
    await using world = await startWorld();
    const resource = "/chats/getAllMessages";
    const refused = await world.subscribe({ resource, expirationDateTime: inMinutes(world.simulator, 61) });
    expect(refused.status).toBe(400);
    expect(errorOf(refused).message).toMatch(/^lifecycleNotificationUrl is a required property/);
    const short = await world.subscribe({ resource, expirationDateTime: inMinutes(world.simulator, 59) });
    expect(short.status).toBe(201);
  });

  it.each(["users/AdeleV@contoso.onmicrosoft.com/drive/root", "sites/root/lists/Books"])(
    `${verifies("change-type-updated-only")} refuses created for %s`,
    async (resource) => {
      await using world = await startWorld();
      await world.graph("POST", "sites/root/lists", { displayName: "Books" });
      expect((await world.subscribe({ resource, changeType: "created,updated" })).status).toBe(400);
      expect((await world.subscribe({ resource, changeType: "updated" })).status).toBe(201);
    },
  );

  it(`${verifies("web-push-refused")} Web Push properties are refused for an ordinary webhook`, async () => {
    await using world = await startWorld();
    const answer = await world.subscribe({ vapidPublicKey: "BLc4xRzKlKORKWlbdgFaBrrPK3ydWAHo4M0gs0i1oEKg" });
    expect(answer.status).toBe(400);
  });

  it("refuses an unknown resource by the segment that is unknown", async () => {
    await using world = await startWorld();
    const answer = await world.subscribe({ resource: "/movies/1" });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toEqual({
      code: "BadRequest",
      message: "Resource not found for the segment 'movies'.",
    });
  });

  it.each([
    { name: "an unknown property", properties: { expires: "soon" }, status: 400 },
    { name: "a property of the wrong type", properties: { clientState: 5 }, status: 400 },
    { name: "an unknown change type", properties: { changeType: "updated,moved" }, status: 400 },
    { name: "TLS 1.3, as the service does", properties: { latestSupportedTlsVersion: "v1_3" }, status: 400 },
    { name: "me, which an app is not", properties: { resource: "me/messages" }, status: 400 },
    { name: "a URL that is none", properties: { notificationUrl: "nowhere" }, status: 400 },
    {
      name: "a mailbox there is not",
      properties: { resource: `users/${UNKNOWN_GUID}/messages` },
      status: 404,
    },
    { name: "resource data of users", properties: { includeResourceData: true }, status: 400 },
    {
      name: "Event Hubs, not modelled",
      properties: { notificationUrl: "EventHub:https://a.servicebus.windows.net/eventhubname/b?tenantId=c" },
      status: 501,
    },
    { name: "$filter of users", properties: { resource: "users?$filter=id eq '1'" }, status: 400 },
    {
      name: "an Event Hubs URL that is none",
      properties: { notificationUrl: "EventHub:https://a.servicebus.windows.net/b" },
      status: 400,
    },
  ])("refuses $name", async ({ properties, status }) => {
    await using world = await startWorld();
    expect((await world.subscribe(properties)).status).toBe(status);
    expect(world.simulator.subscriptions.list()).toEqual([]);
  });

  it(`${verifies("duplicate-409")} a second subscription for the same change type and resource is answered 409`, async () => {
    await using world = await startWorld();
    const first = await world.subscribe({ changeType: "updated,deleted", resource: "users" });
    const second = await world.subscribe({ changeType: "deleted, Updated", resource: "/Users" });
    expect(second.status).toBe(409);
    expect(errorOf(second)).toEqual({
      code: "Conflict",
      message: `Subscription Id ${text(first.body, "id")} already exists for the requested combination`,
    });
    expect((await world.subscribe({ changeType: "updated" })).status).toBe(201);
    expect((await world.subscribe({ notificationUrl: `${world.receiver.url}/other` })).status).toBe(201);
  });

  it(`${verifies("duplicate-409")} refuses one of two that are created at the same time`, async () => {
    await using world = await startWorld();
    const answers = await Promise.all([world.subscribe(), world.subscribe()]);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201, 409]));
  });

  it("allows a duplicate when told to, as users have seen", async () => {
    await using world = await startWorld({ duplicates: "allow" });
    expect((await world.subscribe()).status).toBe(201);
    expect((await world.subscribe()).status).toBe(201);
  });
});

describe("reading subscriptions", () => {
  it(`${verifies("client-state-hidden-in-list")} clientState is null in a list of subscriptions`, async () => {
    await using world = await startWorld();
    const created = await world.subscribe();
    const listed = await world.graph("GET", "subscriptions");
    expect(objects(listed.body, "value")).toEqual([
      expect.objectContaining({ id: text(created.body, "id"), clientState: null }),
    ]);
    const one = await world.graph("GET", `subscriptions/${text(created.body, "id")}`);
    expect(one.body).toEqual(created.body);
  });

  it(`${verifies("paging")} a listing longer than a page has an @odata.nextLink, its last page has none`, async () => {
    await using world = await startWorld({ pageSize: 2 });
    for (const resource of ["users", "groups", "chats", "teams", "security/alerts"]) {
      await world.subscribe({ resource });
    }
    const sizes: number[] = [];
    for (let url: string | undefined = "subscriptions"; url !== undefined;) {
      const page = await world.graph("GET", url);
      sizes.push(objects(page.body, "value").length);
      url = page.body["@odata.nextLink"] === undefined ? undefined : text(page.body, "@odata.nextLink");
    }
    expect(sizes).toEqual([2, 2, 1]);
  });

  it(`${verifies("list-own-only")} an app sees its own subscriptions of the token's tenant`, async () => {
    const tenants = [
      { id: UNKNOWN_GUID, domain: "one.example" },
      { id: "22222222-2222-4333-8444-555555555555", domain: "two.example" },
    ];
    const apps = ["a", "b"].map((letter) => ({
      clientId: `${letter.repeat(8)}-2222-4333-8444-555555555555`,
      clientSecret: letter,
    }));
    await using world = await startWorld({ tenants, apps, users: [] });
    const { simulator } = world;
    const created = await world.subscribe();
    const strangers = [
      { tenant: UNKNOWN_GUID, app: apps[1] },
      { tenant: "two.example", app: apps[0] },
    ];
    for (const { tenant, app } of strangers) {
      const token = await requestToken(
        simulator,
        { client_id: app?.clientId ?? "", client_secret: app?.clientSecret ?? "" },
        tenant,
      );
      const headers = { authorization: `Bearer ${text(token.body, "access_token")}` };
      const url = `${simulator.url}/v1.0/subscriptions`;
      expect((await send("GET", url, undefined, headers)).body["value"]).toEqual([]);
      const one = `${url}/${text(created.body, "id")}`;
      expect((await send("GET", one, undefined, headers)).status).toBe(404);
      expect((await send("DELETE", one, undefined, headers)).status).toBe(404);
    }
    expect(objects((await world.graph("GET", "subscriptions")).body, "value")).toHaveLength(1);
  });
});

describe("updating a subscription", () => {
  it("renews it, and tells of it", async () => {
    await using world = await startWorld();
    const created = await world.subscribe();
    const renewed = world.next("subscription:renewed");
    const expirationDateTime = inMinutes(world.simulator, 120);
    const path = `subscriptions/${text(created.body, "id")}`;
    const answer = await world.graph("PATCH", path, { expirationDateTime });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      ...created.body,
      expirationDateTime: expirationDateTime.replace(".000Z", "Z"),
    });
    expect((await renewed).previous.expiresAt).toBeLessThan((await renewed).subscription.expiresAt);
    world.simulator.clock.advance(90 * MINUTE_MS);
    expect(world.simulator.subscriptions.list()).toHaveLength(1);
  });

  it(`${verifies("lifetime-maximum")} holds for a renewal too`, async () => {
    await using world = await startWorld();
    const created = await world.subscribe();
    const expirationDateTime = inMinutes(world.simulator, 41_761);
    const path = `subscriptions/${text(created.body, "id")}`;
    expect((await world.graph("PATCH", path, { expirationDateTime })).status).toBe(400);
  });

  it(`${verifies("update-needs-one")} an update must contain expirationDateTime or notificationUrl`, async () => {
    await using world = await startWorld();
    const created = await world.subscribe();
    const path = `subscriptions/${text(created.body, "id")}`;
    const answer = await world.graph("PATCH", path, { clientState: "another" });
    expect(answer.status).toBe(400);
    expect(errorOf(answer).message).toBe(
      "Subscription must contain either the 'expirationDateTime' or 'notificationUrl' property and its value.",
    );
  });

  it(`${verifies("update-gone-404")} updating a subscription that is gone is answered 404`, async () => {
    await using world = await startWorld();
    const answer = await world.graph("PATCH", `subscriptions/${UNKNOWN_GUID}`, {
      expirationDateTime: inMinutes(world.simulator, 60),
    });
    expect(answer.status).toBe(404);
    expect(errorOf(answer)).toEqual({ code: "ResourceNotFound", message: "The object was not found." });
  });

  it("proves a new notification URL before it is taken", async () => {
    await using world = await startWorld();
    const { receiver, simulator } = world;
    const created = await world.subscribe();
    const path = `subscriptions/${text(created.body, "id")}`;
    receiver.answerWith(({ target }) => (target.startsWith("/bad") ? { status: 500 } : undefined));
    const refused = await world.graph("PATCH", path, { notificationUrl: `${receiver.url}/bad` });
    expect(refused.status).toBe(400);
    const moved = await world.graph("PATCH", path, { notificationUrl: `${receiver.url}/good` });
    expect(moved.body["notificationUrl"]).toBe(`${receiver.url}/good`);
    expect(simulator.ledger.handshakes.map(({ outcome }) => outcome.kind)).toEqual([
      "proved",
      "wrong-status",
      "proved",
    ]);
  });
});

describe("the end of a subscription", () => {
  it(`${verifies("delete-204")} deleting a subscription answers 204`, async () => {
    await using world = await startWorld();
    const created = await world.subscribe();
    const path = `subscriptions/${text(created.body, "id")}`;
    expect((await world.graph("DELETE", path)).status).toBe(204);
    expect((await world.graph("GET", path)).status).toBe(404);
    expect((await world.graph("DELETE", path)).status).toBe(404);
  });

  it(`${verifies("subscription-expires")} a subscription that is not renewed is gone when its time is over`, async () => {
    await using world = await startWorld();
    const created = await world.subscribe({ expirationDateTime: inMinutes(world.simulator, 50) });
    const expired = world.next("subscription:expired");
    world.simulator.clock.advance(51 * MINUTE_MS);
    expect((await expired).subscription.id).toBe(text(created.body, "id"));
    expect((await world.graph("GET", `subscriptions/${text(created.body, "id")}`)).status).toBe(404);
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Retired" });
    expect(world.simulator.ledger.notifications).toEqual([]);
  });

  it("leaves room for another of the same kind", async () => {
    await using world = await startWorld();
    await world.subscribe({ expirationDateTime: inMinutes(world.simulator, 50) });
    world.simulator.clock.advance(55 * MINUTE_MS);
    expect((await world.subscribe()).status).toBe(201);
  });
});

async function firstIdWith(seed: number): Promise<string> {
  await using world = await startWorld({ seed });
  return text((await world.subscribe()).body, "id");
}

it("ids repeat with the seed", async () => {
  expect(await firstIdWith(7)).toBe(await firstIdWith(7));
  expect(await firstIdWith(7)).not.toBe(await firstIdWith(8));
});

it("options that make no sense are refused at the start", async () => {
  await expect(startSimulator({ pageSize: 0 })).rejects.toThrow(RangeError);
  await expect(startSimulator({ tenants: [] })).rejects.toThrow(TypeError);
  await expect(startSimulator({ deliver: { collectMs: HOUR_MS * -1 } })).rejects.toThrow("deliver.collectMs");
});
