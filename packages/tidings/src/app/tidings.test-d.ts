import type * as Graph from "@microsoft/microsoft-graph-types";
import { describe, expectTypeOf, it } from "vitest";

import type { Change } from "../core/change.ts";
import type { Declaration } from "./declaration.ts";
import { Tidings } from "./tidings.ts";

// Never run: the compiler alone reads these.
declare const tidings: Tidings;
declare const someResource: string;

describe("params", () => {
  it("are those of the resource, in the handler", () => {
    tidings.on("users/{userId}/messages", (change) => {
      expectTypeOf(change.params).toEqualTypeOf<{ readonly userId: string }>();
      // @ts-expect-error no such parameter
      String(change.params.mailboxId);
    });
    tidings.on("users", { changeType: "updated" }, (change) => {
      expectTypeOf(change.params).toEqualTypeOf<{}>();
    });
    tidings.on(someResource, (change) => {
      expectTypeOf(change.params).toEqualTypeOf<Readonly<Record<string, string>>>();
    });
  });

  it("are those of the resource, when it is subscribed to", async () => {
    const mail = tidings.on("users/{userId}/mailFolders/{folderId}/messages", () => {});
    expectTypeOf(mail).toEqualTypeOf<Declaration<"users/{userId}/mailFolders/{folderId}/messages">>();
    expectTypeOf<Parameters<(typeof mail)["subscribe"]>[0]>().toEqualTypeOf<{
      readonly userId: string;
      readonly folderId: string;
    }>();
    await mail.subscribe({ userId: "1", folderId: "inbox" }, { tenantId: "t" });
    await mail.unsubscribe({ userId: "1", folderId: "inbox" });
    // @ts-expect-error a parameter is missing
    await mail.subscribe({ userId: "1" });
    // @ts-expect-error no such parameter
    await mail.subscribe({ userId: "1", folderId: "inbox", messageId: "2" });
    // @ts-expect-error not a text
    await mail.unsubscribe({ userId: 1, folderId: "inbox" });
    // @ts-expect-error no such option
    await mail.subscribe({ userId: "1", folderId: "inbox" }, { tenant: "t" });
  });
});

describe("data", () => {
  it("is the entity of the resource, of a declaration with resource data", () => {
    const options = { includeResourceData: true, select: ["subject"] } as const;
    tidings.on("users/{userId}/messages", options, ({ data }) => {
      expectTypeOf(data).toEqualTypeOf<Graph.Message | undefined>();
    });
    // @ts-expect-error not yes or no
    tidings.on("users/{userId}/messages", { includeResourceData: "yes" }, () => {});
  });
});

describe("fetch", () => {
  it("gives the entity of the resource, or undefined when it is gone", () => {
    tidings.on("users", async (change) => {
      expectTypeOf(await change.fetch()).toEqualTypeOf<Graph.User | undefined>();
    });
    tidings.on("users/{id}/messages", { changeType: ["created"] }, async (change) => {
      expectTypeOf(await change.fetch()).toEqualTypeOf<Graph.Message | undefined>();
    });
    tidings.on("chats/{id}/messages", async (change) => {
      expectTypeOf(await change.fetch()).toEqualTypeOf<Graph.ChatMessage | undefined>();
    });
    tidings.on("something/new", async (change) => {
      expectTypeOf(await change.fetch()).toBeUnknown();
    });
  });
});

describe("on", () => {
  it("takes options that make sense", () => {
    const options = { name: "people", changeType: ["updated", "deleted"], select: ["id"] } as const;
    expectTypeOf(tidings.on("users", options, () => {})).toEqualTypeOf<Declaration<"users">>();
    // @ts-expect-error no such change type
    tidings.on("users", { changeType: "removed" }, () => {});
    // @ts-expect-error no such option
    tidings.on("users", { changeTypes: ["updated"] }, () => {});
  });

  it("goes without a handler, in an app with an inbox", () => {
    expectTypeOf(tidings.on("users", { changeType: "updated" })).toEqualTypeOf<Declaration<"users">>();
    expectTypeOf(tidings.on("users")).toEqualTypeOf<Declaration<"users">>();
  });

  it("takes a handler written elsewhere", () => {
    const handler = async (change: Change<Graph.Message, { readonly userId: string }>): Promise<void> => {
      await change.fetch();
    };
    const declaration = tidings.on("users/{userId}/messages", handler);
    expectTypeOf(declaration).toEqualTypeOf<Declaration<"users/{userId}/messages">>();
    // @ts-expect-error its parameter is not one of the resource
    tidings.on("users/{id}/messages", handler);
  });

  it("hands the handler a signal", () => {
    tidings.on("users", (_, { signal }) => {
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    });
  });
});

describe("events", () => {
  it("are typed by their names", () => {
    tidings.events.on("subscription:created", (event) => {
      expectTypeOf(event.expiresAt).toEqualTypeOf<number>();
    });
    // @ts-expect-error no such event
    tidings.events.on("subscription:made", () => {});
  });
});

describe("Tidings", () => {
  it("needs a name", () => {
    expectTypeOf(Tidings).toBeConstructibleWith({ name: "a", publicUrl: "https://a.example" });
    // @ts-expect-error the name is missing
    expectTypeOf(Tidings).toBeConstructibleWith({});
  });
});
