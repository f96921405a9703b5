import { beforeEach, describe, expect, it } from "vitest";
import { keyring, ReconcilerBench, SECRET } from "../../test/support/reconciler-bench.ts";
import { verifyClientState } from "../core/client-state.ts";
import { markOfUrl } from "../core/mark.ts";
import { createKeyring } from "../crypto/keyring.ts";

const DAY_MS = 24 * 3_600_000;
const NEW_SECRET = "another-secret-of-at-least-thirty-two-characters";

let bench: ReconcilerBench;

beforeEach(() => {
  bench = new ReconcilerBench();
});

describe("a new first secret", () => {
  const rotated = createKeyring([NEW_SECRET, SECRET]);

  it("leaves what an earlier one signed as it is, for as long as that verifies", async () => {
    await bench.begin().reconcileOnce();
    const before = [...bench.graph.live.keys()];
    await bench.live(40 * DAY_MS, bench.begin({ keyring: rotated }));
    expect(bench.graph.calls).not.toContain("delete");
    expect([...bench.graph.live.keys()]).toEqual(before);
  });

  it("signs what is made from then on", async () => {
    await bench.begin({ keyring: rotated }).reconcileOnce();
    const wanted = bench.graph.asked.find(({ operation }) => operation === "create")?.wanted;
    const { tenantId } = await bench.row();
    expect(markOfUrl(keyring, wanted?.notificationUrl ?? "")).toBeUndefined();
    expect(verifyClientState(rotated, { clientState: wanted?.clientState, tenantId })).toBeDefined();
  });

  it("replaces what was signed with one that is not there any more", async () => {
    await bench.begin().reconcileOnce();
    const [before] = bench.graph.live.keys();
    await bench.settle(bench.begin({ keyring: createKeyring([NEW_SECRET]) }));
    expect(bench.graph.live.size).toBe(1);
    expect([...bench.graph.live.keys()]).not.toContain(before);
  });
});
