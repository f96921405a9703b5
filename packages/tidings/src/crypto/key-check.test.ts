import { expect, it } from "vitest";
import { Secret } from "../core/secret.ts";
import { createKeyCheck } from "./key-check.ts";

const isKey = createKeyCheck([new Secret("a new key of some length"), new Secret("an old key")]);

it.each(["a new key of some length", "an old key"])("takes %j", (given) => {
  expect(isKey(given)).toBe(true);
});

it.each(["", "a new key of some lengt", "a new key of some length ", "A new key of some length", "\u0000"])(
  "refuses %j",
  (given) => {
    expect(isKey(given)).toBe(false);
  },
);
