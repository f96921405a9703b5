import { describe, expect, it } from "vitest";

import type { JsonObject } from "../src/http/json.ts";
import { followRound, idOf, told } from "./delta-round.ts";
import { verifies } from "./requirements.ts";
import { ADELE, errorOf, HOUR_MS, later, objects, startWorld, text, type World } from "./world.ts";

const DAY_MS = 24 * HOUR_MS;
const INBOX = `users/${ADELE}/mailFolders/inbox/messages`;
const EVENTS = `users/${ADELE}/events`;

function receive(world: World, subject: string): Promise<string> {
  return idOf(world.graph("POST", INBOX, { subject }));
}

function createUser(world: World, displayName: string): Promise<string> {
  return idOf(
    world.graph("POST", "users", {
      accountEnabled: true,
      displayName,
      mailNickname: displayName,
      passwordProfile: { password: "a long password" },
      userPrincipalName: `${displayName}@contoso.onmicrosoft.com`,
    }),
  );
}

function createGroup(world: World, displayName: string): Promise<string> {
  return idOf(
    world.graph("POST", "groups", {
      displayName,
      mailEnabled: false,
      mailNickname: displayName,
      securityEnabled: true,
    }),
  );
}

function event(subject: string, start: string, end: string): JsonObject {
  return {
    subject,
    start: { dateTime: start, timeZone: "UTC" },
    end: { dateTime: end, timeZone: "UTC" },
  };
}

describe("a round", () => {
  it(`${verifies("delta-links")} ${verifies("prefer-page-size")} has a nextLink on each page but the last, which has a deltaLink`, async () => {
    await using world = await startWorld();
    for (const subject of ["a", "b", "c", "d", "e"]) await receive(world, subject);
    const prefer = { prefer: "odata.maxpagesize=2" };
    const first = await followRound(world, `${INBOX}/delta`, prefer);
    expect(first.pages).toEqual([2, 2, 1]);
    expect(told(first.items, "subject")).toEqual(["a", "b", "c", "d", "e"]);
    const second = await followRound(world, first.deltaLink, prefer);
    expect(second.pages).toEqual([0]);
  });

  it(`${verifies("delta-query-encoded")} keeps the query of its first request in its links`, async () => {
    await using world = await startWorld();
    await receive(world, "a");
    const first = await followRound(world, `${INBOX}/delta?$select=subject`);
    expect(first.deltaLink).not.toContain("select");
    await receive(world, "b");
    const second = await followRound(world, first.deltaLink);
    expect(second.items).toEqual([
      { "@odata.etag": expect.any(String), id: expect.any(String), subject: "b" },
    ]);
  });

  it(`${verifies("delta-removed")} tells what is gone, and why`, async () => {
    await using world = await startWorld();
    const [gone, restored, purged] = [
      await createUser(world, "Gone"),
      await createUser(world, "Restored"),
      await createUser(world, "Purged"),
    ];
    const first = await followRound(world, "users/delta?$select=displayName");
    for (const id of [gone, restored, purged]) await world.graph("DELETE", `users/${id}`);
    await world.graph("POST", `directory/deletedItems/${restored}/restore`);
    await world.graph("DELETE", `directory/deletedItems/${purged}`);
    const second = await followRound(world, first.deltaLink);
    expect(second.items).toEqual([
      { id: gone, "@removed": { reason: "changed" } },
      { id: restored, displayName: "Restored" },
      { id: purged, "@removed": { reason: "deleted" } },
    ]);
  });

  it("tells nothing of what came and went since, and of a change on the way it tells", async () => {
    await using world = await startWorld();
    const [a, b] = [await receive(world, "a"), await receive(world, "b")];
    const start = await world.graph("GET", `${INBOX}/delta`, undefined, { prefer: "odata.maxpagesize=1" });
    expect(told(objects(start.body, "value"), "subject")).toEqual(["a"]);
    await world.graph("DELETE", `users/${ADELE}/messages/${a}`);
    await world.graph("PATCH", `users/${ADELE}/messages/${b}`, { subject: "b2" });
    const passing = await receive(world, "passing");
    await world.graph("DELETE", `users/${ADELE}/messages/${passing}`);
    const rest = await followRound(world, text(start.body, "@odata.nextLink"));
    expect(told(rest.items, "subject")).toEqual(["- deleted", "b2"]);
    expect(rest.items[0]?.["id"]).toBe(a);
  });

  it(`${verifies("delta-latest")} may start from now`, async () => {
    await using world = await startWorld();
    for (const start of ["users/delta?$deltatoken=latest", "users/delta?$deltaToken=latest"]) {
      const none = await followRound(world, start);
      expect(none.items).toEqual([]);
      await world.graph("PATCH", `users/${ADELE}`, { jobTitle: start });
      expect((await followRound(world, none.deltaLink)).items).toMatchObject([
        { id: ADELE, jobTitle: start },
      ]);
    }
    const drive = `users/${ADELE}/drive/root/delta`;
    const none = await followRound(world, `${drive}?token=latest`);
    expect(none.items).toEqual([]);
    expect((await followRound(world, `${drive}(token='latest')`)).items).toEqual([]);
    expect((await world.graph("GET", `${INBOX}/delta?$deltatoken=latest`)).status).toBe(400);
  });

  it.each([
    `users/delta?$deltatoken=abc`,
    `${INBOX}/delta?$skiptoken=${"x".repeat(200)}`,
    `users/${ADELE}/drive/root/delta?token=abc`,
  ])("of a token nobody issued is refused: %s", async (path) => {
    await using world = await startWorld();
    expect((await world.graph("GET", path)).status).toBe(400);
  });

  it("takes its own tokens only", async () => {
    await using world = await startWorld();
    const { deltaLink } = await followRound(world, "groups/delta");
    expect((await world.graph("GET", deltaLink.replace("groups", "users"))).status).toBe(400);
  });
});

