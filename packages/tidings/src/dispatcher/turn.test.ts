import { expect, it } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { Turn } from "./turn.ts";

/** Time that passes while nobody can wake. */
class BusyClock extends FakeClock {
  busyMs = 0;

  override now(): number {
    return super.now() + this.busyMs;
  }
}

function begin(): { clock: BusyClock; turn: Turn; next: () => number } {
  const clock = new BusyClock();
  let count = 0;
  const turn = new Turn(clock, () => {
    count += 1;
  });
  return { clock, turn, next: () => count };
}

it("goes on while it is short", () => {
  const { clock, turn } = begin();
  expect(turn.goesOn()).toBe(true);
  clock.busyMs = 4;
  expect(turn.goesOn()).toBe(true);
});

it("ends when it has kept the thread, and says when the next begins", async () => {
  const { clock, turn, next } = begin();
  turn.goesOn();
  clock.busyMs = 5;
  expect(turn.goesOn()).toBe(false);
  expect(next()).toBe(0);
  await clock.advance(1);
  expect(next()).toBe(1);
  expect(turn.goesOn()).toBe(true);
});

it("never ends for one that gives the thread away by itself", async () => {
  const { clock, turn } = begin();
  for (let ms = 0; ms < 50; ms += 1) {
    expect(turn.goesOn()).toBe(true);
    await clock.advance(1);
  }
});
