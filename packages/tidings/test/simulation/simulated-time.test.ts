import { startSimulator, type Simulator } from "@tidings/graph-simulator";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SimulatedTime, SkewedClock } from "./simulated-time.ts";

let graph: Simulator;
let time: SimulatedTime;
let startedAt: number;
let told: string[];

beforeEach(async () => {
  graph = await startSimulator({ listen: false, clock: "virtual" });
  time = new SimulatedTime(graph.clock);
  startedAt = time.now();
  told = [];
});

afterEach(async () => {
  await graph.close();
});

async function sleep(name: string, ms: number, signal?: AbortSignal): Promise<void> {
  await time.sleep(ms, signal);
  told.push(`${name} ${time.now() - startedAt}`);
}

it("wakes each at its time, those who come later and wake earlier too", async () => {
  void sleep("late", 300);
  void sleep("early", 100);
  void (async () => {
    await sleep("first", 50);
    await sleep("second", 20);
  })();
  await graph.clock.run(1_000);
  expect(told).toEqual(["first 50", "second 70", "early 100", "late 300"]);
});

it("wakes who is called, and then not again", async () => {
  const calling = new AbortController();
  void sleep("called", 500, calling.signal);
  void sleep("other", 600);
  await graph.clock.run(100);
  calling.abort();
  await graph.clock.run(1_000);
  expect(told).toEqual(["called 100", "other 600"]);
});

it("lets a wrong clock sleep as long as a right one", async () => {
  const clock = new SkewedClock(time);
  const asleep = clock.sleep(100);
  clock.offsetMs = -5_000;
  await graph.clock.run(100);
  await asleep;
  expect(clock.now()).toBe(startedAt + 100 - 5_000);
});
