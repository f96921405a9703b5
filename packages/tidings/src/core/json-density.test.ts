import { expect, it } from "vitest";
import { isTooDense } from "./json-density.ts";

const MiB = 1024 * 1024;

function bytes(start: string, part: string, length = MiB): Uint8Array {
  return new TextEncoder().encode((start + part.repeat(length)).slice(0, length));
}

const ITEM = JSON.stringify({
  changeType: "updated",
  clientState: "v1.12345678.1234567890123456789012.1234567890123456789012345678901234567890123",
  resource: "Users/00000000-0000-4000-8000-000000000001",
  resourceData: {
    "@odata.type": "#Microsoft.Graph.User",
    "@odata.id": "Users/00000000-0000-4000-8000-000000000001",
    id: "00000000-0000-4000-8000-000000000001",
  },
  subscriptionExpirationDateTime: "2026-12-01T00:00:00.0000000Z",
  subscriptionId: "76222963-cc7b-42d2-882d-8aaa69cb2ba3",
  tenantId: "84bd8158-6d4d-4958-8b9f-9d6445542f95",
});

it.each([
  ["notifications", '{"value":[', `${ITEM},`],
  ["one long string", '{"value":["', "a"],
  ["white space", "{", " "],
  ["nothing but commas, as long as it is short", "", ",", 100_000],
])("lets pass %s", (_, start, part, length = MiB) => {
  expect(isTooDense(bytes(start, part, length))).toBe(false);
});

it.each([
  ["empty objects", '{"value":[', "{},"],
  ["numbers", '{"value":[', "0,"],
  ["lists in lists", "", "["],
  ["objects in objects", "", '{"":'],
  ["one name again and again", "{", '"a":1,'],
])("does not let pass %s", (_, start, part) => {
  expect(isTooDense(bytes(start, part))).toBe(true);
});