describe("tokens end", () => {
  it(`${verifies("delta-directory-seven-days")} for users and groups after seven days`, async () => {
    await using world = await startWorld();
    const first = await followRound(world, "users/delta");
    const in7Days = await later(world, 7 * DAY_MS - HOUR_MS);
    const second = await followRound(in7Days, first.deltaLink);
    const afterwards = await later(world, 2 * HOUR_MS);
    const dead = await afterwards.graph("GET", first.deltaLink);
    expect(dead.status).toBe(400);
    expect(errorOf(dead).code).toBe("syncStateNotFound");
    expect((await followRound(afterwards, second.deltaLink)).items).toEqual([]);
  });

  it("of the directory with a 410, when told to", async () => {
    await using world = await startWorld({
      delta: { directoryTokenLifeMs: HOUR_MS, directoryTokenEndStatus: 410 },
    });
    const { deltaLink } = await followRound(world, "groups/delta");
    const afterwards = await later(world, 2 * HOUR_MS);
    expect((await afterwards.graph("GET", deltaLink)).status).toBe(410);
  });

  it(`${verifies("delta-outlook-cache")} for a mailbox when newer ones took their place`, async () => {
    await using world = await startWorld({ delta: { outlookTokenCapacity: 2 } });
    const first = await followRound(world, `${INBOX}/delta`);
    const second = await followRound(world, `users/${ADELE}/contacts/delta`);
    const afterwards = await later(world, 60 * DAY_MS);
    expect((await followRound(afterwards, second.deltaLink)).items).toEqual([]);
    const dead = await afterwards.graph("GET", first.deltaLink);
    expect(dead.status).toBe(410);
    expect(errorOf(dead)).toEqual({
      code: "SyncStateNotFound",
      message: "The sync state generation is not found; generation=1;[highest=3][3][1][2].",
    });
    await receive(afterwards, "a");
    expect((await followRound(afterwards, `${INBOX}/delta`)).items).toHaveLength(1);
  });

  it(`${verifies("delta-reset-410")} when the service starts anew, with a Location to do so too`, async () => {
    await using world = await startWorld();
    const [users, groups] = [
      await followRound(world, "users/delta"),
      await followRound(world, "groups/delta"),
    ];
    world.simulator.expireDeltaTokens({ path: "/users/delta" });
    const gone = await world.graph("GET", users.deltaLink);
    expect(gone.status).toBe(410);
    expect(gone.headers.get("location")).toBe(`${world.simulator.url}/v1.0/users/delta?$deltatoken=`);
    const anew = await followRound(world, gone.headers.get("location") ?? "");
    expect(anew.items).toHaveLength(3);
    expect((await followRound(world, groups.deltaLink)).items).toEqual([]);
  });

  it.each(["resyncChangesApplyDifferences", "resyncChangesUploadDifferences", "resyncRequired"])(
    `${verifies("delta-drive-resync")} for drives with %s`,
    async (code) => {
      await using world = await startWorld();
      const { deltaLink } = await followRound(world, `users/${ADELE}/drive/root/delta`);
      expect((await world.plain("POST", "/_simulator/delta/expire", { path: "users", code })).status).toBe(
        200,
      );
      const gone = await world.graph("GET", deltaLink);
      expect(gone.status).toBe(410);
      expect(errorOf(gone).code).toBe(code);
      const anew = await followRound(world, gone.headers.get("location") ?? "");
      expect(told(anew.items, "name")).toEqual(["root"]);
    },
  );

  it("for channels too, and for everything with a reset", async () => {
    await using world = await startWorld();
    const { deltaLink } = await followRound(world, `${INBOX}/delta`);
    expect((await world.plain("POST", "/_simulator/delta/expire", [])).status).toBe(400);
    expect((await world.plain("POST", "/_simulator/delta/expire")).status).toBe(200);
    expect((await world.graph("GET", deltaLink)).status).toBe(410);
    const next = await followRound(world, `${INBOX}/delta`);
    world.simulator.reset();
    expect((await world.graph("GET", next.deltaLink)).status).toBe(410);
  });
});

