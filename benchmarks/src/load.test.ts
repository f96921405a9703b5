import { describe, expect, it } from "vitest";
import { LoadError, parseLoad } from "./load.ts";

const SAID =
  '{"sent":10064,"answered":10000,"durationMs":2001.5,"refused":3,"broken":0,"cpuMs":812.25,"p50Ms":1.5,"p99Ms":9.25,"maxMs":20}';

const OUTPUT = `Running 2s test @ http://127.0.0.1:4000/notifications
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.61ms    1.20ms  20.00ms   91.32%
  10000 requests in 2.00s, 1.03MB read
  Non-2xx or 3xx responses: 3
Requests/sec:   4996.25

load ${SAID}
`;

describe("what wrk prints", () => {
  it("is read from the line of our script", () => {
    expect(parseLoad(OUTPUT)).toStrictEqual(JSON.parse(SAID));
  });

  it.each([
    { name: "without that line", output: OUTPUT.replace(/^load .*/m, "") },
    { name: "with a line cut short", output: OUTPUT.replace(/"maxMs":20\}/, "") },
    { name: "without one of the figures", output: OUTPUT.replace('"sent":10064,', "") },
    { name: "with a figure that is none", output: OUTPUT.replace("10064", '"nan"') },
  ])("$name is refused", ({ output }) => {
    expect(() => parseLoad(output)).toThrow(LoadError);
  });
});
