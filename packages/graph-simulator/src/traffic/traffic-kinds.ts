import { GROUP_TRAFFIC, USER_TRAFFIC } from "./directory-traffic.ts";
import { DRIVE_ITEM_TRAFFIC, LIST_TRAFFIC } from "./files-traffic.ts";
import { CONTACT_TRAFFIC, EVENT_TRAFFIC, MESSAGE_TRAFFIC, TODO_TASK_TRAFFIC } from "./outlook-traffic.ts";
import {
  CHANNEL_TRAFFIC,
  CHAT_MESSAGE_TRAFFIC,
  CHAT_TRAFFIC,
  CONVERSATION_MEMBER_TRAFFIC,
  PRESENCE_TRAFFIC,
  TEAM_TRAFFIC,
} from "./teams-traffic.ts";
import type { TrafficKind } from "./traffic-kind.ts";

/** Everything traffic knows to change, by Graph's name of what can be subscribed to. */
export const TRAFFIC_KIND_NAMES = [
  "message",
  "event",
  "contact",
  "todoTask",
  "user",
  "group",
  "driveItem",
  "list",
  "chat",
  "chatMessage",
  "conversationMember",
  "team",
  "channel",
  "presence",
] as const;

export type TrafficKindName = (typeof TRAFFIC_KIND_NAMES)[number];

interface Row {
  readonly kind: TrafficKind;
  /** How often it changes compared with the others, when nobody says: much mail and talk, and now and then the rest. */
  readonly weight: number;
}

/** A kind is added here and in the names above; nothing else knows which there are. */
export const TRAFFIC_KINDS: Readonly<Record<TrafficKindName, Row>> = {
  message: { kind: MESSAGE_TRAFFIC, weight: 50 },
  event: { kind: EVENT_TRAFFIC, weight: 8 },
  contact: { kind: CONTACT_TRAFFIC, weight: 1 },
  todoTask: { kind: TODO_TASK_TRAFFIC, weight: 2 },
  user: { kind: USER_TRAFFIC, weight: 3 },
  group: { kind: GROUP_TRAFFIC, weight: 1 },
  driveItem: { kind: DRIVE_ITEM_TRAFFIC, weight: 6 },
  list: { kind: LIST_TRAFFIC, weight: 2 },
  chat: { kind: CHAT_TRAFFIC, weight: 1 },
  chatMessage: { kind: CHAT_MESSAGE_TRAFFIC, weight: 18 },
  conversationMember: { kind: CONVERSATION_MEMBER_TRAFFIC, weight: 1 },
  team: { kind: TEAM_TRAFFIC, weight: 0.5 },
  channel: { kind: CHANNEL_TRAFFIC, weight: 0.5 },
  presence: { kind: PRESENCE_TRAFFIC, weight: 6 },
};

/** How often each kind compared with the others. A kind that is not there does not change. */
export type TrafficMix = Readonly<Partial<Record<TrafficKindName, number>>>;
