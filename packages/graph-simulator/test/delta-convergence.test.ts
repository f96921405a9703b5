import { describe, expect, it } from "vitest";

import { isJsonObject, type JsonObject } from "../src/http/json.ts";
import { Random } from "../src/random.ts";
import { followRound, idOf } from "./delta-round.ts";
import { verifies } from "./requirements.ts";
import { ADELE, objects, startWorld, text, type World } from "./world.ts";

const LAG_MS = 1_000;

/** A collection that can be changed, listed and tracked. */
interface Tracked {
  readonly name: string;
  readonly delta: string;
  readonly list: string;
  create(world: World, name: string): Promise<string>;
  update(world: World, id: string, name: string): Promise<unknown>;
  remove(world: World, id: string): Promise<unknown>;
}

const DRIVE = `users/${ADELE}/drive`;
const EVENTS = `users/${ADELE}/events`;
const WINDOW = "startDateTime=2026-01-01&endDateTime=2026-01-06";

/** An event on a day that depends on its name, so that a change may take it out of the window, or into it. */
function eventNamed(subject: string): JsonObject {
  const at = {
    dateTime: `2026-01-${String((subject.length % 9) + 1).padStart(2, "0")}T12:00:00`,
    timeZone: "UTC",
  };
  return { subject, start: at, end: at };
}

const TRACKED: readonly Tracked[] = [
  {
    name: "messages",
    delta: `users/${ADELE}/mailFolders/inbox/messages/delta`,
    list: `users/${ADELE}/mailFolders/inbox/messages?$top=999`,
    create: (world, subject) =>
      idOf(world.graph("POST", `users/${ADELE}/mailFolders/inbox/messages`, { subject })),
    update: (world, id, subject) => world.graph("PATCH", `users/${ADELE}/messages/${id}`, { subject }),
    remove: (world, id) =>
      world.graph("POST", `users/${ADELE}/messages/${id}/move`, { destinationId: "archive" }),
  },
  {
    name: "events of a calendar view",
    delta: `users/${ADELE}/calendarView/delta?${WINDOW}`,
    list: `users/${ADELE}/calendarView?$top=999&${WINDOW}`,
    create: (world, subject) => idOf(world.graph("POST", EVENTS, eventNamed(subject))),
    update: (world, id, subject) => world.graph("PATCH", `${EVENTS}/${id}`, eventNamed(subject)),
    remove: (world, id) => world.graph("DELETE", `${EVENTS}/${id}`),
  },
  {
    name: "groups",
    delta: "groups/delta",
    list: "groups?$top=999",
    create: (world, displayName) =>
      idOf(
        world.graph("POST", "groups", {
          displayName,
          mailEnabled: false,
          mailNickname: displayName,
          securityEnabled: true,
        }),
      ),
    update: (world, id, displayName) => world.graph("PATCH", `groups/${id}`, { displayName }),
    remove: (world, id) => world.graph("DELETE", `groups/${id}`),
  },
  {
    name: "files",
    delta: `${DRIVE}/root/delta?$top=2`,
    list: `${DRIVE}/root/children?$top=999`,
    create: (world, name) => idOf(world.graph("PUT", `${DRIVE}/root:/${name}:/content`, {})),
    update: (world, id, name) => world.graph("PATCH", `${DRIVE}/items/${id}`, { name }),
    remove: (world, id) => world.graph("DELETE", `${DRIVE}/items/${id}`),
  },
];

/** What a client does with what it is told: the last word on each id counts. */
function apply(known: Map<string, string>, items: readonly JsonObject[]): void {
  for (const item of items) {
    const id = text(item, "id");
    if (item["@removed"] !== undefined || item["deleted"] !== undefined) known.delete(id);
    else if (item["root"] === undefined) known.set(id, nameOf(item));
  }
}

function nameOf(item: JsonObject): string {
  for (const property of ["subject", "displayName", "name"]) {
    const value = item[property];
    if (typeof value === "string") return value;
  }
  throw new TypeError(
    `Expected a name, got ${JSON.stringify(isJsonObject(item) ? Object.keys(item) : item)}`,
  );
}

async function change(
  world: World,
  tracked: Tracked,
  { random, ids }: { random: Random; ids: string[] },
): Promise<void> {
  const name = `item${"x".repeat(Math.floor(random.fraction() * 9))}${random.guid()}`;
  const at = Math.floor(random.fraction() * ids.length);
  const id = ids[at];
  const dice = random.fraction();
  if (id === undefined || dice < 0.4) ids.push(await tracked.create(world, name));
  else if (dice < 0.75) await tracked.update(world, id, name);
  else {
    await tracked.remove(world, id);
    ids.splice(at, 1);
  }
}

describe("whoever applies round after round has the present state in the end", () => {
  const cases = TRACKED.flatMap((tracked) =>
    [1, 2, 3, 4, 5].map((seed) => ({ name: tracked.name, tracked, seed })),
  );

  it.each(cases)(`${verifies("delta-links")} of $name, seed $seed`, async ({ tracked, seed }) => {
    await using world = await startWorld({
      seed,
      delta: { lagMs: LAG_MS, emptyPageRatio: 0.2, repeatRatio: 0.2, replayRatio: 0.3 },
    });
    const random = new Random(`convergence ${seed}`);
    const known = new Map<string, string>();
    const ids: string[] = [];
    let toldCount = 0;
    let link = tracked.delta;
    for (let round = 0; round < 8; round += 1) {
      for (let count = 0; count < 6; count += 1) await change(world, tracked, { random, ids });
      if (random.fraction() < 0.5) world.simulator.clock.advance(LAG_MS);
      const { items, deltaLink } = await followRound(world, link, { prefer: "odata.maxpagesize=3" });
      apply(known, items);
      toldCount += items.length;
      link = deltaLink;
    }
    world.simulator.clock.advance(LAG_MS);
    const { items } = await followRound(world, link);
    apply(known, items);
    const listed = objects((await world.graph("GET", tracked.list)).body, "value");
    expect(toldCount + items.length).toBeGreaterThan(0);
    expect(known).toEqual(new Map(listed.map((item) => [text(item, "id"), nameOf(item)])));
  });
});
