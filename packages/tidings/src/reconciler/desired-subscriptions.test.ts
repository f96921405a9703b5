import { beforeEach, describe, expect, it } from "vitest";
import { Life, mortal } from "../../test/support/mortal.ts";
import { ReconcilerBench, TENANT_ID } from "../../test/support/reconciler-bench.ts";
import type { ChangeType } from "../core/change-type.ts";
import { resolveDeclaration, type DeclarationSpec } from "../core/declaration.ts";
import type { Reconciler } from "./reconciler.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** An hour after it was missed, which takes a process 20 to 30 minutes to find out. */
const FORGOTTEN_MS = 100 * MINUTE_MS;
const OTHER_TENANT_ID = "11111111-1111-4111-8111-111111111111";

let bench: ReconcilerBench;

beforeEach(() => {
  bench = new ReconcilerBench();
});

function users(...changeType: ChangeType[]): DeclarationSpec {
  return resolveDeclaration("users", { changeType });
}

function mail(template: string, ...changeType: ChangeType[]): DeclarationSpec {
  return resolveDeclaration(template, { name: "mail", changeType });
}

/** What is alive at Graph: the resource and its change types. */
function alive(): string[] {
  return [...bench.graph.live.values()]
    .map(({ resource, changeTypes }) => `${resource} ${changeTypes.join()}`)
    .toSorted();
}

/** Definitions' change types by whether their wants count: superseded ones do not. */
async function wanted(path: string): Promise<{ counts: string[]; superseded: string[] }> {
  const wants = (await bench.rows()).find((row) => row.path === path)?.wants ?? [];
  const { counts = [], superseded = [] } = Object.groupBy(wants, ({ supersededBy }) =>
    supersededBy === undefined ? "counts" : "superseded",
  );
  return {
    counts: counts.map(({ changeTypes }) => changeTypes.join()),
    superseded: superseded.map(({ changeTypes }) => changeTypes.join()),
  };
}

async function subscribe(reconciler: Reconciler, spec: DeclarationSpec, id: string): Promise<void> {
  const [name = ""] = spec.template.paramNames;
  await reconciler.desired.subscribe({ spec, params: { [name]: id }, tenantId: TENANT_ID });
}

describe("an edited declaration", () => {
  it("does not flap while old and new processes live, however long that takes", async () => {
    const before = bench.begin({ specs: [users("updated")] });
    await before.reconcileOnce();
    const after = bench.begin({ specs: [users("deleted")] });
    await bench.live(5 * HOUR_MS, after, before);
    expect(alive()).toEqual(["users updated,deleted"]);
    expect(bench.graph.calls.filter((call) => call === "create")).toHaveLength(2);
  });

  it("has the changes of both for an hour after the last old process, then its own alone", async () => {
    await bench.begin({ specs: [users("updated")] }).reconcileOnce();
    const after = bench.begin({ specs: [users("deleted")] });
    await bench.live(HOUR_MS, after);
    expect(alive()).toEqual(["users updated,deleted"]);
    await bench.live(FORGOTTEN_MS - HOUR_MS, after);
    expect(alive()).toEqual(["users deleted"]);
    expect(bench.graph.calls.filter((call) => call === "create")).toHaveLength(3);
  });

  it("tells only of what it wants now", async () => {
    await bench.begin({ specs: [users("updated")] }).reconcileOnce();
    await bench.begin({ specs: [users("deleted")] }).reconcileOnce();
    expect(await wanted("users")).toEqual({ counts: ["deleted"], superseded: ["updated"] });
  });

  it("takes what was subscribed to at run time along, to another resource too", async () => {
    const before = mail("users/{userId}/messages", "created");
    const process = bench.begin({ specs: [before] });
    await subscribe(process, before, "1");
    await process.reconcileOnce();
    const after = bench.begin({ specs: [mail("users/{userId}/events", "created")] });
    await after.reconcileOnce();
    expect(alive()).toEqual(["users/1/events created", "users/1/messages created"]);
    expect(await wanted("users/1/messages")).toEqual({ counts: [], superseded: ["created"] });
    await bench.live(FORGOTTEN_MS, after);
    expect(alive()).toEqual(["users/1/events created"]);
  });

  it("that takes other parameters starts without what was subscribed to before", async () => {
    const before = mail("users/{userId}/messages", "created");
    const process = bench.begin({ specs: [before] });
    await subscribe(process, before, "1");
    const after = bench.begin({ specs: [mail("users/{id}/messages", "created")] });
    await bench.live(FORGOTTEN_MS, after);
    expect(await bench.rows()).toEqual([]);
    expect(alive()).toEqual([]);
  });

  it("that is taken back counts again at once, and alone after an hour", async () => {
    await bench.begin({ specs: [users("updated")] }).reconcileOnce();
    await bench.begin({ specs: [users("deleted")] }).reconcileOnce();
    const back = bench.begin({ specs: [users("updated")] });
    await back.reconcileOnce();
    expect(await wanted("users")).toEqual({ counts: ["updated"], superseded: ["deleted"] });
    await bench.live(FORGOTTEN_MS, back);
    expect(alive()).toEqual(["users updated"]);
  });

  it("that is taken back counts again also where the later one took other parameters", async () => {
    const before = mail("users/{userId}/messages", "created");
    const process = bench.begin({ specs: [before] });
    await subscribe(process, before, "1");
    await bench.begin({ specs: [mail("users/{id}/messages", "created")] }).reconcileOnce();
    expect(await wanted("users/1/messages")).toEqual({ counts: [], superseded: ["created"] });
    await bench.begin({ specs: [before] }).reconcileOnce();
    expect(await wanted("users/1/messages")).toEqual({ counts: ["created"], superseded: [] });
  });

  it("leaves nothing behind where its only process died, and is taken up again days later", async () => {
    const [before, after] = [mail("users/{id}/messages", "created"), mail("users/{id}/messages", "updated")];
    const lasting = bench.begin({ specs: [before] });
    await subscribe(lasting, before, "1");
    await bench.begin({ specs: [after] }).reconcileOnce();
    await bench.live(FORGOTTEN_MS, lasting);
    expect(await wanted("users/1/messages")).toEqual({ counts: ["created"], superseded: [] });
    expect(alive()).toEqual(["users/1/messages created"]);
    await bench.begin({ specs: [after] }).reconcileOnce();
    expect(await wanted("users/1/messages")).toEqual({ counts: ["updated"], superseded: ["created"] });
  });

  it("gives what it was asked for at run time to the one that outlives it", async () => {
    const [before, after] = [mail("users/{id}/messages", "created"), mail("users/{id}/messages", "updated")];
    const lasting = bench.begin({ specs: [before] });
    await lasting.reconcileOnce();
    const failed = bench.begin({ specs: [after] });
    await failed.reconcileOnce();
    await subscribe(failed, after, "1");
    await bench.live(FORGOTTEN_MS, lasting);
    expect(alive()).toEqual(["users/1/messages created"]);
  });

  it("is forgotten however early its only process died", async () => {
    for (let awaits = 1; awaits <= 30; awaits += 1) {
      bench = new ReconcilerBench();
      const lasting = bench.begin({ specs: [users("updated")] });
      await lasting.reconcileOnce();
      const store = mortal(bench.store, new Life(awaits));
      void bench.begin({ specs: [users("deleted")], store }).reconcileOnce();
      await bench.live(FORGOTTEN_MS, lasting);
      expect(alive(), `after ${awaits} awaits`).toEqual(["users updated"]);
    }
  });
});

