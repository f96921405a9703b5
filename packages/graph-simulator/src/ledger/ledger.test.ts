import { describe, expect, it } from "vitest";

import { Ledger } from "./ledger.ts";
import type { NotificationEntry } from "./ledger-entries.ts";

function owe(ledger: Ledger, id: string): NotificationEntry {
  return ledger.owe({
    id,
    changeSeq: 1,
    subscriptionId: "s",
    tenantId: "t",
    changeType: "updated",
    resource: "Users/1",
    notificationUrl: "http://127.0.0.1/",
    owedAt: 1,
    tampering: null,
  });
}

describe("a ledger", () => {
  it("settles a notification once", () => {
    const ledger = new Ledger();
    expect(owe(ledger, "a")).toMatchObject({ state: "pending", settledAt: null });
    expect(ledger.settle(["a", "unknown"], "delivered", 5)).toMatchObject([{ id: "a", settledAt: 5 }]);
    expect(ledger.settle(["a"], "expired", 6)).toEqual([]);
    expect(ledger.notifications).toMatchObject([{ id: "a", state: "delivered", settledAt: 5 }]);
  });

  it("tells when nothing is pending, and only then", async () => {
    const ledger = new Ledger();
    await ledger.settled();
    owe(ledger, "a");
    owe(ledger, "b");
    const settled = ledger.settled().then(() => "settled");
    ledger.settle(["a"], "delivered", 2);
    expect(await Promise.race([settled, Promise.resolve("pending")])).toBe("pending");
    ledger.settle(["b"], "expired", 3);
    expect(await settled).toBe("settled");
  });

  it("has nothing pending once it is cleared", async () => {
    const ledger = new Ledger();
    owe(ledger, "a");
    const settled = ledger.settled();
    ledger.clear();
    await settled;
    expect(ledger.notifications).toEqual([]);
  });

  it("hands out snapshots", () => {
    const ledger = new Ledger();
    const before = ledger.notifications;
    owe(ledger, "a");
    expect(before).toEqual([]);
  });
});
