import { describe, expect, it } from "vitest";
import { failureOf, isBusy, isFull } from "./failures.ts";

/** @see https://www.sqlite.org/rescode.html */
const SQLITE_CODES = {
  SQLITE_BUSY: 5,
  SQLITE_BUSY_RECOVERY: 261,
  SQLITE_BUSY_TIMEOUT: 773,
  SQLITE_CONSTRAINT_DATATYPE: 3_091,
  SQLITE_CORRUPT: 11,
  SQLITE_CORRUPT_INDEX: 779,
  SQLITE_FULL: 13,
  SQLITE_IOERR_DIR_FSYNC: 1_290,
  SQLITE_IOERR_FSYNC: 1_034,
  SQLITE_IOERR_READ: 266,
  SQLITE_IOERR_WRITE: 778,
  SQLITE_NOTADB: 26,
} as const;

type CodeName = keyof typeof SQLITE_CODES;

/** An error as `node:sqlite` throws it. */
function errorOf(name: CodeName): Error {
  return Object.assign(new Error(name), { errcode: SQLITE_CODES[name] });
}

describe("failureOf()", () => {
  it.each<[CodeName, boolean, string]>([
    ["SQLITE_IOERR_FSYNC", true, "The disk failed under the SQLite store"],
    ["SQLITE_IOERR_DIR_FSYNC", true, "The disk failed under the SQLite store"],
    ["SQLITE_CORRUPT", true, "The disk failed under the SQLite store"],
    ["SQLITE_CORRUPT_INDEX", true, "The disk failed under the SQLite store"],
    ["SQLITE_NOTADB", true, "The disk failed under the SQLite store"],
    ["SQLITE_FULL", false, "The disk of the SQLite store is full"],
    ["SQLITE_IOERR_WRITE", false, "The disk of the SQLite store takes no more"],
    ["SQLITE_IOERR_READ", false, "The SQLite store failed"],
    ["SQLITE_CONSTRAINT_DATATYPE", false, "The SQLite store failed"],
  ])("of %s: broken is %s, %s", (name, isBroken, message) => {
    expect(failureOf(errorOf(name))).toEqual({ isBroken, message, reason: name });
  });

  it("takes anything thrown", () => {
    const message = "The SQLite store failed";
    expect(failureOf(new TypeError("no"))).toEqual({ isBroken: false, message, reason: "no" });
    expect(failureOf("no")).toEqual({ isBroken: false, message, reason: "no" });
  });
});

describe("isFull()", () => {
  it.each<[CodeName, boolean]>([
    ["SQLITE_FULL", true],
    ["SQLITE_IOERR_WRITE", true],
    ["SQLITE_IOERR_READ", false],
    ["SQLITE_BUSY", false],
  ])("of %s is %s", (name, expected) => {
    expect(isFull(errorOf(name))).toBe(expected);
  });
});

describe("isBusy()", () => {
  it.each<[CodeName, boolean]>([
    ["SQLITE_BUSY", true],
    ["SQLITE_BUSY_RECOVERY", true],
    ["SQLITE_BUSY_TIMEOUT", true],
    ["SQLITE_FULL", false],
    ["SQLITE_CONSTRAINT_DATATYPE", false],
  ])("of %s is %s", (name, expected) => {
    expect(isBusy(errorOf(name))).toBe(expected);
  });
});
