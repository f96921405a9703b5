import { expect, it } from "vitest";
import { fromStamp, toStamp } from "./stamp.ts";

it("is read as it was written", () => {
  const stamp = {
    stream: 3,
    resource: 7,
    count: 2,
    dueAt: 1000.5,
    sentAt: 1001,
    takesMs: 30_000,
    throws: "retry after",
  } as const;
  expect(fromStamp({ resourceData: JSON.parse(JSON.stringify(toStamp(stamp))) })).toStrictEqual(stamp);
});

it("is not there in a notification of somebody else", () => {
  expect(fromStamp({})).toBeUndefined();
  expect(fromStamp({ resourceData: { id: "1" } })).toBeUndefined();
});