describe("a declaration that is no more", () => {
  it("keeps its subscription while no process lives, and loses it an hour after one has missed it", async () => {
    const groups = resolveDeclaration("groups", { changeType: "updated" });
    await bench.begin({ specs: [users("updated"), groups] }).reconcileOnce();
    await bench.clock.advance(7 * 24 * HOUR_MS);
    const process = bench.begin({ specs: [users("updated")] });
    await bench.live(50 * MINUTE_MS, process);
    expect(alive()).toEqual(["groups updated", "users updated"]);
    await bench.live(20 * MINUTE_MS, process);
    expect(alive()).toEqual(["users updated"]);
    expect((await bench.rows()).map(({ path }) => path)).toEqual(["users"]);
  });

  it("is kept for as long as another process declares it", async () => {
    const groups = resolveDeclaration("groups", { changeType: "updated" });
    const one = bench.begin({ specs: [users("updated")] });
    const other = bench.begin({ specs: [groups] });
    await bench.live(5 * HOUR_MS, one, other);
    expect(alive()).toEqual(["groups updated", "users updated"]);
  });

  it("is given up at once when asked, with the number of what it wanted", async () => {
    const before = mail("users/{id}/messages", "created");
    const gone = bench.begin({ specs: [before] });
    await gone.reconcileOnce();
    for (const id of ["1", "2"]) await subscribe(gone, before, id);
    const process = bench.begin({ specs: [users("updated")] });
    await process.reconcileOnce();
    expect(await process.desired.forget()).toBe(2);
    expect(await process.desired.forget()).toBe(0);
    await process.reconcileOnce();
    expect(alive()).toEqual(["users updated"]);
  });
});