describe("a round may be hard to follow", () => {
  it(`${verifies("delta-empty-pages")} with empty pages`, async () => {
    await using world = await startWorld({ delta: { emptyPageRatio: 0.6 } });
    for (const subject of ["a", "b", "c", "d"]) await receive(world, subject);
    const { items, pages } = await followRound(world, `${INBOX}/delta`, { prefer: "odata.maxpagesize=1" });
    expect(pages).toContain(0);
    expect(told(items, "subject")).toEqual(["a", "b", "c", "d"]);
  });

  it(`${verifies("delta-repeats")} with items told twice`, async () => {
    await using world = await startWorld({ delta: { repeatRatio: 0.5 } });
    for (const subject of ["a", "b", "c", "d"]) await receive(world, subject);
    const subjects = told((await followRound(world, `${INBOX}/delta`)).items, "subject");
    expect(subjects.length).toBeGreaterThan(4);
    expect(new Set(subjects)).toEqual(new Set(["a", "b", "c", "d"]));
  });

  it(`${verifies("delta-replays")} with what the round before told`, async () => {
    await using world = await startWorld({ delta: { replayRatio: 0.9 } });
    await receive(world, "a");
    let { deltaLink } = await followRound(world, `${INBOX}/delta`);
    const rounds: (readonly string[])[] = [];
    for (const subject of ["b", "c", "d", "e", "f"]) {
      await receive(world, subject);
      const round = await followRound(world, deltaLink);
      rounds.push(told(round.items, "subject"));
      ({ deltaLink } = round);
    }
    expect(rounds.some((round) => round.length > 1)).toBe(true);
    expect(rounds.map((round) => round.at(-1))).toEqual(["b", "c", "d", "e", "f"]);
  });

  it(`${verifies("delta-lag")} because a notification comes before the change shows`, async () => {
    await using world = await startWorld({ delta: { lagMs: HOUR_MS } });
    await world.subscribe({ resource: INBOX, changeType: "created" });
    await receive(world, "a");
    expect(world.simulator.ledger.notifications).toHaveLength(1);
    const early = await followRound(world, `${INBOX}/delta`);
    expect(early.items).toEqual([]);
    const afterwards = await later(world, HOUR_MS);
    expect(told((await followRound(afterwards, early.deltaLink)).items, "subject")).toEqual(["a"]);
  });
});

