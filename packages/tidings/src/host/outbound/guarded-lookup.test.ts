import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { expect, it } from "vitest";
import { guardedLookup } from "./guarded-lookup.ts";

const PUBLIC = { address: "20.190.128.1", family: 4 };
const PUBLIC_6 = { address: "2603:1006:2000::1", family: 6 };
const METADATA = { address: "169.254.169.254", family: 4 };

/** A name server whose answers change. */
function lookupOf(
  ...answers: readonly (readonly { address: string; family: number }[] | Error)[]
): LookupFunction {
  const rest = [...answers];
  return (_, { all }, callback) => {
    const answer = rest.shift() ?? [];
    if (answer instanceof Error) callback(answer, []);
    else if (all === true) callback(null, [...answer]);
    else callback(null, answer[0]?.address ?? "", answer[0]?.family);
  };
}

async function find(lookup: LookupFunction, all = true): Promise<unknown> {
  return new Promise((resolve, reject) => {
    lookup("graph.example", { all }, (error, found, family) => {
      if (error === null) resolve(all ? found : { address: found, family });
      else reject(error);
    });
  });
}

it("gives public addresses, as many as are asked for", async () => {
  const lookup = guardedLookup(lookupOf([PUBLIC, PUBLIC_6], [PUBLIC, PUBLIC_6]), new Set());
  expect(await find(lookup)).toEqual([PUBLIC, PUBLIC_6]);
  expect(await find(lookup, false)).toEqual(PUBLIC);
});

it("refuses a name that leads elsewhere by the time of the next connection", async () => {
  const lookup = guardedLookup(lookupOf([PUBLIC], [METADATA]), new Set());
  await find(lookup);
  await expect(find(lookup)).rejects.toMatchObject({ code: "ERR_OUTBOUND_REFUSED", fault: "address" });
});

it("refuses a name with one bad address among good ones, also where one is asked for", async () => {
  const lookup = guardedLookup(lookupOf([PUBLIC, METADATA]), new Set());
  await expect(find(lookup, false)).rejects.toMatchObject({ fault: "address" });
});

it("lets names that may be private lead anywhere", async () => {
  const lookup = guardedLookup(lookupOf([METADATA], [METADATA]), new Set(["graph.example"]));
  expect(await find(lookup)).toEqual([METADATA]);
  expect(await find(lookup, false)).toEqual(METADATA);
});

it("passes on that a name is not known", async () => {
  const error = Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
  await expect(find(guardedLookup(lookupOf(error), new Set()))).rejects.toBe(error);
});

// Node gives no addresses at all then, whatever its types say.
it("passes on what the system's own lookup says of a name that is not known", async () => {
  await expect(
    new Promise((_, reject) => {
      guardedLookup(systemLookup, new Set())("no-such-name.invalid", { all: true }, (error) => reject(error));
    }),
  ).rejects.toMatchObject({ syscall: "getaddrinfo" });
});

it("does not take nothing for an address", async () => {
  expect(await find(guardedLookup(lookupOf([]), new Set()))).toEqual([]);
});
