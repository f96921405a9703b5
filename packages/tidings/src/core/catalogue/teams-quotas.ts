import type { Quota } from "./row.ts";

/** All subscriptions to Teams and Copilot resources count towards this one. */
export const TEAMS_TOGETHER: Quota = { limit: 10_000, per: "tenant, Teams together" };

/** One subscription for each thing the path names, and the ten thousand of all Teams resources. */
export const ONE_PER_TARGET: readonly Quota[] = [{ limit: 1, per: "app and target" }, TEAMS_TOGETHER];

/** The same, and ten of a user who is signed in. */
export const ONE_PER_USER: readonly Quota[] = [...ONE_PER_TARGET, { limit: 10, per: "user" }];
