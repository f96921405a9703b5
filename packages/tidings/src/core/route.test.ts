import { describe, expect, it } from "vitest";

import type { ChangeType } from "./change-type.ts";
import type { Notification } from "./notification.ts";
import { recipientsOf, routeOf } from "./route.ts";
import { newSubscriptionRow, type Want } from "./subscription.ts";

function want(declaration: string, ...changeTypes: ChangeType[]): Want {
  return { declaration, definition: declaration, changeTypes, params: {} };
}

function notification(changeType: ChangeType): Notification {
  return {
    kind: "notification",
    changeType,
    id: undefined,
    subscriptionId: "s",
    subscriptionExpiresAt: undefined,
    tenantId: "t",
    clientState: undefined,
    raw: {},
    resource: undefined,
    resourceData: undefined,
  };
}

describe("a route", () => {
  it("is what a row's declarations want", () => {
    const target = { tenantId: "t", path: "users", query: "" };
    const wants = [want("users", "updated")];
    expect(routeOf({ ...newSubscriptionRow("key", target, 0), wants })).toEqual({
      subscriptionKey: "key",
      wants,
    });
  });

  it.each<{ changeType: ChangeType; declarations: string[] }>([
    { changeType: "created", declarations: ["all"] },
    { changeType: "updated", declarations: ["all", "updates", "late"] },
    { changeType: "deleted", declarations: ["all", "late"] },
  ])("leads $changeType to $declarations", ({ changeType, declarations }) => {
    const route = {
      subscriptionKey: "key",
      wants: [
        want("all", "created", "updated", "deleted"),
        want("updates", "updated"),
        want("late", "updated", "deleted"),
      ],
    };
    const recipients = recipientsOf(route, notification(changeType));
    expect(recipients.map(({ declaration }) => declaration)).toEqual(declarations);
  });

  it("leads where a declaration wants it as it is now, whatever it wanted before it was edited", () => {
    const wants = [
      { ...want("users", "created", "updated"), definition: "before", supersededBy: "now" },
      { ...want("users", "updated", "deleted"), definition: "now" },
    ];
    const definitionsFor = (changeType: ChangeType): string[] =>
      recipientsOf({ subscriptionKey: "key", wants }, notification(changeType)).map(
        ({ definition }) => definition,
      );
    expect(definitionsFor("created")).toEqual([]);
    expect(definitionsFor("updated")).toEqual(["now"]);
    expect(definitionsFor("deleted")).toEqual(["now"]);
  });

  it("that nobody wants leads nowhere", () => {
    expect(recipientsOf({ subscriptionKey: "key", wants: [] }, notification("updated"))).toEqual([]);
  });
});
