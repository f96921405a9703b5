import { expect, it } from "vitest";
import { StoreError } from "../core/errors.ts";
import type { Told } from "../core/events.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { Endpoint } from "./endpoint.ts";
import { EventFeed } from "./events.ts";

const MINUTE_MS = 60_000;

function createWorld() {
  const clock = new FakeClock();
  const events = new EventFeed();
  const told: { readonly minute: number; readonly told: Told }[] = [];
  const startedAt = clock.now();
  const endpoint = new Endpoint({
    events,
    clock,
    report: (...news) => told.push({ minute: (clock.now() - startedAt) / MINUTE_MS, told: news }),
  });
  const store = (tookMs: number, counts: { storedCount?: number; duplicateCount?: number } = {}): void =>
    events.emit("delivery:stored", {
      itemCount: 1,
      storedCount: 1,
      duplicateCount: 0,
      refusedCount: 0,
      ...counts,
      tookMs,
    });
  const storeMany = (count: number, ...delivery: Parameters<typeof store>): void => {
    for (let n = 0; n < count; n += 1) store(...delivery);
  };
  return { clock, events, endpoint, told, startedAt, storeMany };
}

it("tells once that it is slow, and once that it has recovered, though nothing comes any more", async () => {
  const { clock, told, startedAt, storeMany } = createWorld();
  storeMany(40, 3_000);
  await clock.advance(60 * MINUTE_MS);
  expect(told).toEqual([
    { minute: 0, told: ["endpoint:slow", { share: 1, overMs: 1_500, since: startedAt }] },
    { minute: 10, told: ["endpoint:recovered", { since: startedAt }] },
  ]);
});

it("tells of it again when it is slow again", async () => {
  const { clock, told, storeMany } = createWorld();
  for (let n = 0; n < 2; n += 1) {
    storeMany(20, 3_000);
    storeMany(20, 9_000);
    await clock.advance(30 * MINUTE_MS);
  }
  const names = told.map(({ minute, told: [name] }) => `${minute} ${name}`);
  expect(names).toEqual([
    "0 endpoint:slow",
    "0 endpoint:slow",
    "10 endpoint:recovered",
    "30 endpoint:slow",
    "30 endpoint:slow",
    "40 endpoint:recovered",
  ]);
});

it("counts duplicates and what could not be stored, and nothing of which no item is authentic", () => {
  const { events, endpoint, storeMany } = createWorld();
  storeMany(3, 10.4);
  storeMany(2, 20.6, { storedCount: 0, duplicateCount: 1 });
  events.emit("delivery:failed", { error: new StoreError("away"), tookMs: 2_000 });
  storeMany(1_000, 9_000, { storedCount: 0 });
  expect(endpoint.health()).toEqual({
    answered: 6,
    slowShare: 1 / 6,
    slowestMs: 2_000,
    slowSince: undefined,
  });
});

it("tells nothing after it was stopped", async () => {
  const { clock, endpoint, told, storeMany } = createWorld();
  storeMany(20, 3_000);
  endpoint.stop();
  storeMany(20, 9_000);
  await clock.advance(60 * MINUTE_MS);
  expect(told.map(({ told: [name] }) => name)).toEqual(["endpoint:slow"]);
});
