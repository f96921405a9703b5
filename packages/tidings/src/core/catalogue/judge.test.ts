import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { CHANGE_TYPES } from "../change-type.ts";
import { GLOBAL_CLOUD, type Cloud } from "../cloud.ts";
import { CATALOGUE } from "./catalogue.ts";
import { judge, type SubscriptionAsk } from "./judge.ts";
import type { CatalogueRow } from "./row.ts";

const BETA: Cloud = { ...GLOBAL_CLOUD, version: "beta" };
const CHINA: Cloud = { ...GLOBAL_CLOUD, graphRoot: "https://microsoftgraph.chinacloudapi.cn" };
const MINUTE = 60_000;

function ask(path: string, more: Partial<SubscriptionAsk> = {}): SubscriptionAsk {
  return { path, query: "", changeTypes: ["updated"], ...more };
}

const PROPERTIES = "https://learn.microsoft.com/graph/api/resources/subscription#properties";
const LIFETIME = "https://learn.microsoft.com/graph/change-notifications-overview#subscription-lifetime";
const OUTLOOK = "https://learn.microsoft.com/graph/outlook-change-notifications-overview";
const EMERGENCY = "https://learn.microsoft.com/graph/changenotifications-for-emergencycalls";
const PRESENCE = "https://learn.microsoft.com/graph/changenotifications-for-presence";
const INTERACTIONS = "https://learn.microsoft.com/graph/aiinteraction-changenotifications-overview";
const RECORDS = "https://learn.microsoft.com/graph/changenotifications-for-callrecords";

const IDS = Array.from({ length: 651 }, (_, index) => `'${index}'`).join(",");

