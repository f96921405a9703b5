import { expect, it } from "vitest";
import type { HeardSubscription } from "../core/events.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { Hearing, MAX_HEARD, TELL_EVERY_MS } from "./hearing.ts";

function createWorld() {
  const clock = new FakeClock();
  const told: { at: number; heard: readonly HeardSubscription[] }[] = [];
  const hearing = new Hearing((heard) => told.push({ at: clock.now(), heard }));
  const startedAt = clock.now();
  const hear = (key: string, changes: Partial<HeardSubscription> = {}): HeardSubscription => {
    const heard = { key, id: `id of ${key}`, heardAt: clock.now(), expiresAt: undefined, ...changes };
    hearing.hear(heard, clock);
    return heard;
  };
  return { clock, hearing, told, hear, toldAfterMs: () => told.map(({ at }) => at - startedAt) };
}

it("tells the latest of each subscription, once in 10 s", async () => {
  const { clock, hear, told, toldAfterMs } = createWorld();
  hear("a", { id: "old", expiresAt: 1 });
  for (let n = 0; n < 1_000; n += 1) hear("b");
  await clock.advance(5_000);
  const latest = hear("a", { id: "new", expiresAt: 2 });
  await clock.advance(TELL_EVERY_MS);
  expect(toldAfterMs()).toEqual([TELL_EVERY_MS]);
  expect(told[0]?.heard).toEqual([latest, expect.objectContaining({ key: "b" })]);
});

it("tells nothing when nothing came, and is as patient with what comes then", async () => {
  const { clock, hear, toldAfterMs } = createWorld();
  hear("a");
  await clock.advance(60_000);
  hear("a");
  await clock.advance(60_000);
  expect(toldAfterMs()).toEqual([TELL_EVERY_MS, 60_000 + TELL_EVERY_MS]);
});

it("holds a bounded number, and tells them when there are so many", async () => {
  const { clock, hear, told, toldAfterMs } = createWorld();
  for (let n = 0; n < MAX_HEARD + 1; n += 1) hear(`key ${n}`);
  expect(told.map(({ heard }) => heard.length)).toEqual([MAX_HEARD]);
  await clock.advance(TELL_EVERY_MS);
  expect(told.map(({ heard }) => heard.length)).toEqual([MAX_HEARD, 1]);
  expect(toldAfterMs()).toEqual([0, TELL_EVERY_MS]);
});

it("tells at once what it is asked for, and not again", async () => {
  const { clock, hear, hearing, toldAfterMs } = createWorld();
  hear("a");
  hearing.flush();
  hearing.flush();
  await clock.advance(TELL_EVERY_MS);
  expect(toldAfterMs()).toEqual([0]);
});
