import { formatInstant } from "../instant.ts";
import { collectionTraffic, making, takingMade } from "./collection-traffic.ts";
import { pickEvenly } from "./skew.ts";
import type { TrafficKind, Turn } from "./traffic-kind.ts";

const SUBJECTS = ["Minutes", "Invoice", "Budget", "Trip report", "Question", "Offer", "Status", "Lunch?"];
const PLACES = ["Room 1", "Room 2", "The canteen", "Adams", "Baker", "On the phone"];
const COMPANIES = ["Contoso", "Fabrikam", "Adatum", "Litware", "Tailspin Toys", "Northwind Traders"];

/** Meetings are within a year of this day: any will do, and the same seed must make the same ones. */
const FIRST_DAY = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const HOURS_OF_A_YEAR = 365 * 24;

const newMessage = ({ random }: Turn) => ({
  subject: `${pickEvenly(SUBJECTS, random)} ${random.below(10_000)}`,
  isRead: false,
  body: { contentType: "text", content: "Made by traffic." },
});

/** A message is made in the inbox, and is the mailbox's from then on. */
const receiving = {
  make: newMessage,
  pathOf: ({ userId }: Turn, id: string) => `users/${userId}/messages/${id}`,
};

const MESSAGES = collectionTraffic({
  ...receiving,
  settle: ({ userId }) => Promise.resolve(`users/${userId}/mailFolders/inbox/messages`),
  change: () => ({ isRead: true }),
  weights: { make: 55, change: 30, remove: 10 },
});

/** Most mail comes in and is read; some of it is filed or deleted. */
export const MESSAGE_TRAFFIC: TrafficKind = {
  ...MESSAGES,
  activities: {
    ...MESSAGES.activities,
    file: {
      weight: 5,
      run: takingMade(making(receiving), async ({ tenant }, path) => {
        const moved = await tenant.request("POST", `${path}/move`, { destinationId: "archive" });
        return moved !== undefined;
      }),
    },
  },
};

const meeting = (random: Turn["random"]) => {
  const startsAt = FIRST_DAY + random.below(HOURS_OF_A_YEAR) * HOUR_MS;
  return {
    start: { dateTime: formatInstant(startsAt), timeZone: "UTC" },
    end: { dateTime: formatInstant(startsAt + HOUR_MS), timeZone: "UTC" },
    location: { displayName: pickEvenly(PLACES, random) ?? "" },
  };
};

/** Meetings are moved nearly as often as they are made. */
export const EVENT_TRAFFIC: TrafficKind = collectionTraffic({
  settle: ({ userId }) => Promise.resolve(`users/${userId}/events`),
  make: ({ random }) => ({ subject: pickEvenly(SUBJECTS, random) ?? "", ...meeting(random) }),
  change: ({ random }) => meeting(random),
  weights: { make: 45, change: 40, remove: 15 },
});

export const CONTACT_TRAFFIC: TrafficKind = collectionTraffic({
  settle: ({ userId }) => Promise.resolve(`users/${userId}/contacts`),
  make: ({ random }) => ({
    givenName: `Somebody ${random.below(10_000)}`,
    companyName: pickEvenly(COMPANIES, random) ?? "",
  }),
  change: ({ random }) => ({ mobilePhone: `+1 425 555 ${String(random.below(10_000)).padStart(4, "0")}` }),
  weights: { make: 40, change: 50, remove: 10 },
});

/** Tasks are in the list every user has from the start. */
export const TODO_TASK_TRAFFIC: TrafficKind = collectionTraffic({
  settle: async ({ tenant, userId }) => {
    const lists = `users/${userId}/todo/lists`;
    const [first] = await tenant.ids(lists);
    return first === undefined ? undefined : `${lists}/${first}/tasks`;
  },
  make: ({ random }) => ({ title: pickEvenly(SUBJECTS, random) ?? "" }),
  change: ({ random }) => ({
    status: pickEvenly(["inProgress", "completed", "waitingOnOthers"], random) ?? "",
  }),
  weights: { make: 40, change: 50, remove: 10 },
});
