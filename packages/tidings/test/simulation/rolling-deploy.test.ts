import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Declaration } from "../../src/app/declaration.ts";
import type { Tidings } from "../../src/app/tidings.ts";
import type { ChangeType } from "../../src/core/change-type.ts";
import { createDemand, targetKey, type Target } from "./demand.ts";
import { SimulatedWorld } from "./simulated-world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

type Declared = ReadonlyMap<string, Declaration>;

/** An app that wants these changes of mail, and of calendars if it still does. */
function app(changeType: readonly ChangeType[], declaresEvents: boolean = true) {
  return (tidings: Tidings): Declared => {
    const declared = new Map<string, Declaration>();
    declared.set(
      "messages",
      tidings.on("users/{id}/messages", { name: "messages", changeType }, () => {}),
    );
    if (declaresEvents)
      declared.set(
        "contacts",
        tidings.on("users/{id}/contacts", { name: "contacts" }, () => {}),
      );
    return declared;
  };
}

const OLD = app(["updated"]);
const NEW = app(["updated", "deleted"]);
const NEW_WITHOUT = app(["updated"], false);

const { targets, population } = createDemand(100, 5);
const mail = targets.filter(({ declaration }) => declaration === "messages");
const contacts = targets.filter(({ declaration }) => declaration === "contacts");

let world: SimulatedWorld<Declared>;

/** How many were made and deleted, of all targets together. */
function replacements(): { readonly created: number; readonly deleted: number } {
  const { created, deleted } = world.counts;
  return { created: created - mail.length - contacts.length, deleted };
}

/** How many live subscriptions each target has, and with which change types. */
function liveOf(wanted: readonly Target[]): string[] {
  const keys = new Set(wanted.map(({ key }) => key));
  return world.graph.subscriptions
    .list()
    .filter(({ tenantId, resource }) => keys.has(targetKey(tenantId, resource)))
    .map(({ changeType }) => changeType);
}

beforeEach(async () => {
  world = await SimulatedWorld.create(1, population, OLD);
  world.fleet.start();
  for (const { key, declaration, params, tenantId } of [...mail, ...contacts]) {
    world.tell({ kind: "wanted", key });
    await world.fleet.ask(async ({ declared }) => declared.get(declaration)?.subscribe(params, { tenantId }));
  }
  await world.live(HOUR_MS);
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

describe("a deploy that wants other changes", () => {
  it("replaces each subscription once when the new process comes beside the old", async () => {
    const [old] = world.fleet.up;
    world.fleet.start(NEW);
    await world.live(30 * MINUTE_MS);
    await old?.stop();
    await world.live(3 * HOUR_MS);
    expect(replacements()).toEqual({ created: mail.length, deleted: mail.length });
    expect(liveOf(mail)).toEqual(mail.map(() => "updated,deleted"));
    expect(world.end()).toEqual([]);
  });

  it("replaces each once, and once again after the rollback", async () => {
    await world.fleet.up[0]?.stop();
    const deployed = world.fleet.start(NEW);
    await world.live(3 * HOUR_MS);
    await deployed.stop();
    world.fleet.start(OLD);
    await world.live(3 * HOUR_MS);
    expect(replacements()).toEqual({ created: 2 * mail.length, deleted: 2 * mail.length });
    expect(liveOf(mail)).toEqual(mail.map(() => "updated"));
    expect(world.end()).toEqual([]);
  });

  it("does not flap while old and new processes take turns", async () => {
    for (let turn = 0; turn < 12; turn += 1) {
      await world.fleet.up[0]?.stop();
      world.fleet.start(turn % 2 === 0 ? NEW : OLD);
      await world.live(10 * MINUTE_MS);
    }
    expect(replacements().created).toBeLessThanOrEqual(mail.length);
    expect(world.end()).toEqual([]);
  });

  it("does not flap while both are there", async () => {
    world.fleet.start(NEW);
    await world.live(12 * HOUR_MS);
    expect(replacements().created).toBeLessThanOrEqual(mail.length);
    expect(world.end()).toEqual([]);
  });
});

describe("a deploy without a declaration", () => {
  it("touches nothing when it is rolled back within the hour", async () => {
    await world.fleet.up[0]?.stop();
    const deployed = world.fleet.start(NEW_WITHOUT);
    await world.live(50 * MINUTE_MS);
    await deployed.stop();
    world.fleet.start(OLD);
    await world.live(3 * HOUR_MS);
    expect(replacements()).toEqual({ created: 0, deleted: 0 });
    expect(world.end()).toEqual([]);
  });

  it("removes what it declared when nobody has declared it for an hour", async () => {
    await world.fleet.up[0]?.stop();
    world.fleet.start(NEW_WITHOUT);
    await world.live(50 * MINUTE_MS);
    expect(liveOf(contacts)).toHaveLength(contacts.length);
    await world.live(3 * HOUR_MS);
    expect(liveOf(contacts)).toEqual([]);
    expect(liveOf(mail)).toHaveLength(mail.length);
  });
});
