import { collectionTraffic } from "./collection-traffic.ts";
import type { TrafficKind, Turn } from "./traffic-kind.ts";

/** A name nobody else has: two items of a folder cannot have the same. */
const freshName = ({ random }: Turn): string => `Folder ${random.bytes(6).toString("hex")}`;

/** Folders of the user's drive come, are renamed, and go. */
export const DRIVE_ITEM_TRAFFIC: TrafficKind = collectionTraffic({
  settle: ({ userId }) => Promise.resolve(`users/${userId}/drive/root/children`),
  make: (turn) => ({ name: freshName(turn), folder: {} }),
  change: (turn) => ({ name: freshName(turn) }),
  pathOf: ({ userId }, id) => `users/${userId}/drive/items/${id}`,
  weights: { make: 40, change: 50, remove: 10 },
});

/** Everybody has a list of their own on the tenant's site; its items change. */
export const LIST_TRAFFIC: TrafficKind = collectionTraffic({
  settle: async ({ tenant, userId }) => {
    const list = await tenant.request("POST", "sites/root/lists", { displayName: `Log of ${userId}` });
    return typeof list?.["id"] === "string" ? `sites/root/lists/${list["id"]}/items` : undefined;
  },
  make: ({ random }) => ({ fields: { Title: `Entry ${random.below(10_000)}` } }),
  change: ({ random }) => ({ Title: `Entry ${random.below(10_000)}` }),
  changed: "/fields",
  weights: { make: 50, change: 45, remove: 5 },
});
