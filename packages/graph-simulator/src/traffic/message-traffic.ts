import type { Activity, TrafficKind } from "./traffic-kind.ts";

const SUBJECTS = ["Minutes", "Invoice", "Budget", "Trip report", "Question", "Offer", "Status", "Lunch?"];

/** Messages one user's traffic remembers; the older ones stay in the mailbox untouched. */
const MAX_REMEMBERED = 100;

const receive: Activity = async ({ tenant, userId, random, made }) => {
  const message = await tenant.request("POST", `users/${userId}/mailFolders/inbox/messages`, {
    subject: `${SUBJECTS[random.below(SUBJECTS.length)]} ${random.below(10_000)}`,
    isRead: false,
    body: { contentType: "text", content: "Made by traffic." },
  });
  if (typeof message?.["id"] !== "string") return false;
  made.push(message["id"]);
  if (made.length > MAX_REMEMBERED) made.shift();
  return true;
};

const read: Activity = async (workplace) => {
  const { tenant, userId, random, made } = workplace;
  const id = made[random.below(made.length)];
  if (id === undefined) return receive(workplace);
  return (await tenant.request("PATCH", `users/${userId}/messages/${id}`, { isRead: true })) !== undefined;
};

const file: Activity = async (workplace) => {
  const { tenant, userId, made } = workplace;
  const id = made.shift();
  if (id === undefined) return receive(workplace);
  const moved = await tenant.request("POST", `users/${userId}/messages/${id}/move`, {
    destinationId: "archive",
  });
  return moved !== undefined;
};

const discard: Activity = async (workplace) => {
  const { tenant, userId, made } = workplace;
  const id = made.shift();
  if (id === undefined) return receive(workplace);
  return (await tenant.request("DELETE", `users/${userId}/messages/${id}`)) !== undefined;
};

/** Most mail comes in and is read; some of it is filed or deleted. */
export const MESSAGE_TRAFFIC: TrafficKind = {
  activities: {
    receive: { weight: 55, run: receive },
    read: { weight: 30, run: read },
    file: { weight: 5, run: file },
    discard: { weight: 10, run: discard },
  },
};
