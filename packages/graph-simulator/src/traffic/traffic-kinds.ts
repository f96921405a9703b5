import { MESSAGE_TRAFFIC } from "./message-traffic.ts";
import type { TrafficKind } from "./traffic-kind.ts";
import { USER_TRAFFIC } from "./user-traffic.ts";

/** Everything traffic knows to change, by Graph's name of it. */
export const TRAFFIC_KIND_NAMES = ["message", "user"] as const;

export type TrafficKindName = (typeof TRAFFIC_KIND_NAMES)[number];

/** A kind is added here, in the names above and in the default mix; nothing else knows which there are. */
export const TRAFFIC_KINDS: Readonly<Record<TrafficKindName, TrafficKind>> = {
  message: MESSAGE_TRAFFIC,
  user: USER_TRAFFIC,
};

/** How often each kind compared with the others. A kind that is not there does not change. */
export type TrafficMix = Readonly<Partial<Record<TrafficKindName, number>>>;

/** Much mail, and now and then a change in the directory. */
export const DEFAULT_MIX: TrafficMix = { message: 90, user: 10 };
