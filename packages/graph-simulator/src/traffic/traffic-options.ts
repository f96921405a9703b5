import type { Duration } from "../duration.ts";
import type { JsonValue } from "../http/json.ts";
import { Shape } from "../shape.ts";
import { TRAFFIC_KIND_NAMES, TRAFFIC_KINDS, type TrafficKindName, type TrafficMix } from "./traffic-kinds.ts";

/** Traffic to be made. */
export interface TrafficOptions {
  /** Changes a second of the simulator's clock, on average: they come as life's do, now more and now less. */
  readonly ratePerSecond: number;
  /** How long, on the simulator's clock. */
  readonly for: Duration;
  /** @default all kinds, mail and talk most of all */
  readonly mix?: TrafficMix | undefined;
  /** @default the simulator's */
  readonly seed?: number | undefined;
}

/** Traffic that can be made. */
export interface ParsedTraffic {
  readonly ratePerSecond: number;
  readonly forMs: number;
  readonly mix: readonly (readonly [TrafficKindName, number])[];
  readonly seed: number | undefined;
}

/** @throws ShapeError that names the place by `where` */
export function parseTraffic(options: JsonValue | undefined, where: string): ParsedTraffic {
  const shape = new Shape(options, where);
  const parsed = {
    ratePerSecond: shape.number("ratePerSecond", { min: 0.001, max: 1_000_000 }),
    forMs: shape.durationMs("for"),
    mix: parseMix(shape.has("mix") ? new Shape(shape.value("mix"), `${where}.mix`) : undefined),
    seed: shape.has("seed") ? shape.number("seed") : undefined,
  };
  shape.end();
  return parsed;
}

function parseMix(shape: Shape | undefined): ParsedTraffic["mix"] {
  const mix = TRAFFIC_KIND_NAMES.map((name): readonly [TrafficKindName, number] => [
    name,
    shape ? (shape.has(name) ? shape.number(name) : 0) : TRAFFIC_KINDS[name].weight,
  ]);
  shape?.end();
  return mix;
}
