import type { Duration } from "../duration.ts";
import { parseFault, type Fault, type ParsedFault } from "../faults/fault.ts";
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from "../http/json.ts";
import { Shape, ShapeError } from "../shape.ts";
import { parseTraffic, type ParsedTraffic, type TrafficOptions } from "../traffic/traffic-options.ts";

/** What is done at a moment of a scenario. */
export type ScenarioStep = {
  /** How long after the start, on the simulator's clock. */
  readonly at: Duration;
} & (
  | { readonly do: "start-fault"; readonly fault: Fault }
  | { readonly do: "stop-faults" }
  | { readonly do: "jump"; readonly by: Duration }
  | { readonly do: "traffic"; readonly traffic: TrafficOptions }
  /**
   * Somebody in a tenant (the first, if not said) makes a Graph request, without a token or a limit; or, when the path
   * begins with `/_simulator/`, a request to the control API.
   */
  | {
      readonly do: "request";
      readonly method: string;
      readonly path: string;
      readonly body?: JsonObject | undefined;
      readonly tenantId?: string | undefined;
    }
);

/** What happens to a simulator, and when. With the same seed it happens in the same way each time. */
export interface Scenario {
  /** What the command starts the simulator with, when it is given no other. */
  readonly seed?: number | undefined;
  readonly steps: readonly ScenarioStep[];
}

/** A step that can be done. */
export interface ParsedStep {
  readonly atMs: number;
  /** Names the step in messages, for example `steps[3]`. */
  readonly where: string;
  readonly action: ScenarioAction;
}

export type ScenarioAction =
  | { readonly do: "start-fault"; readonly fault: ParsedFault }
  | { readonly do: "stop-faults" }
  | { readonly do: "jump"; readonly byMs: number }
  | { readonly do: "traffic"; readonly traffic: ParsedTraffic }
  | {
      readonly do: "request";
      readonly method: string;
      readonly path: string;
      readonly body: JsonObject | undefined;
      readonly tenantId: string | undefined;
    };

export interface ParsedScenario {
  readonly seed: number | undefined;
  readonly steps: readonly ParsedStep[];
}

const VERBS = ["start-fault", "stop-faults", "jump", "traffic", "request"] as const;

/** @throws ShapeError that names the place, for example `steps[3].fault.share` */
export function parseScenario(value: JsonValue | undefined): ParsedScenario {
  const shape = new Shape(value, "");
  const seed = shape.has("seed") ? shape.number("seed", { max: Number.MAX_SAFE_INTEGER }) : undefined;
  const steps = shape.list("steps").map((step, index) => parseStep(step, `steps[${index}]`));
  shape.end();
  return { seed, steps };
}

/** @throws ShapeError as {@link parseScenario} does */
export function assertScenario(value: unknown): asserts value is Scenario {
  parseScenario(parseJson(JSON.stringify(value) ?? ""));
}

function parseStep(value: JsonValue, where: string): ParsedStep {
  const shape = new Shape(value, where);
  const step = { atMs: shape.durationMs("at"), where, action: parseAction(shape, where) };
  shape.end();
  return step;
}

function parseAction(shape: Shape, where: string): ScenarioAction {
  const verb = shape.choice("do", VERBS);
  switch (verb) {
    case "start-fault":
      return { do: verb, fault: parseFault(shape.value("fault"), `${where}.fault`) };
    case "stop-faults":
      return { do: verb };
    case "jump":
      return { do: verb, byMs: shape.durationMs("by") };
    case "traffic":
      return { do: verb, traffic: parseTraffic(shape.value("traffic"), `${where}.traffic`) };
    case "request":
      return {
        do: verb,
        method: shape.text("method").toUpperCase(),
        path: shape.text("path"),
        body: shape.has("body") ? objectOf(shape.value("body"), `${where}.body`) : undefined,
        tenantId: shape.has("tenantId") ? shape.text("tenantId") : undefined,
      };
  }
}

function objectOf(value: JsonValue | undefined, where: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw new ShapeError(where, "an object", value);
}
