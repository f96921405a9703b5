import type { Want } from "../../packages/tidings/src/core/subscription.ts";

/** What some of the desired subscriptions are for. */
export interface DesiredKind {
  /** Of a hundred. */
  readonly share: number;
  readonly template: string;
  readonly query: string;
  readonly changeTypes: Want["changeTypes"];
  readonly lifetimeMs: number;
  /** Values of the template's parameters, made of fresh GUIDs. */
  readonly params: Readonly<Record<string, (guid: () => string) => string>>;
}

export const HOUR_MS = 3_600_000;
const DAY_MS: number = 24 * HOUR_MS;

/** As an app that follows mailboxes, calendars and Teams has them, each for as long as Graph grants. */
export const DESIRED_KINDS: readonly DesiredKind[] = [
  {
    share: 50,
    template: "users/{userId}/messages",
    query: "$select=subject,from",
    changeTypes: ["created"],
    lifetimeMs: 7 * DAY_MS,
    params: { userId: (guid) => guid() },
  },
  {
    share: 20,
    template: "users/{userId}/events",
    query: "",
    changeTypes: ["created", "updated", "deleted"],
    lifetimeMs: 7 * DAY_MS,
    params: { userId: (guid) => guid() },
  },
  {
    share: 15,
    template: "chats/{chatId}/messages",
    query: "",
    changeTypes: ["created", "updated"],
    lifetimeMs: 3 * DAY_MS,
    params: { chatId: (guid) => `19:${guid()}_${guid()}@unq.gbl.spaces` },
  },
  {
    share: 8,
    template: "teams/{teamId}/channels/{channelId}/messages",
    query: "",
    changeTypes: ["created", "updated"],
    lifetimeMs: 3 * DAY_MS,
    params: {
      teamId: (guid) => guid(),
      channelId: (guid) => `19:${guid().replaceAll("-", "")}@thread.tacv2`,
    },
  },
  {
    share: 5,
    template: "communications/presences/{userId}",
    query: "",
    changeTypes: ["updated"],
    lifetimeMs: HOUR_MS,
    params: { userId: (guid) => guid() },
  },
  {
    share: 2,
    template: "groups/{groupId}",
    query: "$select=displayName",
    changeTypes: ["updated"],
    lifetimeMs: 29 * DAY_MS,
    params: { groupId: (guid) => guid() },
  },
];
