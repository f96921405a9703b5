import { once } from "node:events";

import { expect, it } from "vitest";

import { EventFeed } from "./events.ts";

it("a feed calls those who listen, until they leave", () => {
  const feed = new EventFeed();
  const heard: number[] = [];
  const leave = feed.on("clock:advanced", ({ advanceMs }) => heard.push(advanceMs));
  feed.emit("clock:advanced", { advanceMs: 1, now: 1 });
  feed.emit("simulator:reset", { at: 1 });
  leave();
  leave();
  feed.emit("clock:advanced", { advanceMs: 2, now: 3 });
  expect(heard).toEqual([1]);
});

it("a listener that throws neither stops the others nor is hidden", async () => {
  const feed = new EventFeed();
  const heard: string[] = [];
  feed.on("simulator:reset", () => {
    throw new Error("wrong listener");
  });
  feed.on("simulator:reset", () => heard.push("second"));
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  const uncaught = once(process, "uncaughtException");
  feed.emit("simulator:reset", { at: 1 });
  const [error]: unknown[] = await uncaught;
  for (const other of others) process.on("uncaughtException", other);
  expect(heard).toEqual(["second"]);
  expect(error).toEqual(new Error("wrong listener"));
});