describe("what Graph would refuse", () => {
  it.each<{ ask: SubscriptionAsk; says: string }>([
    {
      ask: ask("users", { changeTypes: ["created", "updated"] }),
      says: `Expected \`changeType\` of \`users\` to be of updated, deleted, got \`created\`: Graph tells of a new one as \`updated\` (${PROPERTIES})`,
    },
    {
      ask: ask("drives/{id}/root", { changeTypes: ["deleted"] }),
      says: `Expected \`changeType\` of \`drives/{id}/root\` to be of updated, got \`deleted\`: Graph never tells of it (${PROPERTIES})`,
    },
    {
      ask: ask("chats/{id}/members", { changeTypes: ["updated"] }),
      says: "Expected `changeType` of `chats/{id}/members` to be of created, deleted, got `updated`: Graph never tells of it (https://learn.microsoft.com/graph/teams-changenotifications-chatmembership)",
    },
    {
      ask: ask("users", { lifetimeMs: 41_760 * MINUTE + 1 }),
      says: `Expected \`lifetimeMs\` of \`users\` to be at most 2505600000 (41760 min), got \`2505600001\`: Graph refuses a longer life (${LIFETIME})`,
    },
    {
      ask: ask("me/messages", {
        lifetimeMs: 1_441 * MINUTE,
        includeResourceData: true,
        query: "$select=subject",
        access: "delegated",
      }),
      says: `Expected \`lifetimeMs\` of \`me/messages\` with resource data to be at most 86400000 (1440 min), got \`86460000\`: Graph refuses a longer life (${LIFETIME})`,
    },
    {
      ask: ask("something/new", { lifetimeMs: 44 * MINUTE }),
      says: `Expected \`lifetimeMs\` of \`something/new\` to be at least 2700000 (45 min), got \`2640000\`: Graph raises a shorter life to that (${PROPERTIES})`,
    },
    {
      ask: ask("users/{id}/messages", { includeResourceData: true }),
      says: `Expected \`select\` of \`users/{id}/messages\` to name the properties to include, got none: Graph includes no others (${OUTLOOK})`,
    },
    {
      ask: ask("users", { includeResourceData: true }),
      says: `Expected \`includeResourceData\` of \`users\` to be false, got \`true\`: Graph includes no data of it (${PROPERTIES})`,
    },
    {
      ask: ask("communications/calls/getEmergencyEventsByPolicy(policyName='a')"),
      says: `Expected \`includeResourceData\` of \`communications/calls/getEmergencyEventsByPolicy(policyName='a')\` to be true, got \`false\`: Graph notifies with its data only (${EMERGENCY})`,
    },
    {
      ask: ask("users/{id}/events", { query: "$orderby=start/dateTime" }),
      says: `Expected the query of \`users/{id}/events\` to have no \`$orderby\`, got one: Graph takes none here (${OUTLOOK})`,
    },
    {
      ask: ask("users/{id}/messages", { query: "$select=uniqueBody" }),
      says: `Expected the query of \`users/{id}/messages\` to have \`$select\` without \`uniqueBody\`, got it: Graph does not take it here (${OUTLOOK})`,
    },
    {
      ask: ask("communications/presences", { query: `$filter=id in (${IDS})`, access: "delegated" }),
      says: `Expected the query of \`communications/presences\` to have \`$filter\` to name at most 650 ids, got \`651\` (${PRESENCE})`,
    },
    {
      ask: ask("copilot/interactionHistory/getAllEnterpriseInteractions", {
        query: "$filter=from/user/id eq 'a'",
      }),
      says: `Expected the query of \`copilot/interactionHistory/getAllEnterpriseInteractions\` to have \`$filter\` to name the resource's own properties only, got \`from/user\` (${INTERACTIONS})`,
    },
    {
      ask: ask("communications/calls/getEmergencyEventsByPolicy(policyName='a')", {
        includeResourceData: true,
        cloud: GLOBAL_CLOUD,
      }),
      says: `Expected \`cloud.version\` to be beta for \`communications/calls/getEmergencyEventsByPolicy(policyName='a')\`, got \`v1.0\`: Graph has it nowhere else (${EMERGENCY})`,
    },
    {
      ask: ask("chats/{id}/messages", { includeResourceData: true, query: "$select=body" }),
      says: "Expected no `select` of `chats/{id}/messages` with resource data, got one: Graph includes every property (https://learn.microsoft.com/graph/teams-changenotifications-chatmessage)",
    },
    {
      ask: ask("users/{id}/todo/lists/{list}/tasks", { cloud: CHINA }),
      says: `Expected the global cloud for \`users/{id}/todo/lists/{list}/tasks\`, got \`https://microsoftgraph.chinacloudapi.cn\`: that cloud does not notify of it (${LIFETIME})`,
    },
    {
      ask: ask("communications/presences/{id}", { access: "application" }),
      says: `Expected a credential that signs in a user for \`communications/presences/{id}\`, got one of the app: Graph has no application permission for it (${PRESENCE})`,
    },
    {
      ask: ask("communications/callRecords", { access: "delegated" }),
      says: `Expected a credential of the app for \`communications/callRecords\`, got one that signs in a user: Graph has no delegated permission for it (${RECORDS})`,
    },
    {
      ask: ask("/me/events", { access: "application" }),
      says: "Expected `users/{userId}` in place of `me` in `/me/events`, got a credential of the app: nobody is signed in (https://learn.microsoft.com/graph/api/user-get#permissions)",
    },
  ])("is said with the page that says so: $says", ({ ask: asked, says }) => {
    expect(judge(asked).refusals).toEqual([says]);
  });

  it.each(CATALOGUE.map((row) => [row.paths[0], row.sources[0], row] as const))(
    "of %s are the change types no page has: %s",
    (path, source, row) => {
      const known = new Set([...row.changeTypes, ...(row.unsureChangeTypes ?? [])]);
      for (const type of CHANGE_TYPES) {
        const { refusals } = judge(fitting(row, { changeTypes: [type] }));
        expect(refusals.length).toBe(known.has(type) ? 0 : 1);
        for (const refusal of refusals) expect(refusal).toContain(`of \`${path}\``);
        for (const refusal of refusals) expect(refusal).toContain(source);
      }
    },
  );

  it.each(CATALOGUE.map((row) => [row.paths[0], row.sources[0], row] as const))(
    "of %s is data it does not include: %s",
    (_, source, row) => {
      const takesNoSelect = "select" in row.resourceData && row.resourceData.select === "unsupported";
      const query = takesNoSelect ? "" : "$select=id";
      const { refusals } = judge(fitting(row, { includeResourceData: true, query }));
      const citing = refusals.map((refusal) => refusal.includes(source));
      expect(citing).toEqual(row.resourceData.kind === "none" ? [true] : []);
    },
  );

  it("is nothing that a row's own defaults ask for", () => {
    const refused = CATALOGUE.map((row) => judge(fitting(row))).filter(({ refusals }) => refusals.length > 0);
    expect(refused).toEqual([]);
  });
});

