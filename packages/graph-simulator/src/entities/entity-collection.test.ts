import { describe, expect, it } from "vitest";

import { Clock } from "../clock.ts";
import { EntityCollection, type ChangedEntity } from "./entity-collection.ts";
import { textOf } from "../http/json.ts";
import { Journal } from "./journal.ts";

function told(changes: Iterable<ChangedEntity>): readonly string[] {
  return [...changes].map(({ id, state }) =>
    state.kind === "removed" ? `-${id} (${state.reason})` : `${id}=${textOf(state.entity, "name") ?? ""}`,
  );
}

function collection(lagMs = 0): { clock: Clock; entities: EntityCollection } {
  const clock = new Clock();
  return { clock, entities: new EntityCollection(new Journal({ clock, lagMs })) };
}

describe("a collection", () => {
  it("lists what is present in the order it was created", () => {
    const { entities } = collection();
    entities.put({ id: "a", name: "1" });
    entities.put({ id: "b", name: "1" });
    entities.put({ id: "a", name: "2" });
    expect(entities.list().map(({ id }) => id)).toEqual(["a", "b"]);
    expect(entities.get("a")).toMatchObject({ name: "2" });
    expect(entities.size).toBe(2);
  });

  it("tells each entity once, in the order of the latest changes, and what is gone", () => {
    const { entities } = collection();
    entities.put({ id: "a", name: "1" });
    entities.put({ id: "b", name: "1" });
    entities.put({ id: "c", name: "1" });
    entities.put({ id: "a", name: "2" });
    entities.remove("b", "changed");
    entities.remove("nobody");
    expect(told(entities.changesAfter(0))).toEqual(["c=1", "a=2", "-b (changed)"]);
    expect(told(entities.changesAfter(4))).toEqual(["-b (changed)"]);
    entities.put({ id: "b", name: "back" });
    expect(told(entities.changesAfter(5))).toEqual(["b=back"]);
    expect([...entities.changesAfter(5)][0]?.createdNumber).toBe(2);
  });

  it("shows a change only after the lag, and until then what was before", () => {
    const { clock, entities } = collection(1_000_000);
    entities.put({ id: "a", name: "1" });
    expect(told(entities.changesAfter(0))).toEqual([]);
    clock.advance(1_000_000);
    expect(told(entities.changesAfter(0))).toEqual(["a=1"]);
    entities.put({ id: "a", name: "2" });
    entities.put({ id: "a", name: "3" });
    expect(entities.get("a")).toMatchObject({ name: "3" });
    expect(told(entities.changesAfter(0))).toEqual(["a=1"]);
    clock.advance(500_000);
    entities.remove("a");
    expect(told(entities.changesAfter(0))).toEqual(["a=1"]);
    clock.advance(500_000);
    expect(told(entities.changesAfter(0))).toEqual(["a=3"]);
    clock.advance(500_000);
    expect(told(entities.changesAfter(0))).toEqual(["-a (deleted)"]);
  });

  it("knows which property changed when", () => {
    const { entities } = collection();
    const first = { id: "a", name: "1", size: 1 };
    entities.put(first);
    entities.put({ ...first, name: "2" });
    const [changed] = entities.changesAfter(0);
    expect([...(changed?.propertyNumbers ?? [])]).toEqual([["name", 2]]);
  });

  it("tells the same however often it is changed", () => {
    const { entities } = collection();
    for (let count = 0; count < 1_000; count += 1) {
      entities.put({ id: count % 2 === 0 ? "even" : "odd", name: String(count) });
    }
    entities.put({ id: "last", name: "last" });
    expect(told(entities.changesAfter(0))).toEqual(["even=998", "odd=999", "last=last"]);
    expect(told(entities.changesAfter(999))).toEqual(["odd=999", "last=last"]);
    expect(told(entities.changesAfter(1_001))).toEqual([]);
  });
});
