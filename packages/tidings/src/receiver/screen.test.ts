import { hash as digest } from "node:crypto";
import { describe, expect, it } from "vitest";

import type { ChangeType } from "../core/change-type.ts";
import { issueClientState } from "../core/client-state.ts";
import { parseItem } from "../core/delivery.ts";
import type { Keyring } from "../core/ports/keyring.ts";
import type { Route } from "../core/route.ts";
import type { Want } from "../core/subscription.ts";
import { screenItem, type ScreenContext, type Verdict } from "./screen.ts";

const TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const OTHER_TENANT = "11111111-1111-4111-8111-111111111111";
const KEY = "AbCdEfGhIjKlMnOpQrStUv";
const RECEIVED_AT = Date.UTC(2026, 0, 1);

function keyringOf(keyId: string): Keyring {
  const mac = (message: string): string => digest("sha256", `${keyId}\0${message}`, "base64url");
  return {
    signingKeyId: keyId,
    sign: mac,
    verify: (id, message, given) => id === keyId && mac(message) === given,
  };
}

const keyring = keyringOf("keyid-01");
const clientState = issueClientState(keyring, { subscriptionKey: KEY, tenantId: TENANT });

function want(declaration: string, changeTypes: ChangeType[], params = {}): Want {
  return { declaration, definition: declaration, changeTypes, params };
}

/** A receiver that knows one subscription, of the key above. */
function contextOf(...wants: Want[]): ScreenContext {
  const routes = new Map<string, Route>([[KEY, { subscriptionKey: KEY, wants }]]);
  return {
    keyring,
    hash: (text) => `hash of ${text}`,
    routes,
    receivedAt: RECEIVED_AT,
    source: "webhook",
    tokensKey: () => "tokens-key",
  };
}

const context = contextOf(want("users", ["updated"]));

/** An authentic item as Graph sends it, but for `properties`. */
function sent(properties: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: "n1",
    subscriptionId: "s1",
    tenantId: TENANT,
    clientState,
    changeType: "updated",
    resource: "Users/1",
    resourceData: { "@odata.etag": "e1", id: "1" },
    ...properties,
  };
}

function screen(properties: Record<string, unknown>, within: ScreenContext = context): Verdict {
  return screenItem(parseItem(sent(properties)), within);
}

function declarationsOf(verdict: Verdict): string[] {
  return verdict.kind === "accepted" ? verdict.items.map(({ declaration }) => declaration) : [];
}

describe("an authentic notification that is wanted", () => {
  it("becomes a row for its declaration, without its client state", () => {
    const within = contextOf(want("users", ["updated"], { userId: "1" }));
    const { clientState: _, ...raw } = sent();
    expect(screen({}, within)).toEqual({
      kind: "accepted",
      items: [
        {
          declaration: "users",
          subscriptionKey: KEY,
          lane: `users ${KEY} users/1`,
          identity: `hash of ${JSON.stringify(["version", KEY, "updated", "users/1", "1", "etag e1"])}`,
          body: { raw, params: { userId: "1" } },
          receivedAt: RECEIVED_AT,
          source: "webhook",
          tokensKey: undefined,
        },
      ],
      heard: { key: KEY, id: "s1", heardAt: RECEIVED_AT, expiresAt: undefined },
    });
    expect(JSON.stringify(screen({}))).not.toContain(clientState);
  });

  it.each([
    ["created", ["all", "news"]],
    ["updated", ["all", "rest"]],
    ["deleted", ["all", "rest"]],
  ])("becomes a row for each declaration that wants it %s: %j", (changeType, declarations) => {
    const within = contextOf(
      want("all", ["created", "updated", "deleted"]),
      want("news", ["created"]),
      want("rest", ["updated", "deleted"]),
    );
    expect(declarationsOf(screen({ changeType }, within))).toEqual(declarations);
  });

  it("has a lane of its own for each declaration, and one identity", () => {
    const verdict = screen(
      {},
      contextOf(want("a", ["updated"], { p: "1" }), want("b", ["updated"], { p: "2" })),
    );
    const items = verdict.kind === "accepted" ? verdict.items : [];
    expect(items.map(({ lane }) => lane)).toEqual([`a ${KEY} users/1`, `b ${KEY} users/1`]);
    expect(items.map(({ body }) => body.params)).toEqual([{ p: "1" }, { p: "2" }]);
    expect(new Set(items.map(({ identity }) => identity)).size).toBe(1);
  });

  it("that says neither what nor which one shares the lane of its subscription, and is never dropped", () => {
    const verdict = screen({ id: null, resource: null, resourceData: null });
    expect(verdict).toMatchObject({ items: [{ lane: `users ${KEY}`, identity: undefined }] });
  });

  it("is believed in any spelling of its tenant", () => {
    expect(screen({ tenantId: TENANT.toUpperCase() }).kind).toBe("accepted");
  });
});

/** https://learn.microsoft.com/graph/api/resources/changenotification#properties */
describe("the expiry that every item carries", () => {
  it.each([
    ["a notification", {}],
    ["a lifecycle notification", { lifecycleEvent: "missed", changeType: undefined }],
  ])("is read from %s", (_, properties) => {
    const verdict = screen({
      ...properties,
      subscriptionId: "s2",
      subscriptionExpirationDateTime: "2019-09-18T00:52:45.9696658+00:00",
    });
    expect(verdict).toMatchObject({
      heard: { key: KEY, id: "s2", heardAt: RECEIVED_AT, expiresAt: Date.UTC(2019, 8, 18, 0, 52, 45, 969) },
    });
  });
});

