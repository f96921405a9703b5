import { beforeEach, describe, expect, it } from "vitest";
import { ReconcilerBench } from "../../test/support/reconciler-bench.ts";
import type { EndpointVerdict } from "../core/ports/endpoint-probe.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { OwnEndpoint } from "./own-endpoint.ts";

const PROVED: EndpointVerdict = { kind: "proved", sentence: "It answers." };
const UNREACHABLE: EndpointVerdict = { kind: "unreachable", reason: "dns", sentence: "No such host." };
const WRONG: EndpointVerdict = { kind: "wrong", reason: "status", status: 401, sentence: "It answers 401." };

let clock: FakeClock;
let told: unknown[];

beforeEach(() => {
  clock = new FakeClock();
  told = [];
});

/** An endpoint that answers so, one after the other, and then as the last. */
function answering(...verdicts: EndpointVerdict[]): { endpoint: OwnEndpoint; asked: () => number } {
  let asked = 0;
  const probe = {
    check: async () => {
      asked += 1;
      return verdicts[Math.min(asked, verdicts.length) - 1] ?? PROVED;
    },
  };
  const report = (_: string, event: unknown) => told.push(event);
  return { endpoint: new OwnEndpoint({ probe, clock, report }), asked: () => asked };
}

const URL = "https://tidings.example/notifications/mark";

describe("our own endpoint", () => {
  it("is asked once for all that come at the same time, and no more once it is proved", async () => {
    const { endpoint, asked } = answering(PROVED);
    expect(await Promise.all([endpoint.admit(URL), endpoint.admit(URL)])).toEqual([undefined, undefined]);
    expect(await endpoint.admit(URL)).toBeUndefined();
    expect(asked()).toBe(1);
    expect(told).toEqual([]);
  });

  it("keeps nobody from asking Graph when it cannot be reached from here, and is told of", async () => {
    const { endpoint } = answering(UNREACHABLE);
    expect(await endpoint.admit(URL)).toBeUndefined();
    expect(told).toEqual([{ url: URL, kind: "unreachable", sentence: "No such host." }]);
  });

  it("that answers wrong is asked again after 10 s, 20 s and so on up to 5 min, and admits nobody until then", async () => {
    const { endpoint, asked } = answering(WRONG);
    const waits: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const comeAt = (await endpoint.admit(URL)) ?? 0;
      expect(await endpoint.admit(URL)).toBe(comeAt);
      waits.push((comeAt - clock.now()) / 1000);
      await clock.advance(comeAt - clock.now());
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300]);
    expect(asked()).toBe(7);
  });

  it("admits everybody once it answers right", async () => {
    const { endpoint } = answering(WRONG, PROVED);
    await endpoint.admit(URL);
    await clock.advance(10_000);
    expect(await endpoint.admit(URL)).toBeUndefined();
  });
});

describe("a reconciler whose endpoint answers wrong", () => {
  it("makes nothing, counts no failures, and makes it as soon as it answers right", async () => {
    const bench = new ReconcilerBench();
    let verdict: EndpointVerdict = WRONG;
    const reconciler = bench.begin({ probe: { check: async () => verdict } });
    await reconciler.reconcileOnce();
    expect(bench.graph.calls).toEqual([]);
    expect(await bench.row()).toMatchObject({ graph: null, failures: 0, claimedUntil: 0 });
    verdict = PROVED;
    await bench.clock.advance(10_000);
    await reconciler.reconcileOnce();
    expect(bench.graph.live.size).toBe(1);
  });

  it("keeps alive what there is", async () => {
    const bench = new ReconcilerBench();
    await bench.begin().reconcileOnce();
    const { nextActionAt } = await bench.row();
    await bench.clock.advance(nextActionAt - bench.clock.now());
    await bench.begin({ probe: { check: async () => WRONG } }).reconcileOnce();
    expect(bench.toldOf("subscription:renewed")).toHaveLength(1);
  });
});