describe("users and groups", () => {
  it(`${verifies("delta-directory-filter")} may be narrowed to some ids, and by nothing else`, async () => {
    await using world = await startWorld();
    const id = await createUser(world, "Watched");
    const { items, deltaLink } = await followRound(
      world,
      `users/delta?$filter=id eq '${id}'&$select=displayName`,
    );
    expect(items).toEqual([{ id, displayName: "Watched" }]);
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    await world.graph("DELETE", `users/${id}`);
    const second = await followRound(world, deltaLink);
    expect(second.items).toEqual([{ id, "@removed": { reason: "changed" } }]);
    const many = Array.from({ length: 51 }, (_, index) => `id eq '${index}'`).join(" or ");
    for (const query of [
      "$top=5",
      "$orderby=displayName",
      "$expand=manager",
      "$filter=city eq 'Oslo'",
      `$filter=${many}`,
    ]) {
      expect(await world.graph("GET", `users/delta?${query}`)).toHaveProperty("status", 400);
    }
  });

  it(`${verifies("delta-minimal")} tell only what changed, when asked to`, async () => {
    await using world = await startWorld();
    const { deltaLink } = await followRound(world, "users/delta");
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    const minimal = await followRound(world, deltaLink, { prefer: "return=minimal" });
    expect(minimal.items).toEqual([{ id: ADELE, jobTitle: "Director" }]);
    const whole = await followRound(world, deltaLink);
    expect(whole.items).toMatchObject([{ id: ADELE, displayName: "Adele Vance", jobTitle: "Director" }]);
  });

  it(`${verifies("delta-members")} tell who came to a group and who left it`, async () => {
    await using world = await startWorld();
    const [group, other] = [await createGroup(world, "Sales"), await createGroup(world, "Other")];
    const member = (id: string): Promise<unknown> =>
      world.graph("POST", `groups/${group}/members/$ref`, {
        "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}`,
      });
    await member(ADELE);
    const first = await followRound(world, "groups/delta?$select=displayName,members");
    expect(first.items).toEqual([
      { id: other, displayName: "Other" },
      {
        id: group,
        displayName: "Sales",
        "members@delta": [{ "@odata.type": "#microsoft.graph.user", id: ADELE }],
      },
    ]);
    await member(other);
    await world.graph("DELETE", `groups/${group}/members/${ADELE}/$ref`);
    const second = await followRound(world, first.deltaLink);
    expect(second.items).toEqual([
      {
        id: group,
        displayName: "Sales",
        "members@delta": [
          { "@odata.type": "#microsoft.graph.group", id: other },
          { id: ADELE, "@removed": { reason: "deleted" } },
        ],
      },
    ]);
    await world.graph("PATCH", `groups/${group}`, { description: "All of them" });
    const third = await followRound(world, second.deltaLink);
    expect(third.items).toEqual([{ id: group, displayName: "Sales" }]);
    const plain = await followRound(world, "groups/delta?$select=displayName");
    expect(plain.items).toContainEqual({ id: group, displayName: "Sales" });
  });
});

