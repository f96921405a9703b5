import { expect, it } from "vitest";
import { toStamp } from "./stamp.ts";
import { TopicContents } from "./topic-contents.ts";

function contentsOf(...values: readonly object[]): TopicContents {
  const contents = new TopicContents();
  for (const value of values) contents.add({ value: Buffer.from(JSON.stringify(value)), writtenAt: 5 });
  return contents;
}

function stamped(resource: number, count: number): object {
  const stamp = { stream: 3, resource, count, dueAt: 1, sentAt: 2, takesMs: 0, throws: "nothing" } as const;
  return { id: "any", resourceData: toStamp(stamp) };
}

it("counts each notification once, in an envelope or without", () => {
  const contents = contentsOf({ id: "a" }, { notification: { id: "a" } }, { notification: { id: "b" } });
  expect(contents.distinctCount).toBe(2);
  expect(contents.unstampedCount).toBe(3);
});

it("knows of those with a stamp in which order they are there", () => {
  const contents = contentsOf(stamped(0, 2), { notification: stamped(0, 1) }, stamped(1, 1));
  expect(contents.unstampedCount).toBe(0);
  expect(contents.stream(3).report([2, 2])).toMatchObject({
    handled: 3,
    lost: 1,
    repeated: 0,
    misplaced: 1,
  });
});
