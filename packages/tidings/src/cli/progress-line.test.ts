import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ProgressLine } from "./progress-line.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function stream(isTTY: boolean) {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  return { isTTY, written, write };
}

it("counts up on a line of a terminal, ten times a second, and leaves it in the end", () => {
  const terminal = stream(true);
  const line = new ProgressLine(terminal);
  for (let done = 0; done <= 1_000; done += 1) {
    line.tell(done, 1_000);
    vi.advanceTimersByTime(1);
  }
  line.end();
  expect(terminal.written.at(0)).toBe("\r1 of 1,000 done");
  expect(terminal.written.slice(-2)).toEqual(["\r1,000 of 1,000 done", "\n"]);
  expect(terminal.written.length).toBeLessThan(14);
});

it("says now and then anywhere else how far it is, and nothing of what is done soon", () => {
  const file = stream(false);
  const line = new ProgressLine(file);
  line.tell(1, 2);
  vi.advanceTimersByTime(5_000);
  line.tell(1, 2);
  line.tell(1, 2);
  vi.advanceTimersByTime(5_000);
  line.tell(1, 2);
  line.tell(2, 2);
  line.end();
  expect(file.written).toEqual(["1 of 2 done\n", "2 of 2 done\n"]);
});