describe("a mailbox", () => {
  it(`${verifies("delta-per-folder")} tells of messages by folder: a moved one leaves one and comes to the other`, async () => {
    await using world = await startWorld();
    const archive = `users/${ADELE}/mailFolders/archive/messages/delta`;
    const id = await receive(world, "a");
    const [from, to] = [await followRound(world, `${INBOX}/delta`), await followRound(world, archive)];
    await world.graph("POST", `users/${ADELE}/messages/${id}/move`, { destinationId: "archive" });
    expect((await followRound(world, from.deltaLink)).items).toEqual([
      { id, "@removed": { reason: "deleted" } },
    ]);
    const [moved] = (await followRound(world, to.deltaLink)).items;
    expect(moved).toMatchObject({ subject: "a" });
    expect(moved?.["id"]).not.toBe(id);
  });

  it(`${verifies("delta-message-options")} may be narrowed by time received and by kind of change`, async () => {
    await using world = await startWorld();
    await receive(world, "old");
    world.simulator.clock.advance(HOUR_MS / 2);
    const since = new Date(world.simulator.clock.now() - 1_000).toISOString();
    const id = await receive(world, "new");
    const round = await followRound(world, `${INBOX}/delta?$filter=receivedDateTime ge ${since}`);
    expect(told(round.items, "subject")).toEqual(["new"]);
    const created = await followRound(world, `${INBOX}/delta?changeType=created`);
    const deleted = await followRound(world, `${INBOX}/delta?changeType=deleted`);
    expect(created.items).toHaveLength(2);
    expect(deleted.items).toEqual([]);
    await world.graph("PATCH", `users/${ADELE}/messages/${id}`, { isRead: true });
    await receive(world, "newest");
    await world.graph("DELETE", `users/${ADELE}/messages/${id}`);
    expect(told((await followRound(world, created.deltaLink)).items, "subject")).toEqual(["newest"]);
    expect(told((await followRound(world, deleted.deltaLink)).items, "subject")).toEqual(["- deleted"]);
    for (const query of ["$filter=subject eq 'a'", "$orderby=subject", "changeType=moved"]) {
      expect(await world.graph("GET", `${INBOX}/delta?${query}`)).toHaveProperty("status", 400);
    }
    expect((await world.graph("GET", `${INBOX}/delta?$orderby=receivedDateTime desc`)).status).toBe(200);
  });

  it(`${verifies("delta-calendar-view")} tells of events within the window of the first call`, async () => {
    await using world = await startWorld();
    await world.graph("POST", EVENTS, event("before", "2026-01-01T08:00:00", "2026-01-01T09:00:00"));
    const within = await idOf(
      world.graph("POST", EVENTS, event("within", "2026-02-01T08:00:00", "2026-02-01T09:00:00")),
    );
    const view = `users/${ADELE}/calendarView/delta?startDateTime=2026-02-01T00:00:00Z&endDateTime=2026-03-01T00:00:00Z`;
    const first = await followRound(world, view);
    expect(told(first.items, "subject")).toEqual(["within"]);
    await world.graph(
      "PATCH",
      `${EVENTS}/${within}`,
      event("within", "2026-03-01T08:00:00", "2026-03-01T09:00:00"),
    );
    await world.graph("POST", EVENTS, event("across", "2026-01-31T23:00:00", "2026-02-01T01:00:00"));
    const second = await followRound(world, first.deltaLink);
    expect(told(second.items, "subject")).toEqual(["- deleted", "across"]);
    expect((await world.graph("GET", `users/${ADELE}/calendarView/delta`)).status).toBe(400);
    expect((await world.graph("GET", `${view}&$select=subject`)).status).toBe(400);
    expect((await world.graph("GET", `${EVENTS}/delta`)).status).toBe(404);
  });

  it("tells of contacts, folders, To Do lists and tasks", async () => {
    await using world = await startWorld();
    const user = `users/${ADELE}`;
    const starts = [
      "contacts/delta",
      "contactFolders/delta",
      "mailFolders/delta",
      "todo/lists/delta",
    ] as const;
    const rounds = new Map<string, string>();
    for (const start of starts) rounds.set(start, (await followRound(world, `${user}/${start}`)).deltaLink);
    await world.graph("POST", `${user}/contacts`, { givenName: "Grady", surname: "Archie" });
    const folder = await idOf(world.graph("POST", `${user}/contactFolders`, { displayName: "Clients" }));
    await world.graph("POST", `${user}/contactFolders/${folder}/contacts`, { displayName: "Elsewhere" });
    await world.graph("POST", `${user}/mailFolders`, { displayName: "Projects" });
    const list = await idOf(world.graph("POST", `${user}/todo/lists`, { displayName: "Shopping" }));
    const later: Record<string, readonly string[]> = {};
    for (const [start, link] of rounds) {
      later[start] = told((await followRound(world, link)).items, "displayName");
    }
    expect(later).toEqual({
      "contacts/delta": ["Grady Archie"],
      "contactFolders/delta": ["Clients"],
      "mailFolders/delta": ["Projects"],
      "todo/lists/delta": ["Shopping"],
    });
    const tasks = await followRound(world, `${user}/todo/lists/${list}/tasks/delta`);
    await world.graph("POST", `${user}/todo/lists/${list}/tasks`, { title: "Milk" });
    expect(told((await followRound(world, tasks.deltaLink)).items, "title")).toEqual(["Milk"]);
    const elsewhere = await followRound(world, `${user}/contactFolders/${folder}/contacts/delta`);
    expect(told(elsewhere.items, "displayName")).toEqual(["Elsewhere"]);
  });
});

