import { describe, expect, it } from "vitest";

import { blamedClaim, graphClaims, plainClaims } from "./budget-claims.ts";

const TENANT = "t";
const LIMITS_PAGE = "https://learn.microsoft.com/graph/throttling-limits";

/** Scope, key and pace of each budget of a request, but for the one that all need. */
function claimsOf(method: string, path: string): unknown[] {
  return graphClaims({ method, path, tenantId: TENANT })
    .slice(1)
    .map(({ scope, key, limit: { pace, places }, cost }) => [
      scope,
      key,
      pace === undefined ? undefined : `${pace.units}/${pace.windowMs / 1000} s`,
      ...(places === undefined ? [] : [`${places} places`]),
      ...(cost === 1 ? [] : [`${cost} units`]),
    ]);
}

const outlook = (owner: string): unknown[] => [
  ["tenant", "Outlook|t", undefined],
  ["resource", `Outlook|t|${owner}`, "7000/600 s", "4 places"],
];
const directory = (...cost: string[]): unknown[] => [
  ["app", "directory", "105000/20 s", ...cost],
  ["tenant", "directory|t", "2450/10 s", ...cost],
];
const WRITES = [
  ["app", "directory writes", "24500/300 s"],
  ["tenant", "directory writes|t", "2100/150 s"],
];
const OTHER = [["tenant", "other|t", undefined]];

describe(`70 % of the limits of ${LIMITS_PAGE}`, () => {
  it.each<[request: string, claims: unknown[]]>([
    [
      "POST subscriptions",
      [
        ["app", "subscription writes", "1400/20 s"],
        ["tenant", "subscription writes|t", "350/20 s"],
      ],
    ],
    [
      "PATCH subscriptions/1",
      [
        ["app", "subscription writes", "1400/20 s"],
        ["tenant", "subscription writes|t", "350/20 s"],
      ],
    ],
    [
      "GET subscriptions/1",
      [
        ["app", "subscription reads", "1400/20 s"],
        ["tenant", "subscription reads|t", "350/20 s"],
      ],
    ],
    [
      "GET subscriptions?$skiptoken=1",
      [
        ["app", "subscription list", "28/20 s"],
        ["tenant", "subscription list|t", "17/20 s"],
      ],
    ],
    [
      "POST subscriptions/1/reauthorize",
      [
        ["app", "subscription reauthorize", "2800/20 s"],
        ["tenant", "subscription reauthorize|t", "700/20 s"],
      ],
    ],
    ["GET users/U/messages/AAMk=", outlook("u")],
    ["PATCH users/u/events/1", outlook("u")],
    ["GET Users('u')/MailFolders('inbox')/messages", outlook("u")],
    ["GET me/messages", outlook("")],
    ["GET groups/g/conversations", outlook("g")],
    [
      "GET teams/T/channels/19:a@thread.tacv2/messages/1/replies/2",
      [
        ["app", "channel messages", "140/1 s"],
        ["tenant", "channel messages|t", "14/1 s"],
        ["resource", "channel messages|t|t/19:a@thread.tacv2", "1/1 s"],
      ],
    ],
    [
      "GET chats/19:a_b@unq.gbl.spaces/messages/1",
      [
        ["app", "chat messages", "140/1 s"],
        ["tenant", "chat messages|t", "14/1 s"],
        ["resource", "chat messages|t|19:a_b@unq.gbl.spaces", "1/1 s"],
      ],
    ],
    [
      "GET users/1/chats/getAllMessages",
      [
        ["app", "all messages", "700/1 s"],
        ["tenant", "all messages|t", "140/1 s"],
      ],
    ],
    [
      "GET teams/1",
      [
        ["app", "team", "1050/1 s"],
        ["tenant", "team|t", "21/1 s"],
        ["resource", "team|t|1", "2/1 s"],
      ],
    ],
    ["GET communications/presences/1", [["tenant", "presence|t", "7000/30 s"]]],
    [
      "GET communications/callRecords/1?$expand=sessions",
      [
        ["app", "call records", "10500/20 s"],
        ["tenant", "call records|t", "1050/20 s"],
        ["resource", "call records|t|1", "28/20 s"],
      ],
    ],
    ["GET security/alerts_v2/1", [["tenant", "security alerts|t", "105/60 s"]]],
    ["GET users", directory("2 units")],
    ["GET users?$select=id", directory()],
    ["GET users/delta", directory()],
    ["GET users/1", directory()],
    ["GET users/1?$expand=manager", directory("2 units")],
    ["GET groups/1/members", directory("3 units")],
    ["GET groups/1/members?$select=id&$top=5", directory()],
    ["GET groups/1/transitiveMembers?$expand=x", directory("6 units")],
    ["PATCH users/1", WRITES],
    ["POST groups/1/members/$ref", WRITES],
    ["GET drives/1/root/delta", OTHER],
    ["GET users/1/drive/root", OTHER],
    ["GET me/onlineMeetings", OTHER],
    ["POST chats/1/messages", OTHER],
    ["GET somethingNew", OTHER],
  ])("for %s", (request, claims) => {
    const [method = "", path = ""] = request.split(" ");
    expect(claimsOf(method, path)).toEqual(claims);
  });

  it("count every request in one", () => {
    expect(graphClaims({ method: "GET", path: "somethingNew", tenantId: TENANT })[0]).toEqual({
      key: "all",
      scope: "app",
      limit: { pace: { units: 91_000, windowMs: 10_000 } },
      cost: 1,
    });
  });

  it("keep tenants apart", () => {
    const keys = ["a", "b"].map((tenantId) =>
      graphClaims({ method: "POST", path: "subscriptions", tenantId }).map(({ key }) => key),
    );
    expect(keys).toEqual([
      ["all", "subscription writes", "subscription writes|a"],
      ["all", "subscription writes", "subscription writes|b"],
    ]);
  });
});

it("a request to another API has no limit, and can be parked with its tenant", () => {
  expect(plainClaims({ tenantId: TENANT })).toEqual([
    { key: "other|t", scope: "tenant", limit: {}, cost: 1 },
  ]);
});

describe("a refusal is the fault of", () => {
  const chat = graphClaims({ method: "GET", path: "chats/1/messages/2", tenantId: TENANT });
  const writes = graphClaims({ method: "POST", path: "subscriptions", tenantId: TENANT });

  it.each([
    ["the narrowest, where Graph names none", chat, undefined, "chat messages|t|1"],
    ["the tenant's, where that is the narrowest", writes, undefined, "subscription writes|t"],
    ["the app's, where Graph names it", chat, "Application/ReadWrite/app/t", "chat messages"],
    ["the tenant's, where Graph names it", chat, "Tenant_Application/ReadWrite/app/t", "chat messages|t"],
    ["the tenant's, where all apps are too many", writes, "Tenant/Write/app/t", "subscription writes|t"],
    ["the narrowest, where Graph names what nobody knows", writes, "Planet/Write", "subscription writes|t"],
    ["the narrowest, where Graph names nothing", writes, "", "subscription writes|t"],
  ])("%s", (_, claims, scope, key) => {
    expect(blamedClaim(claims, scope)?.key).toBe(key);
  });
});