describe("a notification that is not ours", () => {
  it.each<{ name: string; properties: Record<string, unknown> }>([
    { name: "without a client state", properties: { clientState: undefined } },
    { name: "with an empty client state", properties: { clientState: "" } },
    { name: "with a guessed client state", properties: { clientState: "secretClientValue" } },
    {
      name: "with one MAC for another subscription",
      properties: { clientState: clientState.replace("AbCd", "XbCd") },
    },
    { name: "with a MAC cut short", properties: { clientState: clientState.slice(0, -1) } },
    {
      name: "with the client state of another key",
      properties: {
        clientState: issueClientState(keyringOf("keyid-02"), { subscriptionKey: KEY, tenantId: TENANT }),
      },
    },
    { name: "from another tenant", properties: { tenantId: OTHER_TENANT } },
    { name: "from another organization", properties: { tenantId: undefined, organizationId: OTHER_TENANT } },
    {
      name: "with the client state of another tenant",
      properties: {
        clientState: issueClientState(keyring, { subscriptionKey: KEY, tenantId: OTHER_TENANT }),
      },
    },
    {
      name: "about the subscription, and forged",
      properties: { lifecycleEvent: "subscriptionRemoved", clientState: "guess" },
    },
    {
      name: "about the subscription, from another tenant",
      properties: { lifecycleEvent: "subscriptionRemoved", tenantId: OTHER_TENANT },
    },
  ])("is refused: $name", ({ properties }) => {
    expect(screen(properties)).toEqual({ kind: "refused", reason: "client-state" });
  });

  it.each([
    ["not-an-object", null],
    ["no-subscription-id", {}],
    ["no-change-type", sent({ changeType: undefined })],
  ])("is refused when it cannot be read: %s", (reason, item) => {
    expect(screenItem(parseItem(item), context)).toEqual({ kind: "refused", reason });
  });
});

describe("an authentic notification that nobody wants", () => {
  it.each<{ name: string; properties: Record<string, unknown>; within: ScreenContext }>([
    {
      name: "of a subscription we forgot",
      properties: {},
      within: { ...context, routes: new Map<string, Route>() },
    },
    { name: "of a subscription without declarations", properties: {}, within: contextOf() },
    {
      name: "of a change type that no declaration asked for",
      properties: { changeType: "deleted" },
      within: context,
    },
    {
      name: "about a subscription we forgot",
      properties: { lifecycleEvent: "missed" },
      within: { ...context, routes: new Map<string, Route>() },
    },
  ])("is refused: $name", ({ properties, within }) => {
    expect(screen(properties, within)).toEqual({ kind: "refused", reason: "unwanted" });
  });
});

describe("an authentic lifecycle notification", () => {
  const properties = {
    lifecycleEvent: "reauthorizationRequired",
    changeType: undefined,
    tenantId: undefined,
    organizationId: TENANT,
    resource: "Subscriptions/s1",
  };

  it("becomes one row of the library's own, however many declarations there are", () => {
    const { clientState: _, ...raw } = sent(properties);
    expect(screen(properties, contextOf(want("a", ["updated"]), want("b", ["created"])))).toEqual({
      kind: "accepted",
      items: [
        {
          declaration: "",
          subscriptionKey: KEY,
          lane: ` ${KEY}`,
          identity: undefined,
          body: { raw, params: {} },
          receivedAt: RECEIVED_AT,
          source: "webhook",
        },
      ],
      heard: { key: KEY, id: "s1", heardAt: RECEIVED_AT, expiresAt: undefined },
    });
  });

  it.each(["subscriptionRemoved", "missed", "somethingNew"])(
    "is kept, whatever its event: %s",
    (lifecycleEvent) => {
      expect(screen({ ...properties, lifecycleEvent })).toMatchObject({
        items: [{ declaration: "", body: { raw: { lifecycleEvent } } }],
      });
    },
  );
});

describe("a notification of a subscription with resource data", () => {
  const rich: ScreenContext = {
    ...context,
    routes: new Map([[KEY, { subscriptionKey: KEY, isRich: true, wants: [want("users", ["updated"])] }]]),
  };
  const rowOf = (verdict: Verdict) => (verdict.kind === "accepted" ? verdict.items[0] : undefined);

  it("is to be proved, and names the tokens it came with", () => {
    expect(rowOf(screen({}, rich))).toMatchObject({ body: { isRich: true }, tokensKey: "tokens-key" });
    expect(rowOf(screen({}, { ...rich, tokensKey: () => undefined }))).toMatchObject({
      body: { isRich: true },
      tokensKey: undefined,
    });
  });

  it("is to be proved whatever its subscription says, when it has encrypted content of any kind", () => {
    for (const encryptedContent of [{ data: "" }, {}, "text", 0, false, []]) {
      expect(rowOf(screen({ encryptedContent }))).toMatchObject({
        body: { isRich: true },
        tokensKey: "tokens-key",
      });
    }
    for (const encryptedContent of [null, undefined]) {
      const row = rowOf(screen({ encryptedContent }));
      expect(row?.body).not.toHaveProperty("isRich");
      expect(row?.tokensKey).toBeUndefined();
    }
  });

  it("needs no tokens when it is about the subscription itself", () => {
    const lifecycle = { lifecycleEvent: "missed", changeType: undefined, encryptedContent: null };
    expect(rowOf(screen(lifecycle, rich))).toMatchObject({ tokensKey: undefined });
  });
});
