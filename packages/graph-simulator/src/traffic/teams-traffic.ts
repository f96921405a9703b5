import type { JsonObject } from "../http/json.ts";
import { collectionTraffic, onMade, remember, takingMade } from "./collection-traffic.ts";
import { newGroup } from "./directory-traffic.ts";
import { pickEvenly } from "./skew.ts";
import type { Activity, TrafficKind, Turn } from "./traffic-kind.ts";

const SENTENCES = [
  "Good morning",
  "On my way",
  "Has anybody seen the plan?",
  "Done",
  "Thanks",
  "Apollo is up",
];
const TOPICS = ["Lunch", "Launch", "Release", "Offsite", "Support"];

/** What users do, and how it shows. */
const STATES = [
  { availability: "Available", activity: "Available" },
  { availability: "Busy", activity: "InACall" },
  { availability: "Busy", activity: "InAConferenceCall" },
  { availability: "Away", activity: "Away" },
  { availability: "DoNotDisturb", activity: "Presenting" },
];

const member = (userId: string): JsonObject => ({
  "@odata.type": "#microsoft.graph.aadUserConversationMember",
  roles: ["owner"],
  "user@odata.bind": `https://graph.microsoft.com/v1.0/users('${userId}')`,
});

const newChat = ({ userId, random }: Turn): JsonObject => ({
  chatType: "group",
  topic: `${pickEvenly(TOPICS, random)} ${random.below(10_000)}`,
  members: [member(userId)],
});

const newMessage = ({ random }: Turn): JsonObject => ({
  body: { contentType: "text", content: `${pickEvenly(SENTENCES, random)} (${random.below(10_000)})` },
});

const chatOf = async (turn: Turn): Promise<string | undefined> => {
  const chat = await turn.tenant.request("POST", "chats", newChat(turn));
  return typeof chat?.["id"] === "string" ? `chats/${chat["id"]}` : undefined;
};

/** A team is made of a group. */
const teamOf = async (turn: Turn): Promise<string | undefined> => {
  const { tenant } = turn;
  const group = await tenant.request("POST", "groups", newGroup(turn));
  if (typeof group?.["id"] !== "string") return undefined;
  const team = await tenant.request("PUT", `groups/${group["id"]}/team`, {});
  return team && `teams/${group["id"]}`;
};

export const CHAT_TRAFFIC: TrafficKind = collectionTraffic({
  settle: () => Promise.resolve("chats"),
  make: newChat,
  change: ({ random }) => ({ topic: `${pickEvenly(TOPICS, random)} ${random.below(10_000)}` }),
  weights: { make: 50, change: 45, remove: 5 },
});

/** Half of the users write in a chat, the others in a channel. */
export const CHAT_MESSAGE_TRAFFIC: TrafficKind = collectionTraffic({
  settle: async (turn) => {
    if (turn.random.below(2) === 0) {
      const chat = await chatOf(turn);
      return chat && `${chat}/messages`;
    }
    const team = await teamOf(turn);
    const [general] = team === undefined ? [] : await turn.tenant.ids(`${team}/channels`);
    return general && `${team}/channels/${general}/messages`;
  },
  make: newMessage,
  change: newMessage,
  remove: (path) => ({ method: "POST", path: `${path}/softDelete` }),
  weights: { make: 85, change: 10, remove: 5 },
});

/** A colleague comes into a chat, and leaves it again. */
const invite: Activity = async (workplace) => {
  const { tenant, userId, colleagueId, home, made } = workplace;
  if (made.length > 0 || colleagueId === userId) return false;
  const invited = await tenant.request("POST", home, member(colleagueId));
  if (typeof invited?.["id"] !== "string") return false;
  remember(workplace, `${home}/${invited["id"]}`);
  return true;
};

const dismiss = takingMade(
  invite,
  async ({ tenant }, path) => (await tenant.request("DELETE", path)) !== undefined,
);

export const CONVERSATION_MEMBER_TRAFFIC: TrafficKind = {
  settle: async (turn) => {
    const chat = await chatOf(turn);
    return chat && `${chat}/members`;
  },
  activities: { "come or go": { weight: 1, run: dismiss } },
};

export const CHANNEL_TRAFFIC: TrafficKind = collectionTraffic({
  settle: async (turn) => {
    const team = await teamOf(turn);
    return team && `${team}/channels`;
  },
  make: ({ random }) => ({ displayName: `${pickEvenly(TOPICS, random)} ${random.below(10_000)}` }),
  change: ({ random }) => ({ description: `Since ${random.below(1_000)} days` }),
  weights: { make: 30, change: 60, remove: 10 },
});

const found: Activity = async (workplace) => {
  const team = await teamOf(workplace);
  if (team === undefined) return false;
  remember(workplace, team);
  return true;
};

const describe = onMade(found, async ({ tenant, random }, path) => {
  const description = `Since ${random.below(1_000)} days`;
  return (await tenant.request("PATCH", path, { description })) !== undefined;
});

/** A team goes with its group. */
const dissolve = takingMade(
  found,
  async ({ tenant }, path) =>
    (await tenant.request("DELETE", path.replace(/^teams/, "groups"))) !== undefined,
);

export const TEAM_TRAFFIC: TrafficKind = {
  settle: () => Promise.resolve("teams"),
  activities: {
    found: { weight: 20, run: found },
    describe: { weight: 75, run: describe },
    dissolve: { weight: 5, run: dissolve },
  },
};

const show: Activity = async ({ tenant, home, random }) => {
  const state = pickEvenly(STATES, random);
  return (await tenant.request("POST", `${home}/setPresence`, { ...state })) !== undefined;
};

export const PRESENCE_TRAFFIC: TrafficKind = {
  settle: ({ userId }) => Promise.resolve(`users/${userId}/presence`),
  activities: { show: { weight: 1, run: show } },
};