/** What a row documents to be accepted. */
function fitting(row: CatalogueRow, more: Partial<SubscriptionAsk> = {}): SubscriptionAsk {
  return ask(row.paths[0], {
    changeTypes: row.changeTypes,
    includeResourceData: row.resourceData.kind === "required",
    cloud: BETA,
    ...more,
  });
}

describe("what is not certain", () => {
  it.each<{ ask: SubscriptionAsk; doubts: string[] }>([
    { ask: ask("chats", { changeTypes: ["deleted"] }), doubts: ["No page says that it tells of deleted"] },
    { ask: ask("something/new"), doubts: ["It is not among the resources that are known to notify"] },
    {
      ask: ask("users", { query: "$filter=a eq 1" }),
      doubts: ["No page documents `$filter` for it"],
    },
    {
      ask: ask("teams/{id}/channels/{id}/messages", { query: "$select=body&model=A" }),
      doubts: [
        "`$select` changes nothing: Graph includes every property or none",
        "No page documents `model` for it",
      ],
    },
    {
      ask: ask("copilot/users/{id}/onlineMeetings/getAllAiInsights", {
        changeTypes: ["created"],
        includeResourceData: true,
        lifetimeMs: 9e9,
      }),
      doubts: [
        "No page says whether Graph includes its data",
        "No page says how long a subscription to insights may live",
      ],
    },
    {
      ask: ask("communications/presences", { access: "delegated" }),
      doubts: ["It is documented only with `$filter`"],
    },
    {
      ask: ask("communications/presences/{id}"),
      doubts: ["Graph has no application permission for it: the credential must sign in a user"],
    },
    {
      ask: ask("me/messages"),
      doubts: ["`me` is the user who is signed in: a credential of the app has none"],
    },
    {
      ask: ask("teams/{id}/schedule/shifts", { access: "delegated" }),
      doubts: ["No page says which change types Shifts tells of"],
    },
  ])("is told: $doubts", ({ ask: asked, doubts }) => {
    expect(judge(asked)).toEqual({ refusals: [], doubts });
  });

  it.each<SubscriptionAsk>([
    ask("users"),
    ask("users/{id}/messages", { query: "$filter=isRead eq false&$select=subject" }),
    ask("users/{id}/messages", { query: "$select=subject", includeResourceData: true }),
    ask("users", { lifetimeMs: 45 * MINUTE }),
    ask("users", { lifetimeMs: 41_760 * MINUTE, cloud: CHINA, access: "application" }),
    ask("me/messages", { access: "delegated" }),
    ask("communications/callRecords"),
    ask("chats/{id}/messages", { query: "$search=Hello", includeResourceData: true, access: "delegated" }),
  ])("is nothing of a subscription as documented: $path $query", (asked) => {
    expect(judge(asked)).toEqual({ refusals: [], doubts: [] });
  });

  it("is no reason to refuse what nobody knows", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w/'()=]{0,20}$/), fc.string(), (path, query) => {
        const { refusals } = judge(ask(`x/new${path}`, { query, changeTypes: CHANGE_TYPES }));
        expect(refusals).toEqual([]);
      }),
    );
  });
});
