import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { JsonObject } from "../src/http/json.ts";
import type { SimulatorOptions, Tampering } from "../src/index.ts";
import { makeCertificate, type TestCertificate } from "./certificates.ts";
import { startExpressApp, type ExpressApp } from "./express-app.ts";
import { verifies } from "./requirements.ts";
import { ADELE, HOUR_MS, inMinutes, objects, startWorld, text, type World } from "./world.ts";

const CLIENT_STATE = "the secret of the Express app";
const MESSAGES = `users/${ADELE}/messages`;

let certificate: TestCertificate;
let next: TestCertificate;
beforeAll(async () => {
  [certificate, next] = await Promise.all([makeCertificate(), makeCertificate()]);
});

interface Setting extends AsyncDisposable {
  readonly world: World;
  readonly app: ExpressApp;
  readonly subscriptionId: string;
  /** Creates a message; resolves when the app was told. */
  sendMail(subject: string): Promise<void>;
}

/** A simulator, the Express app, and its subscription: to the subjects of Adele's mail, if not said otherwise. */
async function start(
  options: SimulatorOptions = {},
  wish: (world: World) => JsonObject | Promise<JsonObject> = () => ({}),
): Promise<Setting> {
  const world = await startWorld(options);
  const { simulator } = world;
  const app = await startExpressApp({
    clientId: simulator.clientId,
    tenantIds: [simulator.tenantId],
    clientState: CLIENT_STATE,
    keys: new Map([
      ["first", { privateKey: certificate.key, thumbprint: certificate.thumbprint }],
      ["second", { privateKey: next.key, thumbprint: next.thumbprint }],
    ]),
    jwksUri: `${simulator.url}/common/discovery/v2.0/keys`,
    now: () => new Date(simulator.clock.now()),
  });
  const created = await world.subscribe({
    resource: `${MESSAGES}?$select=subject,from`,
    changeType: "created,deleted",
    notificationUrl: `${app.url}/notifications`,
    lifecycleNotificationUrl: `${app.url}/notifications`,
    expirationDateTime: inMinutes(simulator, 24 * 60),
    clientState: CLIENT_STATE,
    includeResourceData: true,
    encryptionCertificate: certificate.der,
    encryptionCertificateId: "first",
    ...(await wish(world)),
  });
  expect(created.status).toBe(201);
  return {
    world,
    app,
    subscriptionId: text(created.body, "id"),
    sendMail: async (subject) => {
      const sent = await world.graph("POST", `users/${ADELE}/mailFolders/inbox/messages`, {
        subject,
        body: { contentType: "text", content: "not selected" },
      });
      expect(sent.status).toBe(201);
      await simulator.settled();
    },
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
}

interface RichKind {
  readonly name: string;
  /** What is there before, and what is subscribed to. */
  readonly subscribe: (world: World) => JsonObject | Promise<JsonObject>;
  /** Makes a change of one entity; answers the path it is read by. */
  readonly change: (world: World) => Promise<string>;
}

async function make(world: World, collection: string, body: JsonObject): Promise<string> {
  return `${collection}/${text((await world.graph("POST", collection, body)).body, "id")}`;
}

async function first(world: World, collection: string): Promise<string> {
  const { body } = await world.graph("GET", collection);
  return `${collection}/${text(objects(body, "value")[0] ?? {}, "id")}`;
}

async function makeTeam(world: World): Promise<string> {
  const displayName = "Apollo";
  const group = { displayName, mailEnabled: false, mailNickname: displayName, securityEnabled: true };
  const [, id] = (await make(world, "groups", group)).split("/");
  await world.graph("PUT", `groups/${id}/team`, {});
  return `teams/${id}`;
}

const MEMBER: JsonObject = {
  "@odata.type": "#microsoft.graph.aadUserConversationMember",
  roles: ["owner"],
  "user@odata.bind": `https://graph.microsoft.com/v1.0/users('${ADELE}')`,
};
const CHAT: JsonObject = { chatType: "group", topic: "Apollo", members: [MEMBER] };
const SAYING: JsonObject = { body: { contentType: "text", content: "Hello" } };
const MEETING: JsonObject = {
  subject: "Hello",
  start: { dateTime: "2026-01-01T10:00:00", timeZone: "UTC" },
  end: { dateTime: "2026-01-01T11:00:00", timeZone: "UTC" },
};

/** Every kind that Graph sends whole and that the simulator has data of. */
const RICH_KINDS: readonly RichKind[] = [
  {
    name: "a message",
    subscribe: () => ({ resource: `${MESSAGES}?$select=subject,isRead` }),
    change: async (world) => `${await make(world, MESSAGES, { subject: "Hello" })}?$select=subject,isRead`,
  },
  {
    name: "an event",
    subscribe: () => ({ resource: `users/${ADELE}/events?$select=subject,start` }),
    change: async (world) => `${await make(world, `users/${ADELE}/events`, MEETING)}?$select=subject,start`,
  },
  {
    name: "a contact",
    subscribe: () => ({ resource: `users/${ADELE}/contacts?$select=displayName` }),
    change: async (world) =>
      `${await make(world, `users/${ADELE}/contacts`, { givenName: "Alex" })}?$select=displayName`,
  },
  {
    name: "a chat",
    subscribe: () => ({ resource: "chats" }),
    change: (world) => make(world, "chats", CHAT),
  },
  {
    name: "a message in a chat",
    subscribe: async (world) => ({ resource: `${await make(world, "chats", CHAT)}/messages` }),
    change: async (world) => make(world, `${await first(world, "chats")}/messages`, SAYING),
  },
  {
    name: "a message in a channel",
    subscribe: async (world) => {
      const channel = await first(world, `${await makeTeam(world)}/channels`);
      return { resource: `${channel}/messages` };
    },
    change: async (world) => {
      const channel = await first(world, `${await first(world, "teams")}/channels`);
      return make(world, `${channel}/messages`, SAYING);
    },
  },
  {
    name: "a member of a chat",
    subscribe: async (world) => {
      const chat = await make(world, "chats", { ...CHAT, members: [] });
      return { resource: `${chat}/members`, changeType: "created" };
    },
    change: async (world) => make(world, `${await first(world, "chats")}/members`, MEMBER),
  },
  {
    name: "a channel",
    subscribe: async (world) => ({ resource: `${await makeTeam(world)}/channels` }),
    change: async (world) =>
      make(world, `${await first(world, "teams")}/channels`, { displayName: "Launch" }),
  },
  { name: "a team", subscribe: () => ({ resource: "teams" }), change: makeTeam },
  {
    name: "a presence",
    subscribe: () => ({ resource: `communications/presences/${ADELE}`, changeType: "updated" }),
    change: async (world) => {
      const path = `users/${ADELE}/presence`;
      await world.graph("POST", `${path}/setPresence`, { availability: "Busy", activity: "InACall" });
      return path;
    },
  },
];

/** What says only how an entity is written, which a GET and resource data do in their own ways. */
function withoutAnnotations(entity: object | undefined): object {
  return Object.fromEntries(Object.entries(entity ?? {}).filter(([name]) => !/^@odata\.(?!etag)/.test(name)));
}

describe("an Express app of nothing but the documentation", () => {
  it.each([1, 2] as const)(
    `${verifies("rich-encryption")} ${verifies("rich-token-publisher")} believes and decrypts what comes with a token of version %i`,
    async (requestedAccessTokenVersion) => {
      const apps = [
        {
          clientId: "c1d9e8b4-7a36-4f52-8e0b-93a6f2d5174c",
          clientSecret: "simulated-secret",
          requestedAccessTokenVersion,
        },
      ];
      await using setting = await start({ apps });
      await setting.sendMail("Hello");
      expect(setting.app.refused).toEqual([]);
      expect(setting.app.accepted).toEqual([
        {
          item: expect.objectContaining({ changeType: "created", subscriptionId: setting.subscriptionId }),
          resource: expect.objectContaining({ "@odata.type": "#Microsoft.Graph.Message", subject: "Hello" }),
        },
      ]);
    },
  );

  it(`${verifies("rich-selected-data")} decrypts what was selected of a message, and of a deleted one what names it`, async () => {
    await using setting = await start();
    const { world, app } = setting;
    await setting.sendMail("Hello");
    const id = String(app.accepted[0]?.resource?.["id"]);
    await world.graph("DELETE", `users/${ADELE}/messages/${id}`);
    await world.simulator.settled();
    const names = ["@odata.type", "@odata.id", "@odata.etag", "id"];
    expect(app.accepted.map(({ item, resource }) => [item.changeType, Object.keys(resource ?? {})])).toEqual([
      ["created", [...names, "subject", "from"]],
      ["deleted", names],
    ]);
  });

  it.each(RICH_KINDS)(
    `${verifies("rich-every-kind")} decrypts $name as a GET answers it`,
    async ({ subscribe, change }) => {
      const options: SimulatorOptions = { throttle: "off" };
      await using setting = await start(options, async (world) => {
        const changeType = "created,updated";
        return {
          changeType,
          expirationDateTime: inMinutes(world.simulator, 60),
          ...(await subscribe(world)),
        };
      });
      const { world, app } = setting;
      const path = await change(world);
      await world.simulator.settled();
      expect(app.refused).toEqual([]);
      const { resource } = app.accepted.at(-1) ?? {};
      expect(withoutAnnotations(resource)).toEqual(withoutAnnotations((await world.graph("GET", path)).body));
    },
  );

  const reasons = {
    "client-state": "client state",
    tenant: "tenant",
    data: "data signature",
    "data-signature": "data signature",
    "data-key": "data signature",
    "foreign-key": "data key",
    "certificate-id": "certificate id",
    "certificate-thumbprint": "thumbprint",
    "content-stripped": "no content",
    "token-signature": "validation token",
    "token-foreign-key": "validation token",
    "token-unknown-key": "validation token",
    "token-unsigned": "validation token",
    "token-audience": "validation token",
    "token-tenant": "validation token",
    "token-issuer": "validation token",
    "token-publisher": "validation token",
    "token-expired": "validation token",
    "token-not-yet-valid": "validation token",
    "tokens-stripped": "validation token",
  } as const satisfies Readonly<Record<Tampering, string>>;

  describe("refuses", () => {
    let setting: Setting;
    beforeAll(async () => {
      setting = await start();
    });
    afterAll(() => setting[Symbol.asyncDispose]());

    it.each(Object.entries(reasons))("%s, for its %s, and answers as always", async (name, reason) => {
      const { world, app } = setting;
      const before = { refused: app.refused.length, accepted: app.accepted.length };
      const answer = await world.plain("POST", "/_simulator/tampering", { what: name });
      expect(answer.status).toBe(204);
      await setting.sendMail("Forged");
      expect(app.refused.slice(before.refused)).toMatchObject([{ reason }]);
      expect(app.accepted).toHaveLength(before.accepted);
      expect(app.statuses.at(-1)).toBe(202);
      expect(world.simulator.ledger.notifications.at(-1)).toMatchObject({ tampering: name });

      await setting.sendMail("Genuine");
      expect(app.accepted.slice(before.accepted)).toMatchObject([{ resource: { subject: "Genuine" } }]);
    });
  });

  it(`${verifies("signing-keys-rotate")} believes tokens of each new key`, async () => {
    await using setting = await start({
      login: { keyRotationMs: HOUR_MS, accessTokenLifetimeS: 24 * 3_600 },
    });
    const { world, app } = setting;
    for (const hour of [1, 2, 3, 4]) {
      await setting.sendMail(`Mail of hour ${hour}`);
      world.simulator.clock.advance(HOUR_MS);
    }
    await world.simulator.settled();
    expect(app.refused).toEqual([]);
    expect(app.accepted.filter(({ resource }) => resource)).toHaveLength(4);
  });

  it(`${verifies("rich-certificate-rotation")} decrypts with the new key after a rotation, and with the old one before`, async () => {
    await using setting = await start();
    const { world, app, subscriptionId } = setting;
    await setting.sendMail("Under the first");
    const rotated = await world.graph("PATCH", `subscriptions/${subscriptionId}`, {
      expirationDateTime: inMinutes(world.simulator, 120),
      encryptionCertificate: next.der,
      encryptionCertificateId: "second",
    });
    expect(rotated.body).toMatchObject({
      encryptionCertificateId: "second",
      encryptionCertificate: next.der,
    });
    await setting.sendMail("Under the second");
    expect(app.refused).toEqual([]);
    expect(
      app.accepted.map(({ item, resource }) => [
        item.encryptedContent?.encryptionCertificateId,
        resource?.["subject"],
      ]),
    ).toEqual([
      ["first", "Under the first"],
      ["second", "Under the second"],
    ]);
  });

  it("is told of its subscription too", async () => {
    await using setting = await start();
    setting.world.simulator.lifecycle.missNotifications(setting.subscriptionId);
    await setting.world.simulator.settled();
    expect(setting.app.accepted).toMatchObject([{ item: { lifecycleEvent: "missed" }, resource: undefined }]);
  });
});
