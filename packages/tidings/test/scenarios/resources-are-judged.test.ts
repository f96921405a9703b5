import { describe, expect, it, vi } from "vitest";
import { Tidings } from "../../src/app/tidings.ts";
import { simulatorSettings } from "../../src/cli/dev/simulated-graph.ts";
import type { LogFields, Logger } from "../../src/core/ports/logger.ts";
import { memory } from "../../src/store/memory/memory.ts";
import { createWorld } from "../support/world.ts";

const MINUTE_MS = 60_000;

/** A logger that keeps what it is warned of. */
function createWarnings(): { readonly warned: [string, LogFields | undefined][]; readonly logger: Logger } {
  const warned: [string, LogFields | undefined][] = [];
  const ignore = (): void => {};
  return {
    warned,
    logger: {
      debug: ignore,
      info: ignore,
      warn: (message, fields) => warned.push([message, fields]),
      error: ignore,
    },
  };
}

describe("a declared resource", () => {
  it("is refused at once when Graph would refuse it", () => {
    const tidings = new Tidings({ name: "judged", store: memory() });
    expect(() => tidings.on("users", { changeType: "created" }, () => {})).toThrow(
      new TypeError(
        "Expected `changeType` of `users` to be of updated, deleted, got `created`: Graph tells of a new one as `updated` (https://learn.microsoft.com/graph/api/resources/subscription#properties)",
      ),
    );
    expect(() => tidings.on("me/messages", { lifetimeMs: 11_000 * MINUTE_MS }, () => {})).toThrow(
      /`lifetimeMs` of `me\/messages` to be at most 604200000 \(10070 min\)/,
    );
    expect(tidings.on("users", () => {}).spec.changeTypes).toEqual(["updated", "deleted"]);
  });

  it("is warned of at the start when Graph's answer is not certain, one line for each declaration", async () => {
    await using world = await createWorld();
    const { warned, logger } = createWarnings();
    await using tidings = new Tidings({ name: "judged", store: memory(), logger });
    tidings.on("users", () => {});
    tidings.on("users/{userId}/chats", { changeType: ["created", "deleted"] }, () => {});
    tidings.on("nobody/{knows}", () => {});
    expect(warned).toEqual([]);
    await tidings.start({
      ...simulatorSettings(world.simulator, world.clock),
      publicUrl: "https://tidings.example",
    });
    const doubts = warned.filter(([message]) => message === "not certain of the declared resource");
    expect(doubts.map(([, fields]) => fields)).toEqual([
      {
        declaration: "users/{userId}/chats",
        resource: "users/{userId}/chats",
        doubts:
          "No page says that it tells of deleted; Its page calls it a preview and shows it in beta; the overview does not",
      },
      {
        declaration: "nobody/{knows}",
        resource: "nobody/{knows}",
        doubts: "It is not among the resources that are known to notify",
      },
    ]);
  });

  it("is refused at the start when this version of Graph does not have it, and the app can be started on another", async () => {
    await using world = await createWorld();
    await using tidings = new Tidings({ name: "judged", store: memory(), logger: createWarnings().logger });
    tidings.on("appCatalogs/teamsApps/{appId}/installedToOnlineMeetings/getAllTranscripts", () => {});
    const host = { ...simulatorSettings(world.simulator, world.clock), publicUrl: "https://tidings.example" };
    await expect(tidings.start(host)).rejects.toThrow(
      new TypeError(
        "Expected `cloud.version` to be beta for `appCatalogs/teamsApps/{appId}/installedToOnlineMeetings/getAllTranscripts`, got `v1.0`: Graph has it nowhere else (https://learn.microsoft.com/graph/teams-changenotifications-callrecording-and-calltranscript)",
      ),
    );
    expect(await tidings.health()).toEqual({ state: "declaring" });
    await tidings.start({ ...host, cloud: { ...host.cloud, version: "beta" } });
    expect(await tidings.health()).toMatchObject({ state: "running" });
  });

  it("is subscribed to for the shortest of the lives its declarations ask for", async () => {
    await using world = await createWorld();
    await using app = await world.serve((tidings) => {
      tidings.on("users", { lifetimeMs: 600 * MINUTE_MS, changeType: "updated" }, () => {});
      tidings.on("users", { name: "again", lifetimeMs: 90 * MINUTE_MS, changeType: "updated" }, () => {});
      tidings.on("groups", { changeType: "updated" }, () => {});
    });
    const minutesLeft = async (): Promise<Record<string, number>> => {
      const subscriptions = await app.tidings.subscriptions.list();
      const now = world.clock.now();
      return Object.fromEntries(
        subscriptions.map(({ resource, expiresAt }) => [
          resource,
          Math.round(((expiresAt ?? 0) - now) / MINUTE_MS),
        ]),
      );
    };
    await vi.waitFor(async () => expect(await minutesLeft()).toEqual({ users: 90, groups: 41_750 }));
    // Half of it is over, so it is renewed, for as long again.
    world.jump(60 * MINUTE_MS);
    await vi.waitFor(async () => expect(await minutesLeft()).toEqual({ users: 90, groups: 41_690 }));
  });
});