describe("what is subscribed to at run time", () => {
  const spec = mail("users/{id}/messages", "created");

  it("is desired when that resolves, alive soon after, and for good", async () => {
    await subscribe(bench.begin({ specs: [spec] }), spec, "1");
    const process = bench.begin({ specs: [spec] });
    await bench.live(20 * 24 * HOUR_MS, process);
    expect(alive()).toEqual(["users/1/messages created"]);
  });

  it("twice is there once, and ends with one unsubscribing", async () => {
    const process = bench.begin({ specs: [spec] });
    for (const id of ["1", "1"]) await subscribe(process, spec, id);
    await process.reconcileOnce();
    expect(alive()).toEqual(["users/1/messages created"]);
    await process.desired.unsubscribe({ spec, params: { id: "1" }, tenantId: TENANT_ID });
    await process.reconcileOnce();
    expect(alive()).toEqual([]);
    expect(await bench.rows()).toEqual([]);
  });

  it("by two declarations shares one subscription, until both have ended it", async () => {
    const other = resolveDeclaration("users/{id}/messages", { name: "other", changeType: "deleted" });
    const process = bench.begin({ specs: [spec, other] });
    for (const each of [spec, other]) await subscribe(process, each, "1");
    await process.reconcileOnce();
    expect(alive()).toEqual(["users/1/messages created,deleted"]);
    await process.desired.unsubscribe({ spec, params: { id: "1" }, tenantId: TENANT_ID });
    await process.reconcileOnce();
    expect(alive()).toEqual(["users/1/messages deleted"]);
    await process.desired.unsubscribe({ spec: other, params: { id: "1" }, tenantId: TENANT_ID });
    await process.reconcileOnce();
    expect(alive()).toEqual([]);
  });

  it("ends for all definitions of its declaration", async () => {
    const before = bench.begin({ specs: [spec] });
    await subscribe(before, spec, "1");
    const edited = mail("users/{id}/messages", "updated");
    const after = bench.begin({ specs: [edited] });
    await after.reconcileOnce();
    await after.desired.unsubscribe({ spec: edited, params: { id: "1" }, tenantId: TENANT_ID });
    await after.reconcileOnce();
    expect(await bench.rows()).toEqual([]);
  });

  it("is nothing to unsubscribe from when nobody did subscribe", async () => {
    const process = bench.begin({ specs: [spec] });
    await process.desired.unsubscribe({ spec, params: { id: "1" }, tenantId: TENANT_ID });
    expect(await bench.rows()).toEqual([]);
  });
});

describe("tenants", () => {
  it("are the one given, whatever was added", async () => {
    const process = bench.begin({ isOwnGiven: true });
    await process.tenants.add(OTHER_TENANT_ID);
    expect(await process.tenants.meant()).toEqual([TENANT_ID]);
  });

  it("are those added, where none was given", async () => {
    const process = bench.begin({ isOwnGiven: false });
    expect(await process.tenants.meant()).toEqual([TENANT_ID]);
    await process.tenants.add(OTHER_TENANT_ID);
    expect(await process.tenants.meant()).toEqual([OTHER_TENANT_ID]);
    await process.tenants.remove(OTHER_TENANT_ID);
    expect(await process.tenants.meant()).toEqual([TENANT_ID]);
  });

  it("are audited once there is something in them, and no more once they are removed", async () => {
    const process = bench.begin({ isOwnGiven: false });
    for (let times = 0; times < 2; times += 1) {
      await process.tenants.note(OTHER_TENANT_ID);
      expect(await process.tenants.auditedFirst()).toMatchObject({ tenantId: OTHER_TENANT_ID });
      await process.tenants.remove(OTHER_TENANT_ID);
      expect(await process.tenants.auditedFirst()).toBeUndefined();
    }
  });

  it("have what subscribes by itself when they are welcomed, and nothing when they left", async () => {
    const process = bench.begin({ specs: [users("updated"), mail("users/{id}/messages", "created")] });
    await process.reconcileOnce();
    await process.desired.welcome(OTHER_TENANT_ID);
    await process.reconcileOnce();
    expect(alive()).toEqual(["users updated", "users updated"]);
    expect(await process.desired.leave(OTHER_TENANT_ID)).toBe(1);
    await process.reconcileOnce();
    expect((await bench.row()).tenantId).toBe(TENANT_ID);
    expect(alive()).toEqual(["users updated"]);
  });
});

describe("what cannot be made desired yet, for want of a tenant,", () => {
  it("holds up nothing, and is tried again every ten seconds", async () => {
    const spec = mail("users/{id}/messages", "created");
    let isSignedIn = false;
    const process = bench.begin({
      specs: [users("updated"), spec],
      early: [
        { kind: "subscribe", spec, params: { id: "1" }, tenantId: undefined },
        { kind: "subscribe", spec, params: { id: "2" }, tenantId: OTHER_TENANT_ID },
      ],
      async ownTenantId() {
        if (!isSignedIn) throw new Error("nobody is signed in");
        return TENANT_ID;
      },
    });
    const startedAt = bench.clock.now();
    const { nextAt } = await process.reconcileOnce();
    expect(alive()).toEqual(["users/2/messages created"]);
    expect(nextAt).toBe(startedAt + 10_000);
    expect(bench.toldOf("internal:error")).toMatchObject([
      { where: "declaring users" },
      { where: "declaring mail" },
    ]);
    isSignedIn = true;
    await bench.clock.advance(10_000);
    await process.reconcileOnce();
    expect(alive()).toEqual(["users updated", "users/1/messages created", "users/2/messages created"]);
  });

  it("is asked for in the order it was asked", async () => {
    const spec = mail("users/{id}/messages", "created");
    const request = { spec, params: { id: "1" }, tenantId: TENANT_ID };
    const process = bench.begin({
      specs: [spec],
      early: [
        { kind: "subscribe", ...request },
        { kind: "unsubscribe", ...request },
      ],
    });
    await process.reconcileOnce();
    expect(alive()).toEqual([]);
  });
});
