import { describe, expect, it } from "vitest";

import type { JsonObject } from "../src/http/json.ts";
import { verifies } from "./requirements.ts";
import { ADELE, errorOf, objects, startWorld, text } from "./world.ts";

const GRADY: JsonObject = {
  accountEnabled: true,
  displayName: "Grady Archie",
  mailNickname: "grady",
  passwordProfile: { password: "a long password", forceChangePasswordNextSignIn: false },
  userPrincipalName: "GradyA@contoso.onmicrosoft.com",
};

describe("/users", () => {
  it("creates, finds, changes and deletes a user", async () => {
    await using world = await startWorld();
    const created = await world.graph("POST", "users", GRADY);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ displayName: "Grady Archie", jobTitle: null });
    expect(created.body).not.toHaveProperty("passwordProfile");
    const id = text(created.body, "id");

    expect((await world.graph("PATCH", `users/${id}`, { jobTitle: "Designer" })).status).toBe(204);
    const byName = await world.graph("GET", "users/gradya@contoso.onmicrosoft.com");
    expect(byName.body).toMatchObject({ id, jobTitle: "Designer" });

    expect((await world.graph("DELETE", `users/${id}`)).status).toBe(204);
    const gone = await world.graph("GET", `users/${id}`);
    expect(gone.status).toBe(404);
    expect(errorOf(gone).code).toBe("Request_ResourceNotFound");
    expect((await world.graph("DELETE", `directory/deletedItems/${id}`)).status).toBe(204);
    expect((await world.graph("DELETE", `directory/deletedItems/${id}`)).status).toBe(404);
  });

  it(`${verifies("paging")} lists users page by page, and what is selected of them`, async () => {
    await using world = await startWorld();
    const first = await world.graph("GET", "users?$top=2&$select=id,displayName");
    expect(objects(first.body, "value")[0]).toEqual({ id: ADELE, displayName: "Adele Vance" });
    const second = await world.graph("GET", text(first.body, "@odata.nextLink"));
    expect(objects(second.body, "value").map((user) => user["displayName"])).toEqual(["Megan Bowen"]);
    expect(second.body).not.toHaveProperty("@odata.nextLink");
  });

  it.each([
    { name: "without a required property", body: { ...GRADY, mailNickname: null } },
    { name: "with an unknown property", body: { ...GRADY, shoeSize: "44" } },
    { name: "with a property of the wrong type", body: { ...GRADY, accountEnabled: "yes" } },
    {
      name: "with the name of another",
      body: { ...GRADY, userPrincipalName: "ADELEV@contoso.onmicrosoft.com" },
    },
  ])("refuses a user $name", async ({ body }) => {
    await using world = await startWorld();
    expect((await world.graph("POST", "users", body)).status).toBe(400);
    expect(world.simulator.ledger.changes).toEqual([]);
  });
});

describe("a write that is refused", () => {
  it.each([
    { name: "another's name", body: { userPrincipalName: "AlexW@contoso.onmicrosoft.com" }, status: 400 },
    { name: "an unknown property", body: { shoeSize: "44" }, status: 400 },
    {
      name: "its own name, which is no conflict",
      body: { userPrincipalName: "AdeleV@contoso.onmicrosoft.com" },
      status: 204,
    },
  ])("of $name is answered $status", async ({ body, status }) => {
    await using world = await startWorld();
    expect((await world.graph("PATCH", `users/${ADELE}`, body)).status).toBe(status);
    expect(world.simulator.ledger.changes).toHaveLength(status === 204 ? 1 : 0);
  });

  it("to a user who is not there is answered 404", async () => {
    await using world = await startWorld();
    expect((await world.graph("PATCH", "users/nobody", { jobTitle: "None" })).status).toBe(404);
    expect((await world.graph("DELETE", "users/nobody")).status).toBe(404);
  });
});

describe("notifications of users", () => {
  it(`${verifies("user-changes")} creating, updating and soft-deleting a user is updated; only a permanent delete is deleted`, async () => {
    await using world = await startWorld();
    await world.subscribe({ changeType: "created,updated,deleted" });
    const created = await world.graph("POST", "users", GRADY);
    const id = text(created.body, "id");
    await world.graph("PATCH", `users/${id}`, { jobTitle: "Designer" });
    await world.graph("DELETE", `users/${id}`);
    await world.graph("DELETE", `directory/deletedItems/${id}`);
    await world.simulator.settled();
    expect(world.receiver.notifications.map((item) => item["changeType"])).toEqual([
      "updated",
      "updated",
      "updated",
      "deleted",
    ]);
    expect(world.simulator.ledger.changes.map(({ seq, changeType }) => [seq, changeType])).toEqual([
      [1, "updated"],
      [2, "updated"],
      [3, "updated"],
      [4, "deleted"],
    ]);
  });

  it(`${verifies("notification-shape")} of a user`, async () => {
    await using world = await startWorld();
    const subscription = await world.subscribe();
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    await world.simulator.settled();
    expect(world.receiver.notifications).toEqual([
      {
        id: expect.stringMatching(/^[\w-]{14}$/),
        subscriptionId: text(subscription.body, "id"),
        subscriptionExpirationDateTime: text(subscription.body, "expirationDateTime"),
        clientState: "open sesame",
        changeType: "updated",
        resource: `Users/${ADELE}`,
        tenantId: world.simulator.tenantId,
        resourceData: {
          "@odata.type": "#Microsoft.Graph.User",
          "@odata.id": `Users/${ADELE}`,
          id: ADELE,
          organizationId: world.simulator.tenantId,
          eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/),
          sequenceNumber: 1,
        },
      },
    ]);
  });

  it(`${verifies("notification-shape")} without a client state there is none`, async () => {
    await using world = await startWorld();
    await world.subscribe({ clientState: null });
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    await world.simulator.settled();
    expect(world.receiver.notifications[0]).not.toHaveProperty("clientState");
  });

  it.each([
    `users/${ADELE}`,
    `/Users/${ADELE.toUpperCase()}`,
    "users/AdeleV@contoso.onmicrosoft.com",
    "/users",
  ])("reach a subscription to %s", async (resource) => {
    await using world = await startWorld();
    await world.subscribe({ resource });
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    expect(world.simulator.ledger.notifications).toHaveLength(1);
  });

  it("do not reach a subscription to another user, or to another change type", async () => {
    await using world = await startWorld();
    await world.subscribe({ resource: "users/AlexW@contoso.onmicrosoft.com" });
    await world.subscribe({ changeType: "deleted" });
    const made = world.next("change:made");
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    expect((await made).notifiedCount).toBe(0);
  });
});
