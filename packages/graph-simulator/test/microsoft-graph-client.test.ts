import { getCACertificates, setDefaultCACertificates } from "node:tls";

import {
  BatchRequestContent,
  BatchResponseContent,
  Client,
  PageIterator,
  type PageCollection,
} from "@microsoft/microsoft-graph-client";
import { beforeAll, describe, expect, it } from "vitest";

import { isJsonObject, type JsonObject, type JsonValue } from "../src/http/json.ts";
import { makeCertificate, type TestCertificate } from "./certificates.ts";
import { verifies } from "./requirements.ts";
import { ADELE, inMinutes, requestToken, startWorld, text, type World } from "./world.ts";

let certificate: TestCertificate;

beforeAll(async () => {
  certificate = await makeCertificate({ ip: "127.0.0.1" });
  // What `fetch` believes, and so the client.
  setDefaultCACertificates([...getCACertificates("default"), certificate.cert]);
});

/** Microsoft's own client, as an app would set it up for an address of its own: it sends tokens over TLS only. */
async function connect({ simulator }: World): Promise<Client> {
  const { clientId, clientSecret } = simulator;
  const token = await requestToken(simulator, { client_id: clientId, client_secret: clientSecret });
  return Client.init({
    baseUrl: `${simulator.url}/`,
    customHosts: new Set([new URL(simulator.url).hostname]),
    authProvider: (done) => done(null, text(token.body, "access_token")),
  });
}

/** A listing that came from the client, which types nothing. */
function collection(value: unknown): PageCollection & { readonly value: JsonObject[] } {
  const body: JsonValue = JSON.parse(JSON.stringify(value));
  if (!isJsonObject(body) || !Array.isArray(body["value"])) throw new TypeError("Expected a collection");
  return { ...body, value: body["value"].filter(isJsonObject) };
}

async function pages(client: Client, first: unknown): Promise<{ items: unknown[]; iterator: PageIterator }> {
  const items: unknown[] = [];
  const iterator = new PageIterator(client, collection(first), (item) => {
    items.push(item);
    return true;
  });
  await iterator.iterate();
  return { items, iterator };
}

describe(`Microsoft's client`, () => {
  it(`${verifies("create-201")} creates, reads, renews, lists and deletes a subscription`, async () => {
    await using world = await startWorld({ tls: certificate });
    const client = await connect(world);
    const created = await client.api("/subscriptions").post({
      changeType: "updated,deleted",
      notificationUrl: `${world.receiver.url}/notifications`,
      resource: "/users",
      expirationDateTime: inMinutes(world.simulator, 60),
      clientState: "open sesame",
    });
    const one = client.api(`/subscriptions/${created.id}`);
    expect(await one.get()).toMatchObject({ id: created.id, resource: "/users" });
    const expirationDateTime = inMinutes(world.simulator, 600);
    expect(await client.api(`/subscriptions/${created.id}`).patch({ expirationDateTime })).toMatchObject({
      expirationDateTime,
    });
    expect((await client.api("/subscriptions").get()).value).toMatchObject([{ id: created.id }]);

    await client.api(`/users/${ADELE}`).patch({ jobTitle: "Director" });
    await world.simulator.settled();
    expect(world.receiver.notifications).toMatchObject([
      { subscriptionId: created.id, changeType: "updated" },
    ]);

    await client.api(`/subscriptions/${created.id}`).delete();
    await expect(client.api(`/subscriptions/${created.id}`).get()).rejects.toMatchObject({
      statusCode: 404,
      code: "ResourceNotFound",
      message: "The object was not found.",
    });
  });

  it(`${verifies("paging")} follows pages with its PageIterator`, async () => {
    await using world = await startWorld({ tls: certificate });
    const client = await connect(world);
    for (let count = 0; count < 25; count += 1) {
      await client.api(`/users/${ADELE}/mailFolders/inbox/messages`).post({ subject: `message ${count}` });
    }
    const first = await client.api(`/users/${ADELE}/messages`).select(["subject"]).top(4).get();
    const { items, iterator } = await pages(client, first);
    expect(items).toHaveLength(25);
    expect(items[0]).toMatchObject({ subject: "message 24" });
    expect(iterator.isComplete()).toBe(true);
  });

  it(`${verifies("delta-links")} tracks changes with its PageIterator, round by round`, async () => {
    await using world = await startWorld({ tls: certificate, delta: { emptyPageRatio: 0.3 } });
    const client = await connect(world);
    const first = await pages(client, await client.api("/users/delta").select(["displayName"]).get());
    expect(first.items).toHaveLength(3);
    await client.api(`/users/${ADELE}`).patch({ displayName: "Adele V." });
    const link = first.iterator.getDeltaLink();
    if (link === undefined) throw new TypeError("Expected the iterator to end with a delta link");
    const second = await pages(client, await client.api(link).get());
    expect(second.items).toEqual([{ id: ADELE, displayName: "Adele V." }]);
  });

  it(`${verifies("batch-per-item")} sends a batch of its own making, and reads the answers`, async () => {
    await using world = await startWorld({ tls: certificate });
    const client = await connect(world);
    const headers = { "content-type": "application/json" };
    const subscription = {
      changeType: "updated",
      notificationUrl: `${world.receiver.url}/notifications`,
      resource: "/users",
      expirationDateTime: inMinutes(world.simulator, 60),
    };
    // The client takes scheme and host off: what is left is below the API version.
    const request = (path: string, init?: RequestInit): Request => new Request(`https://graph/${path}`, init);
    const patched = request(`users/${ADELE}`, { method: "PATCH", headers, body: '{"jobTitle":"Director"}' });
    const batch = new BatchRequestContent([
      {
        id: "subscribe",
        request: request("subscriptions", { method: "POST", headers, body: JSON.stringify(subscription) }),
      },
      { id: "change", dependsOn: ["subscribe"], request: patched },
      { id: "read", dependsOn: ["change"], request: request(`users/${ADELE}?$select=jobTitle`) },
      { id: "nobody", dependsOn: ["read"], request: request("users/nobody") },
      { id: "never", dependsOn: ["nobody"], request: request("users") },
    ]);
    const answers = new BatchResponseContent(await client.api("/$batch").post(await batch.getContent()));
    const statuses = [...batch.requests.keys()].map((id) => [id, answers.getResponseById(id).status]);
    expect(Object.fromEntries(statuses)).toEqual({
      subscribe: 201,
      change: 204,
      read: 200,
      nobody: 404,
      never: 424,
    });
    expect(await answers.getResponseById("read").json()).toMatchObject({ jobTitle: "Director" });
    await world.simulator.settled();
    expect(world.receiver.notifications).toHaveLength(1);
  });

  it("filters, orders and counts", async () => {
    await using world = await startWorld({ tls: certificate });
    const client = await connect(world);
    const found = await client
      .api("/users")
      .filter("startswith(displayName, 'a')")
      .orderby("displayName desc")
      .count(true)
      .header("ConsistencyLevel", "eventual")
      .get();
    expect(found["@odata.count"]).toBe(2);
    expect(collection(found).value.map((user) => user["displayName"])).toEqual([
      "Alex Wilber",
      "Adele Vance",
    ]);
  });

  it("uploads small content to a drive", async () => {
    await using world = await startWorld({ tls: certificate });
    const client = await connect(world);
    const file = await client
      .api(`/users/${ADELE}/drive/root:/Reports/May report.txt:/content`)
      .put("Sales are up");
    expect(file).toMatchObject({ name: "May report.txt", size: 12 });
  });
});
