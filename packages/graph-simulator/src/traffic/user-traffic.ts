import type { Activity, TrafficKind } from "./traffic-kind.ts";

const TITLES = ["Analyst", "Director", "Engineer", "Manager", "Planner", "Retail Manager", "Technician"];
const OFFICES = ["18/2111", "131/1104", "20/1101", "36/2121", "98/2202", "24/1106"];

const changeTitle: Activity = async ({ tenant, userId, random }) => {
  const jobTitle = `${TITLES[random.below(TITLES.length)]} ${random.below(1_000)}`;
  return (await tenant.request("PATCH", `users/${userId}`, { jobTitle })) !== undefined;
};

const moveOffice: Activity = async ({ tenant, userId, random }) => {
  const officeLocation = `${OFFICES[random.below(OFFICES.length)]}-${random.below(1_000)}`;
  return (await tenant.request("PATCH", `users/${userId}`, { officeLocation })) !== undefined;
};

const join: Activity = async ({ tenant, random, made }) => {
  const name = `newcomer-${random.bytes(6).toString("hex")}`;
  const user = await tenant.request("POST", "users", {
    accountEnabled: true,
    displayName: name,
    mailNickname: name,
    userPrincipalName: `${name}@traffic.example`,
    passwordProfile: { password: "made by traffic" },
  });
  if (typeof user?.["id"] !== "string") return false;
  made.push(user["id"]);
  return true;
};

/** Only who has joined in this traffic leaves: the users there were before stay. */
const leave: Activity = async (workplace) => {
  const { tenant, made } = workplace;
  const id = made.shift();
  if (id === undefined) return join(workplace);
  return (await tenant.request("DELETE", `users/${id}`)) !== undefined;
};

/** Users change now and then; they come and go rarely. */
export const USER_TRAFFIC: TrafficKind = {
  activities: {
    "change title": { weight: 70, run: changeTitle },
    "move office": { weight: 26, run: moveOffice },
    join: { weight: 2, run: join },
    leave: { weight: 2, run: leave },
  },
};
