import { describe, expect, it } from "vitest";
import { DispatchBench, type Declared } from "../../test/support/dispatch-bench.ts";
import { idOf, inboxItem } from "../../test/support/inbox-items.ts";
import { ContentRefusedError, KeysUnavailableError } from "../core/errors.ts";
import type { InboxItem, InboxRow } from "../core/inbox.ts";
import { PAUSE_AFTER_LANES } from "../core/failure-watch.ts";

/** One for each word, `lane/id`. */
function items(words: string): InboxItem[] {
  return words.split(" ").map((word) => inboxItem(word.split("/")[0] ?? "", word));
}

const isForged = (row: InboxRow): boolean => idOf(row).endsWith("!");

/** Hands on what is not forged, and says what it was: one call a text. */
function begin(declared: Declared = {}) {
  const calls: string[] = [];
  const bench = new DispatchBench([
    {
      handle: (row, _signal, group) => {
        if (isForged(row)) throw new ContentRefusedError();
        calls.push(group.map((each) => idOf(each)).join("+"));
      },
      ...declared,
    },
  ]);
  const append = async (words: string): Promise<void> => {
    bench.dispatcher.pause("users");
    await bench.append(...items(words));
    await bench.pass(50);
    bench.dispatcher.resume("users");
    await bench.untilEmpty();
  };
  const deadIds = async (): Promise<string[]> =>
    (await bench.store.listDead({ limit: 99 })).letters.map((letter) => idOf(letter));
  return { bench, calls, append, deadIds };
}

describe("what is forged", () => {
  it("is a dead letter after one look, and what comes behind it is handled in order, once", async () => {
    const { bench, calls, append, deadIds } = begin();
    await append("a/1 a/2! a/3! a/4 b/1! b/2");
    expect(calls.filter((id) => id.startsWith("a"))).toEqual(["a/1", "a/4"]);
    expect(calls.filter((id) => id.startsWith("b"))).toEqual(["b/2"]);
    expect(await deadIds()).toEqual(["a/2!", "a/3!", "b/1!"]);
    expect(bench.toldOf("change:failed")).toEqual([]);
    expect(bench.toldOf("change:dead").map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    await bench.dispatcher.stop(0);
  });

  it("takes nothing with it that waited to be merged with it", async () => {
    const { bench, calls, append, deadIds } = begin({ mode: "latest" });
    await append("a/1 a/2 a/3! b/1! c/1 c/2!");
    expect(calls.toSorted()).toEqual(["a/1+a/2", "c/1"]);
    expect(await deadIds()).toEqual(["a/3!", "b/1!", "c/2!"]);
    await bench.dispatcher.stop(0);
  });

  it("is passed over by a batch, of which the rest counts", async () => {
    const calls: string[][] = [];
    const { bench, append, deadIds } = begin({
      batchSize: 10,
      handleGroups: async (groups) => {
        const forged = new Set(groups.flatMap(([row], place) => (isForged(row) ? [place] : [])));
        calls.push(groups.flatMap(([row], place) => (forged.has(place) ? [] : [idOf(row)])));
        return new Map([...forged].map((place) => [place, new ContentRefusedError()]));
      },
    });
    await append("a/1 a/2! a/3 b/1! b/2");
    expect(calls).toEqual([["a/1", "a/3", "b/2"]]);
    expect(await deadIds()).toEqual(["a/2!", "b/1!"]);
    expect(bench.toldOf("change:handled")).toHaveLength(3);
    await bench.dispatcher.stop(0);
  });

  it("says nothing of what the handler depends on, however much of it there is", async () => {
    const { bench, append, calls } = begin();
    const lanes = Array.from({ length: PAUSE_AFTER_LANES + 3 }, (_, lane) => `${lane}/1!`);
    await append([...lanes, "z/1"].join(" "));
    expect(bench.toldOf("declaration:paused").map(({ by }) => by)).toEqual(["user"]);
    expect(calls).toEqual(["z/1"]);
    await bench.dispatcher.stop(0);
  });

  it("does not hide that the handler's downstream is away", async () => {
    const bench = new DispatchBench([
      {
        concurrency: 1,
        handle: (row) => {
          throw isForged(row) ? new ContentRefusedError() : new Error("away");
        },
      },
    ]);
    await bench.append(...items(Array.from({ length: 10 }, (_, n) => `${n}/1 ${n}f/1!`).join(" ")));
    await bench.until(() => bench.toldOf("declaration:paused").length > 0, 60_000);
    expect(bench.toldOf("declaration:paused")).toMatchObject([{ by: "failures" }]);
    await bench.dispatcher.stop(0);
  });
});

describe("what keys are wanting for", () => {
  it("waits for them for days, in order, and spends no attempts", async () => {
    let areThere = false;
    const { bench, calls } = begin({
      retry: { attempts: 2, firstMs: 1_000, maxMs: 1_000 },
      handle: (row) => {
        if (!areThere) throw new KeysUnavailableError("signing keys", "nobody answers");
        calls.push(`${idOf(row)} ${row.failures}`);
      },
    });
    await bench.append(...items("a/1 a/2"));
    await bench.until(() => bench.toldOf("change:failed").length > 3);
    for (let hour = 0; hour < 3 * 24; hour += 1) await bench.clock.advance(3_600_000);
    expect(await bench.store.counts()).toEqual({ waiting: 2, dead: 0 });
    areThere = true;
    await bench.untilEmpty(120_000);
    expect(calls).toEqual(["a/1 0", "a/2 0"]);
    expect(await bench.store.counts()).toEqual({ waiting: 0, dead: 0 });
    await bench.dispatcher.stop(0);
  });

  it("becomes a dead letter when it is a private key that has not come for a day", async () => {
    const { bench } = begin({
      retry: { attempts: 2, firstMs: 1_000, maxMs: 1_000 },
      handle: () => {
        throw new KeysUnavailableError("certificate", "it is lost");
      },
    });
    await bench.append(...items("a/1"));
    for (let hour = 0; hour < 23; hour += 1) await bench.clock.advance(3_600_000);
    expect(await bench.store.counts()).toEqual({ waiting: 1, dead: 0 });
    await bench.untilEmpty(2 * 3_600_000);
    expect(await bench.store.counts()).toEqual({ waiting: 0, dead: 1 });
    await bench.dispatcher.stop(0);
  });
});