it("what only the metadata has is there when it is asked for", async () => {
  const paths = [`${EVENTS}/delta`, `users/${ADELE}/messages/delta`];
  await using plain = await startWorld();
  for (const path of paths) expect(await plain.graph("GET", path)).toHaveProperty("status", 404);
  await using world = await startWorld({ unconfirmed: { eventsDelta: true, mailboxMessagesDelta: true } });
  await receive(world, "a");
  await world.graph("POST", `users/${ADELE}/messages`, { subject: "draft" });
  await world.graph("POST", EVENTS, event("meeting", "2026-01-01", "2026-01-02"));
  const rounds = await Promise.all(paths.map((path) => followRound(world, path)));
  expect(rounds.map(({ items }) => told(items, "subject"))).toEqual([["meeting"], ["a", "draft"]]);
});

describe("drives and lists", () => {
  it(`${verifies("delta-drive-deleted-facet")} a drive tells of its whole tree, and of what is gone by a facet`, async () => {
    await using world = await startWorld();
    const drive = `users/${ADELE}/drive`;
    await world.graph("POST", `${drive}/root/children`, { name: "Reports", folder: {} });
    const file = await idOf(world.graph("PUT", `${drive}/root:/Reports/may.txt:/content`, { text: "May" }));
    const first = await followRound(world, `${drive}/root/delta?$top=2`);
    expect(first.pages).toEqual([2, 1]);
    expect(told(first.items, "name").toSorted()).toEqual(["Reports", "may.txt", "root"]);
    await world.graph("DELETE", `${drive}/items/${file}`);
    const second = await followRound(world, first.deltaLink);
    // The folders above have another size, so they are told of as well.
    expect(told(second.items, "name").toSorted()).toEqual(["- facet", "Reports", "root"]);
    expect(second.items).toContainEqual({ id: file, deleted: { state: "deleted" } });
    expect((await world.graph("GET", `${drive}/root/delta?$top=0`)).status).toBe(400);
  });

  it("a list tells of its items", async () => {
    await using world = await startWorld();
    const list = await idOf(world.graph("POST", "sites/root/lists", { displayName: "Books" }));
    const items = `sites/root/lists/${list}/items`;
    const { deltaLink } = await followRound(world, `${items}/delta?token=latest`);
    const id = await idOf(world.graph("POST", items, { fields: { Title: "Emma" } }));
    const second = await followRound(world, deltaLink);
    expect(second.items).toMatchObject([{ id, fields: { Title: "Emma" } }]);
    await world.graph("DELETE", `${items}/${id}`);
    const third = await followRound(world, second.deltaLink);
    expect(third.items).toEqual([{ id, deleted: { state: "deleted" } }]);
  });
});

it.each([{ lagMs: -1 }, { emptyPageRatio: 1 }, { repeatRatio: Number.NaN }, { outlookTokenCapacity: 0 }])(
  "refuses the option %j",
  async (delta) => {
    await expect(startWorld({ delta })).rejects.toThrow(RangeError);
  },
);
