import { collectionTraffic, making, takingMade, type Body } from "./collection-traffic.ts";
import { pickEvenly } from "./skew.ts";
import type { Activity, TrafficKind } from "./traffic-kind.ts";

const TITLES = ["Analyst", "Director", "Engineer", "Manager", "Planner", "Retail Manager", "Technician"];
const OFFICES = ["18/2111", "131/1104", "20/1101", "36/2121", "98/2202", "24/1106"];
const TEAMS = ["Sales", "Operations", "Legal", "Research", "Finance", "Apollo"];

const changeTitle: Activity = async ({ tenant, userId, random }) => {
  const jobTitle = `${pickEvenly(TITLES, random)} ${random.below(1_000)}`;
  return (await tenant.request("PATCH", `users/${userId}`, { jobTitle })) !== undefined;
};

const moveOffice: Activity = async ({ tenant, userId, random }) => {
  const officeLocation = `${pickEvenly(OFFICES, random)}-${random.below(1_000)}`;
  return (await tenant.request("PATCH", `users/${userId}`, { officeLocation })) !== undefined;
};

const join = making({
  make: ({ random }) => {
    const name = `newcomer-${random.bytes(6).toString("hex")}`;
    return {
      accountEnabled: true,
      displayName: name,
      mailNickname: name,
      userPrincipalName: `${name}@traffic.example`,
      passwordProfile: { password: "made by traffic" },
    };
  },
});

/** Only who has joined in this traffic leaves: the users there were before stay. */
const leave = takingMade(
  join,
  async ({ tenant }, path) => (await tenant.request("DELETE", path)) !== undefined,
);

/** Users change now and then; they come and go rarely. */
export const USER_TRAFFIC: TrafficKind = {
  settle: () => Promise.resolve("users"),
  activities: {
    "change title": { weight: 70, run: changeTitle },
    "move office": { weight: 26, run: moveOffice },
    join: { weight: 2, run: join },
    leave: { weight: 2, run: leave },
  },
};

/** A group with its first member. */
export const newGroup: Body = ({ userId, random }) => {
  const displayName = `${pickEvenly(TEAMS, random)} ${random.below(10_000)}`;
  return {
    displayName,
    mailEnabled: false,
    mailNickname: displayName.replaceAll(" ", ""),
    securityEnabled: true,
    "members@odata.bind": [`https://graph.microsoft.com/v1.0/users/${userId}`],
  };
};

export const GROUP_TRAFFIC: TrafficKind = collectionTraffic({
  settle: () => Promise.resolve("groups"),
  make: newGroup,
  change: ({ random }) => ({ description: `Room ${random.below(1_000)}` }),
  weights: { make: 15, change: 80, remove: 5 },
});
