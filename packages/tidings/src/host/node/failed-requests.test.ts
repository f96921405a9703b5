import { expect, it } from "vitest";
import { FailedRequests } from "./failed-requests.ts";

function create() {
  let time = 0;
  const failed = new FailedRequests(() => time);
  return {
    pass: (ms: number) => (time += ms),
    note: (address: string, times = 1) => Array.from({ length: times }, () => failed.note(address)).at(-1),
  };
}

it("an address may have thirty at once, and one more each second", () => {
  const { note, pass } = create();
  expect(note("192.0.2.1", 30)).toBe(false);
  expect(note("192.0.2.1")).toBe(true);
  pass(1_000);
  expect(note("192.0.2.1")).toBe(true);
  pass(2_000);
  expect(note("192.0.2.1")).toBe(false);
  pass(60_000);
  expect(note("192.0.2.1", 30)).toBe(false);
});

it("an address has nothing to do with another's", () => {
  const { note } = create();
  expect(note("192.0.2.1", 100)).toBe(true);
  expect(note("192.0.2.2")).toBe(false);
  expect(note("::ffff:192.0.2.3", 100)).toBe(true);
  expect(note("::ffff:192.0.2.4")).toBe(false);
});

it.each([
  ["2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", true],
  ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
  ["2001:db8::1", "2001:db8:0:0:1::", true],
  ["2001:db8::1", "2001:db8:1::1", false],
  ["::1", "::2", true],
])("%s and %s are one: %j", (one, other, isOne) => {
  const { note } = create();
  note(one, 31);
  expect(note(other)).toBe(isOne);
});

it("forgets the address that failed longest ago when there are too many", () => {
  const { note } = create();
  note("192.0.2.1", 31);
  note("192.0.2.2", 31);
  note("192.0.2.1");
  for (let n = 0; n < 9_999; n += 1) note(`10.0.${n >> 8}.${n & 255}`);
  expect(note("192.0.2.1")).toBe(true);
  expect(note("192.0.2.2")).toBe(false);
});
