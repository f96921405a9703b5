import type { Tidings } from "../../src/app/tidings.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

/** Whom to tell what happens to one target. */
export interface Trace {
  /** Of the target. */
  readonly key: string;
  readonly say: (line: string) => void;
}

const FOLLOWED = [
  "subscription:created",
  "subscription:adopted",
  "subscription:renewed",
  "subscription:removed",
  "subscription:gone",
  "subscription:failed",
] as const;

/** What a process tells of it; of the tenant it says nothing, but no two targets have one resource. */
export function traceProcess(tidings: Tidings, { key, say }: Trace, now: () => number): void {
  for (const name of FOLLOWED) {
    tidings.events.on(name, (event) => {
      if (!key.endsWith(event.resource.toLowerCase())) return;
      const detail = "error" in event ? `${event.action}: ${String(event.error)}` : event.id;
      say(`${new Date(now()).toISOString()}  app    ${name} ${detail}`);
    });
  }
}

/** What happens to it at Graph, and to the whole world. */
export function traceWorld<Declared>(world: SimulatedWorld<Declared>, { key, say }: Trace): void {
  world.onTold = ({ at, ...event }) => {
    if (!("key" in event) || event.key === key)
      say(`${new Date(at).toISOString()}  graph  ${JSON.stringify(event)}`);
  };
}
