import { beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../../test/support/fake-graph.ts";
import { ReconcilerBench, TENANT_ID } from "../../test/support/reconciler-bench.ts";
import { resolveDeclaration, type DeclarationSpec } from "../core/declaration.ts";
import { CredentialError } from "../core/errors.ts";
import type { PlannedSubscription } from "../core/planned-subscription.ts";
import type { NoteKind } from "../core/ports/store.ts";
import type { Reconciler } from "./reconciler.ts";

const USERS = resolveDeclaration("users", { changeType: "updated" });
const ALSO_DELETED = resolveDeclaration("users", { changeType: ["updated", "deleted"] });
const GROUPS = resolveDeclaration("groups", { changeType: "updated" });
const MAIL = resolveDeclaration("users/{userId}/messages", { changeType: "created" });
const OTHER_TENANT = "11111111-6d4d-4958-8b9f-9d6445542f95";

let bench: ReconcilerBench;
beforeEach(() => {
  bench = new ReconcilerBench();
});

function begin(...specs: DeclarationSpec[]): Reconciler {
  return bench.begin({ specs });
}

/** Plans, and proves that nothing came of it. */
async function plan(reconciler: Reconciler, isPruned = false): Promise<PlannedSubscription[]> {
  const before = [await contents(), bench.graph.calls.length, bench.told.length];
  const planned = await Array.fromAsync(reconciler.preview(isPruned));
  expect([await contents(), bench.graph.calls.length, bench.told.length]).toEqual(before);
  return planned;
}

/** All that a store has about subscriptions. */
async function contents(): Promise<string> {
  const kinds: NoteKind[] = ["tenant", "declared", "ceiling", "audit"];
  const notes = await Promise.all(kinds.map(async (kind) => bench.store.listNotes(kind)));
  return JSON.stringify([await bench.rows(), notes]);
}

function inShort(planned: readonly PlannedSubscription[]): string[] {
  return planned.map(({ action, resource, reason }) => `${action} ${resource}: ${reason}`).toSorted();
}

describe("a preview", () => {
  it("of a new app has all it declares to create", async () => {
    const planned = await plan(begin(USERS, GROUPS, MAIL));
    expect(inShort(planned)).toEqual(["create groups: new", "create users: new"]);
    expect(planned[0]).toMatchObject({ tenantId: TENANT_ID, id: undefined, expiresAt: undefined });
  });

  it("says that a store begun anew does not know", async () => {
    const reconciler = bench.begin({ lookFirst: bench.clock.now() });
    expect(inShort(await plan(reconciler))).toEqual(["create users: new; looks at Graph first"]);
  });

  it("has what was subscribed to before the store was open", async () => {
    const early = [
      { kind: "subscribe", spec: MAIL, params: { userId: "u1" }, tenantId: OTHER_TENANT },
    ] as const;
    const planned = await plan(bench.begin({ specs: [MAIL], early }));
    expect(planned).toMatchObject([
      { action: "create", resource: "users/u1/messages", tenantId: OTHER_TENANT },
    ]);
  });

  it("has everything to keep once it is done, whoever asks", async () => {
    const reconciler = begin(USERS, GROUPS);
    await bench.settle(reconciler);
    const kept = ["keep groups: alive", "keep users: alive"];
    expect(inShort(await plan(reconciler))).toEqual(kept);
    expect(inShort(await plan(begin(USERS, GROUPS)))).toEqual(kept);
    expect(inShort(await plan(begin(USERS, GROUPS), true))).toEqual(kept);
  });

  it("replaces what is declared otherwise, and joins what another version wants until that is forgotten", async () => {
    await bench.settle(begin(USERS));
    expect(inShort(await plan(begin(ALSO_DELETED)))).toEqual([
      "replace users: change types: updated -> updated,deleted",
    ]);
    await bench.settle(begin(ALSO_DELETED));
    expect(inShort(await plan(begin(USERS)))).toEqual(["keep users: alive"]);
    expect(inShort(await plan(begin(USERS), true))).toEqual([
      "replace users: change types: updated,deleted -> updated",
    ]);
  });

  it("keeps what is declared no more, unless it is pruned", async () => {
    await bench.settle(begin(USERS, GROUPS));
    const later = begin(USERS);
    expect(inShort(await plan(later))).toEqual([
      "keep groups: not declared here any more; prune removes it",
      "keep users: alive",
    ]);
    expect(await plan(later, true)).toContainEqual(
      expect.objectContaining({
        action: "delete",
        resource: "groups",
        declarations: ["groups"],
        reason: "declared by no process any more",
      }),
    );
  });

  it("says that nobody wants what was unsubscribed from", async () => {
    const reconciler = begin(MAIL);
    const request = { spec: MAIL, params: { userId: "u1" }, tenantId: TENANT_ID };
    await reconciler.desired.subscribe(request);
    await bench.settle(reconciler);
    await reconciler.desired.unsubscribe(request);
    expect(inShort(await plan(reconciler))).toEqual(["delete users/u1/messages: nobody wants it"]);
  });

  it("replaces what another public URL concerns", async () => {
    await bench.settle(begin(USERS));
    const moved = bench.begin({ specs: [USERS], endpoint: "https://new.example/notifications" });
    expect(inShort(await plan(moved))).toEqual(["replace users: public URL changed"]);
  });

  it("renews what is due, and what was asked for", async () => {
    const reconciler = begin(USERS);
    await reconciler.reconcileOnce();
    const row = await bench.row();
    await reconciler.renewNow(row.key);
    expect(inShort(await plan(reconciler))).toEqual(["renew users: asked for"]);
    await reconciler.reconcileOnce();
    await bench.clock.advance(25 * 24 * 3_600_000);
    expect(inShort(await plan(reconciler))[0]).toMatch(
      /^renew users: due for renewal since 2026-01-\d\d \d\d:\d\d:\d\d$/,
    );
  });

  it("says what waits for a person", async () => {
    bench.graph.failNext("create", refusal({ status: 403, graphMessage: "No consent." }));
    const reconciler = begin(USERS);
    await reconciler.reconcileOnce();
    const [planned] = await plan(reconciler);
    expect(planned?.reason).toMatch(
      /^not made yet; parked: consent: Graph refused POST .* 403 .*No consent\./,
    );
    expect(planned?.at).toBeGreaterThan(bench.clock.now());
  });

  it("fails where the tenant is not known, rather than to leave something out", async () => {
    const ownTenantId = async (): Promise<string> => {
      throw new CredentialError("nobody signs in here");
    };
    await expect(plan(bench.begin({ specs: [USERS], ownTenantId }))).rejects.toThrow(CredentialError);
  });

  it("has what an app that runs still owes, and nothing that was undone since it began", async () => {
    const request = { spec: MAIL, params: { userId: "u1" }, tenantId: TENANT_ID };
    const reconciler = bench.begin({ specs: [MAIL], early: [{ kind: "subscribe", ...request }] });
    await reconciler.reconcileOnce();
    await reconciler.desired.unsubscribe(request);
    await reconciler.reconcileOnce();
    expect(await plan(reconciler)).toEqual([]);
  });
});
