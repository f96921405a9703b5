import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkHistory, repeatsOf } from "./check-history.ts";
import { HistoryFile, readHistory, type HistoryEvent } from "./history.ts";

const LIFE = 1;

/** One that is told as `kind id`, with a lane other than `a` behind `@` and a life other than 1 behind `#`. */
function event(text: string): HistoryEvent {
  const [, kind = "", list = "", lane = "a", life] =
    /^([\w-]+) ([\w,]+)(?:@(\w+))?(?:#(\d))?$/.exec(text) ?? [];
  const told = { ids: list.split(","), lane };
  const lived = { ...told, life: life === undefined ? LIFE : Number(life) };
  switch (kind) {
    case "sent":
    case "acked":
      return { ...told, kind };
    case "stored":
    case "began":
    case "died":
      return { ...lived, kind };
    case "ok":
    case "failed":
      return { ...lived, kind: "ended", outcome: kind };
    default:
      throw new Error(`no event: ${text}`);
  }
}

function historyOf(...texts: string[]): HistoryEvent[] {
  return texts.map((text) => event(text));
}

const ACCEPTED_TWO = ["sent 1", "stored 1", "acked 1", "sent 2", "stored 2", "acked 2"];

describe("a history is clean", () => {
  it.each<{ name: string; history: string[] }>([
    { name: "when nothing happened", history: [] },
    {
      name: "when all is handled in order",
      history: [...ACCEPTED_TWO, "began 1", "ok 1", "began 2", "ok 2"],
    },
    {
      name: "when the answer comes after the work",
      history: ["sent 1", "stored 1", "began 1", "ok 1", "acked 1"],
    },
    {
      name: "when what failed is tried again and the next waits",
      history: [...ACCEPTED_TWO, "began 1", "failed 1", "began 1", "ok 1", "began 2", "ok 2"],
    },
    {
      name: "when what died lets the next go",
      history: [...ACCEPTED_TWO, "began 1", "failed 1", "died 1", "began 2", "ok 2"],
    },
    {
      name: "when a crash has something done again, behind the next too",
      history: [...ACCEPTED_TWO, "began 1", "ok 1", "began 2", "began 1#2", "ok 1#2", "began 2#2", "ok 2#2"],
    },
    {
      name: "when one call stands for several",
      history: [...ACCEPTED_TWO, "began 1,2", "ok 1,2"],
    },
    {
      name: "when two that were sent at once come in either order",
      history: [
        "sent 1",
        "sent 2",
        "stored 2",
        "stored 1",
        "acked 1",
        "acked 2",
        "began 2",
        "ok 2",
        "began 1",
        "ok 1",
      ],
    },
    {
      name: "when other lanes run at once",
      history: [
        "sent 1",
        "sent 2@b",
        "stored 1",
        "stored 2@b",
        "acked 1",
        "began 1",
        "began 2@b",
        "ok 2@b",
        "ok 1",
      ],
    },
    {
      name: "when nothing is told of the store",
      history: ["sent 1", "acked 1", "began 1", "ok 1"],
    },
    {
      name: "when what was never answered is lost",
      history: ["sent 1", "sent 2", "stored 2"],
    },
  ])("$name", ({ history }) => {
    expect(checkHistory(historyOf(...history))).toEqual([]);
  });
});

describe("a history shows", () => {
  it.each<{ name: string; history: string[]; violations: ReturnType<typeof checkHistory> }>([
    {
      name: "a loss",
      history: [...ACCEPTED_TWO, "began 1", "ok 1"],
      violations: [{ rule: "loss", lane: "a", ids: ["2"] }],
    },
    {
      name: "a loss of what only failed",
      history: ["sent 1", "stored 1", "acked 1", "began 1", "failed 1"],
      violations: [{ rule: "loss", lane: "a", ids: ["1"] }],
    },
    {
      name: "a swap",
      history: [...ACCEPTED_TWO, "began 2", "ok 2", "began 1", "ok 1"],
      violations: [{ rule: "order", lane: "a", ids: ["2", "1"] }],
    },
    {
      name: "one tried while the one before it waits for its retry",
      history: [...ACCEPTED_TWO, "began 1", "failed 1", "began 2", "ok 2", "began 1", "ok 1"],
      violations: [{ rule: "order", lane: "a", ids: ["2", "1"] }],
    },
    {
      name: "an overlap",
      history: ["sent 1", "sent 2", "stored 1", "stored 2", "acked 1", "began 1", "began 2", "ok 1", "ok 2"],
      violations: [{ rule: "overlap", lane: "a", ids: ["1", "2"] }],
    },
    {
      name: "an invention",
      history: ["began 1", "ok 1"],
      violations: [{ rule: "invention", lane: "a", ids: ["1"] }],
    },
    {
      name: "an answer before it was stored",
      history: ["sent 1", "acked 1", "stored 1", "began 1", "ok 1"],
      violations: [{ rule: "untruthful answer", lane: "a", ids: ["1"] }],
    },
  ])("$name", ({ history, violations }) => {
    expect(checkHistory(historyOf(...history))).toEqual(violations);
  });

  it("what was handled more than once, and how often too many", () => {
    const history = historyOf("began 1", "ok 1", "ok 2", "failed 3", "ok 3", "ok 1#2", "ok 1#3");
    expect(repeatsOf(history)).toEqual(new Map([["1", 2]]));
  });
});

it("a history is kept in a file, in the order of all who write to it", () => {
  const folder = mkdtempSync(join(tmpdir(), "tidings-history-"));
  try {
    const path = join(folder, "history.ndjson");
    const [first, second] = [new HistoryFile(path), new HistoryFile(path)];
    const events = historyOf("sent 1", "stored 1", "acked 1");
    for (const [place, each] of events.entries()) (place % 2 === 0 ? first : second).record(each);
    expect(readHistory(path)).toEqual(events);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
