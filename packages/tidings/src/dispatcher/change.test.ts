import { describe, expect, it } from "vitest";
import { inboxItem, inboxRow, type ItemOptions } from "../../test/support/inbox-items.ts";
import type { Change } from "../core/change.ts";
import type { InboxRow } from "../core/inbox.ts";
import { createChange } from "./change.ts";

const ENTITY = { displayName: "Adele" };

function changeOf(...rows: [InboxRow, ...InboxRow[]]): Change {
  return createChange(rows, undefined, {
    // What is hashed is seen.
    hash: (text) => text,
    graph: { getEntity: async ({ tenantId }, path) => ({ ...ENTITY, tenantId, path }) },
  });
}

function row(seq: number, changes: Partial<InboxRow> = {}, options: ItemOptions = {}): InboxRow {
  return inboxRow(seq, inboxItem("1", `notification-${seq}`, options), changes);
}

const ETAGGED = {
  resourceData: {
    "@odata.type": "#Microsoft.Graph.User",
    "@odata.id": "Users/1",
    id: "1",
    "@odata.etag": 'W/"1"',
  },
};

describe("a change of one notification", () => {
  it("tells what is known", async () => {
    const stored = row(7, { originSeq: 3, failures: 2 }, { raw: ETAGGED });
    const told = changeOf({ ...stored, body: { ...stored.body, params: { userId: "1" } } });
    expect(told).toEqual({
      fetch: expect.any(Function),
      id: "3",
      idempotencyKey: '["users","notification-7"]',
      changeType: "updated",
      resource: "Users/1",
      resourceKey: "users/1",
      resourceType: "#Microsoft.Graph.User",
      params: { userId: "1" },
      tenantId: stored.body.raw["tenantId"],
      subscriptionId: stored.body.raw["subscriptionId"],
      subscriptionKey: "subscription-key",
      etag: 'W/"1"',
      raw: stored.body.raw,
      receivedAt: stored.receivedAt,
      source: "webhook",
      attempt: 3,
      redriven: false,
      mergedCount: 1,
      changeTypes: ["updated"],
    });
    await expect(told.fetch()).resolves.toEqual({ ...ENTITY, tenantId: told.tenantId, path: "users/1" });
  });

  it("tells what is not known", async () => {
    const raw = { resource: undefined, resourceData: { "@odata.type": 7 } };
    const change = changeOf(row(1, {}, { raw: JSON.parse(JSON.stringify(raw)) }));
    expect(change).toMatchObject({ resourceType: undefined, etag: undefined });
  });

  it("fetches nothing when it names nothing", async () => {
    const item = inboxItem("1", "a");
    const { resource, ...raw } = item.body.raw;
    expect(resource).toBeDefined();
    const change = changeOf(inboxRow(1, { ...item, body: { raw, params: {} } }));
    expect(change).toMatchObject({ resource: undefined, resourceKey: undefined });
    await expect(change.fetch()).resolves.toBeUndefined();
  });

  it("never hands on a client state", () => {
    const change = changeOf(row(1, {}, { raw: { clientState: "secret" } }));
    expect(JSON.stringify(change)).not.toContain("secret");
  });

  it.each<{ name: string; body: InboxRow["body"] }>([
    { name: "nothing", body: { raw: {}, params: {} } },
    {
      name: "a lifecycle notification",
      body: { raw: { ...inboxItem("1", "a").body.raw, lifecycleEvent: "missed" }, params: {} },
    },
  ])("cannot be made of a row that holds $name", ({ body }) => {
    expect(() => changeOf({ ...row(5), body })).toThrow("Inbox row 5 holds no notification");
  });
});

describe("a change of several notifications", () => {
  it("is the newest, with the change types of all, at the attempt of the one tried most", () => {
    const rows: [InboxRow, ...InboxRow[]] = [
      row(1, { failures: 3 }, { raw: { changeType: "deleted" } }),
      row(2, { failures: 1 }, { raw: { changeType: "updated" } }),
      row(3, {}, { raw: { changeType: "deleted" } }),
    ];
    const change = changeOf(...rows);
    expect(change).toMatchObject({ id: "3", mergedCount: 3, attempt: 4, changeType: "deleted" });
    expect(new Set(change.changeTypes)).toEqual(new Set(["updated", "deleted"]));
    expect(change.changeTypes).toHaveLength(2);
  });
});

describe("an idempotency key", () => {
  it.each<{ name: string; stored: InboxRow; key: unknown[] }>([
    { name: "is the identity", stored: row(7, {}, { identity: "i" }), key: ["users", "i"] },
    {
      name: "is the number and time of acceptance when there is no identity",
      stored: row(7, { originSeq: 3 }, { identity: undefined, receivedAt: 9 }),
      key: ["users", 3, 9],
    },
    {
      name: "stays when a dead letter is redriven",
      stored: row(7, { originSeq: 3, comeback: "redrive" }, { identity: "i" }),
      key: ["users", "i"],
    },
    {
      name: "has the run of a replay",
      stored: row(7, { originSeq: 3, comeback: "run-1" }, { identity: "i" }),
      key: ["users", "i", "run-1"],
    },
    {
      name: "has the run of a replay of what has no identity",
      stored: row(7, { originSeq: 3, comeback: "run-1" }, { identity: undefined, receivedAt: 9 }),
      key: ["users", 3, 9, "run-1"],
    },
    {
      name: "differs by declaration",
      stored: row(7, {}, { identity: "i", declaration: "audit" }),
      key: ["audit", "i"],
    },
  ])("$name", ({ stored, key }) => {
    expect(changeOf(stored).idempotencyKey).toBe(JSON.stringify(key));
  });

  it.each(["redrive", "run-1"])("says that it came back by %s", (comeback) => {
    expect(changeOf(row(1, { comeback })).redriven).toBe(true);
  });
});
