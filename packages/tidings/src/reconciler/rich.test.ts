import { beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../../test/support/fake-graph.ts";
import { ReconcilerBench, TENANT_ID } from "../../test/support/reconciler-bench.ts";
import { resolveDeclaration, type DeclarationOptions } from "../core/declaration.ts";
import { KeysUnavailableError } from "../core/errors.ts";
import type { Certificates, EncryptionCertificate } from "../core/ports/certificates.ts";
import type { RemoteSubscription } from "../core/ports/graph-api.ts";
import type { Reconciler } from "./reconciler.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const MAIL = "users/{userId}/messages";
const REQUEST = { params: { userId: "1" }, tenantId: TENANT_ID };
const mail = mailWith({ includeResourceData: true, select: ["subject"] });

function mailWith(options: DeclarationOptions): ReturnType<typeof resolveDeclaration> {
  return resolveDeclaration(MAIL, { name: "mail", changeType: "created", ...options });
}

/** Certificates that change. */
class Shelf implements Certificates {
  ids = ["one"];
  isOut = false;
  notAfter = Date.UTC(2100, 0);

  async current(): Promise<EncryptionCertificate> {
    const [first] = await this.list();
    if (first === undefined) throw new KeysUnavailableError("certificate", "none");
    return first;
  }

  async list(): Promise<readonly EncryptionCertificate[]> {
    if (this.isOut) throw new KeysUnavailableError("certificate", "the vault is closed");
    return this.ids.map((id) => ({ id, certificate: `DER of ${id}`, notAfter: this.notAfter }));
  }
}

let bench: ReconcilerBench;
let certificates: Shelf;

beforeEach(() => {
  bench = new ReconcilerBench();
  certificates = new Shelf();
});

/** A process with mail of one user. */
async function begin(spec = mail): Promise<Reconciler> {
  const reconciler = bench.begin({ specs: [spec], certificates });
  await reconciler.desired.subscribe({ spec, ...REQUEST });
  await reconciler.reconcileOnce();
  return reconciler;
}

function live(): RemoteSubscription[] {
  return [...bench.graph.live.values()];
}

describe("a subscription with resource data", () => {
  it("is made with the first certificate, for a day at most", async () => {
    certificates.ids = ["one", "another"];
    await begin();
    const wanted = bench.graph.asked[0]?.wanted;
    expect(wanted).toMatchObject({
      resource: "users/1/messages?$select=subject",
      certificate: { id: "one", certificate: "DER of one" },
    });
    expect((wanted?.expiresAt ?? 0) - bench.clock.now()).toBe(1_430 * MINUTE_MS);
    expect((await bench.row()).graph).toMatchObject({ certificateId: "one" });
  });

  it("is another than that without, and lives beside it", async () => {
    const basic = { ...mailWith({ select: ["subject"] }), name: "basic" };
    const reconciler = bench.begin({ specs: [mail, basic], certificates });
    for (const spec of [mail, basic]) await reconciler.desired.subscribe({ spec, ...REQUEST });
    await reconciler.reconcileOnce();
    expect(live().map(({ certificateId }) => certificateId)).toEqual(
      expect.arrayContaining(["one", undefined]),
    );
    expect(live()).toHaveLength(2);
  });

  it("is renewed without a certificate while that is the same", async () => {
    await bench.live(3 * DAY_MS, await begin());
    const renewals = bench.graph.asked.flatMap(({ renewal }) => renewal ?? []);
    expect(renewals.length).toBeGreaterThan(3);
    expect(renewals.filter(({ certificate }) => certificate !== undefined)).toEqual([]);
    expect(live()).toHaveLength(1);
  });

  it("is given another certificate at once, by one renewal, and is not made anew", async () => {
    const reconciler = await begin();
    const [before] = live();
    certificates.ids = ["two", "one"];
    await reconciler.reconcileOnce();
    expect(bench.graph.asked.at(-1)).toMatchObject({
      operation: "renew",
      renewal: { certificate: { id: "two", certificate: "DER of two" } },
    });
    expect(live()).toMatchObject([{ id: before?.id, certificateId: "two" }]);
    await reconciler.reconcileOnce();
    expect(bench.graph.calls).toEqual(["create", "renew"]);
  });

  it("is given it also by the process that starts with it", async () => {
    await begin();
    certificates.ids = ["two"];
    await begin();
    expect(live()).toMatchObject([{ certificateId: "two" }]);
  });

  it("of which Graph does not say what it encrypts for is given the present one", async () => {
    const reconciler = await begin();
    const row = await bench.row();
    if (row.graph === null) throw new Error("Expected one to be made");
    const { certificateId: _, ...graph } = row.graph;
    await bench.store.putSubscription({ ...row, graph, nextActionAt: bench.clock.now() });
    await bench.settle(reconciler);
    expect(bench.graph.asked.flatMap(({ renewal }) => renewal?.certificate?.id ?? [])).toEqual(["one"]);
  });

  it("that Graph turns out to encrypt for another certificate is given the present one", async () => {
    const reconciler = await begin();
    bench.graph.tamper(live()[0]?.id ?? "", { certificateId: "of an older store" });
    await bench.live(DAY_MS, reconciler);
    expect(live()).toMatchObject([{ certificateId: "one" }]);
  });

  it("is kept alive without the certificate that Graph refuses, and waits for a person", async () => {
    const reconciler = await begin();
    const [before] = live();
    const refused = refusal({ method: "PATCH", graphMessage: "Certificate validation error: Cannot find" });
    const isNew = ({ certificate }: { certificate?: unknown } = {}): boolean => certificate !== undefined;
    bench.graph.refuseRenewal = (renewal) => (isNew(renewal) ? refused : undefined);
    certificates.ids = ["two", "one"];
    await bench.live(5 * DAY_MS, reconciler);
    expect(live()).toMatchObject([{ id: before?.id, certificateId: "one" }]);
    expect(bench.toldOf("subscription:parked")).toContainEqual(
      expect.objectContaining({ need: "request", error: refused }),
    );
    expect(bench.graph.calls.length).toBeLessThan(80);
  });

  it("waits for a certificate that cannot be had now, and others do not", async () => {
    certificates.isOut = true;
    const users = resolveDeclaration("users", { changeType: "updated" });
    const reconciler = bench.begin({ specs: [mail, users], certificates });
    await reconciler.desired.subscribe({ spec: mail, ...REQUEST });
    await reconciler.reconcileOnce();
    expect(live()).toMatchObject([{ resource: "users" }]);
    expect(bench.toldOf("subscription:failed")).toMatchObject([
      { resource: "users/1/messages?$select=subject", error: { code: "ERR_KEYS_UNAVAILABLE" } },
    ]);
    certificates.isOut = false;
    await bench.settle(reconciler);
    expect(live()).toHaveLength(2);
  });

  it("is renewed while the certificates cannot be had, since that needs none", async () => {
    await begin();
    const [before] = live();
    certificates.isOut = true;
    await bench.live(3 * DAY_MS, bench.begin({ specs: [mail], certificates }));
    expect(live().map(({ id }) => id)).toEqual([before?.id]);
  });

  it("is adopted with what Graph says it encrypts for", async () => {
    bench.graph.failNext("create", "after");
    certificates.ids = ["before"];
    await begin();
    certificates.ids = ["one"];
    await bench.settle(await begin());
    expect(live()).toMatchObject([{ certificateId: "one" }]);
    expect((await bench.row()).graph?.certificateId).toBe("one");
    expect(bench.toldOf("subscription:adopted")).toHaveLength(1);
  });

  it("has a ceiling of its own", async () => {
    const reconciler = await begin();
    bench.graph.maxLifeMs = () => 100 * MINUTE_MS;
    await reconciler.renewNow((await bench.row()).key);
    await reconciler.reconcileOnce();
    const notes = await bench.store.listNotes("ceiling");
    expect(notes).toEqual([{ kind: "ceiling", key: `${TENANT_ID} message rich`, value: String(6_000_000) }]);
  });
});

describe("what was unsubscribed", () => {
  it.each([true, false])(
    "stays so by a step back to before it had resource data, taken over before: %s",
    async (isTakenOver) => {
      const before = mailWith({ select: ["subject"] });
      await begin(before);
      const after = bench.begin({ specs: [mail], certificates });
      if (isTakenOver) await after.reconcileOnce();
      await after.desired.unsubscribe({ spec: mail, ...REQUEST });
      await after.reconcileOnce();
      await bench.settle(bench.begin({ specs: [before], certificates }));
      expect(live()).toEqual([]);
      expect(await bench.rows()).toEqual([]);
    },
  );
});

describe("where Graph takes one subscription only", () => {
  const CHAT = "chats/{chatId}/messages";
  const basic = resolveDeclaration(CHAT, { name: "basic", changeType: "created" });
  const rich = resolveDeclaration(CHAT, { name: "rich", changeType: "updated", includeResourceData: true });
  const chat = { params: { chatId: "1" }, tenantId: TENANT_ID };

  beforeEach(() => {
    bench.graph.isOneOnly = () => true;
  });

  async function run(...specs: (typeof basic)[]): Promise<Reconciler> {
    const reconciler = bench.begin({ specs, certificates });
    for (const spec of specs) await reconciler.desired.subscribe({ spec, ...chat });
    await reconciler.reconcileOnce();
    return reconciler;
  }

  it("one with resource data serves also who does not ask for it", async () => {
    await run(basic, rich);
    expect(live()).toMatchObject([{ changeTypes: ["created", "updated"], certificateId: "one" }]);
    const { wants, isRich } = await bench.row();
    expect(isRich).toBe(true);
    expect(wants.map(({ declaration }) => declaration).toSorted()).toEqual(["basic", "rich"]);
  });

  it.each([
    { name: "one with resource data takes the place of one without", before: [basic], after: [basic, rich] },
    { name: "one without takes the place of one with resource data", before: [basic, rich], after: [basic] },
  ])("$name, after that was deleted", async ({ before, after }) => {
    await run(...before);
    const reconciler = await run(...after);
    await bench.clock.advance(2_000);
    await reconciler.reconcileOnce();
    expect(bench.graph.calls).toEqual(["create", "delete", "create"]);
    expect(live()).toHaveLength(1);
    expect(live()[0]?.certificateId).toBe(after.includes(rich) ? "one" : undefined);
    expect(bench.toldOf("subscription:parked", "subscription:failed")).toEqual([]);
    const [row] = (await bench.rows()).filter(({ graph }) => graph !== null);
    expect(row?.gap).toMatchObject({ reason: "replaced" });
  });

  it("Graph is asked for the one only when the other is gone, however long that takes", async () => {
    bench = new ReconcilerBench({
      async during({ operation }) {
        if (operation === "delete") await bench.clock.sleep(3_000);
      },
    });
    bench.graph.isOneOnly = () => true;
    await run(basic);
    const passing = run(basic, rich);
    for (let seconds = 0; seconds < 20; seconds += 1) await bench.clock.advance(1_000);
    await passing;
    expect(bench.graph.calls).toEqual(["create", "delete", "create"]);
    expect(live()).toMatchObject([{ certificateId: "one" }]);
  });

  it("what was wanted before is wanted again by the version that is stepped back to", async () => {
    await run(basic);
    await bench.live(MINUTE_MS, await run(basic, rich));
    await bench.live(MINUTE_MS, await run(basic));
    expect(live()).toMatchObject([{ changeTypes: ["created"], certificateId: undefined }]);
    await bench.live(2 * HOUR_MS, await run(basic));
    expect(await bench.rows()).toHaveLength(1);
    expect(live()).toHaveLength(1);
  });

  it("none is left behind when the process dies while it gives way", async () => {
    await run(basic);
    bench.graph.failNext("delete", "after");
    await bench.live(30 * MINUTE_MS, await run(basic, rich));
    expect(live()).toMatchObject([{ certificateId: "one" }]);
  });
});

describe("certificates", () => {
  it("are told of while subscriptions refer to one that is not there", async () => {
    await begin();
    certificates.ids = ["two"];
    const reconciler = await begin();
    expect(bench.toldOf("certificate:missing")).toEqual([{ id: "one", subscriptions: 1 }]);
    expect(live()).toMatchObject([{ certificateId: "two" }]);
    await bench.live(3 * DAY_MS, reconciler);
    expect(bench.toldOf("certificate:missing")).toHaveLength(1);
  });

  it("may go four hours after the last subscription left them", async () => {
    const reconciler = await begin();
    certificates.ids = ["two", "one"];
    const former = async (): Promise<unknown> => (await reconciler.keys.look()).certificates[1];
    expect(await former()).toMatchObject({ id: "one", subscriptions: 1, isRemovable: false });
    await reconciler.reconcileOnce();
    const unusedSince = bench.clock.now();
    expect(await former()).toMatchObject({ role: "decrypts", subscriptions: 0, unusedSince });
    await bench.clock.advance(4 * HOUR_MS - 1);
    expect(await former()).toMatchObject({ isRemovable: false });
    await bench.clock.advance(1);
    expect(await former()).toMatchObject({ isRemovable: true, unusedSince });
    const [first] = (await reconciler.keys.look()).certificates;
    expect(first).toMatchObject({ id: "two", role: "encrypts", subscriptions: 1, isRemovable: false });
  });

  it("may not go while nobody can say what a subscription refers to", async () => {
    const reconciler = await begin();
    certificates.ids = ["two", "one"];
    await reconciler.reconcileOnce();
    await reconciler.keys.look();
    const row = await bench.row();
    await bench.store.putSubscription({ ...row, createStartedAt: 1 });
    await bench.clock.advance(5 * HOUR_MS);
    expect((await reconciler.keys.look()).certificates[1]).toMatchObject({ isRemovable: false });
  });

  it.each([
    { days: 31, told: [] },
    { days: 30, told: [false] },
    { days: 0, told: [true] },
  ])("that end in $days days are warned of, once a day: $told", async ({ days, told }) => {
    certificates.notAfter = bench.clock.now() + days * DAY_MS;
    await begin();
    const expiring = bench.toldOf("certificate:expiring");
    expect(expiring).toEqual(
      told.map((isExpired) => ({ id: "one", notAfter: certificates.notAfter, isExpired })),
    );
  });

  it("are warned of again on the next day", async () => {
    certificates.notAfter = bench.clock.now() + 10 * DAY_MS;
    await bench.live(3 * DAY_MS - HOUR_MS, await begin());
    expect(bench.toldOf("certificate:expiring")).toHaveLength(3);
  });
});
