import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@tidings/graph-simulator";
import { JumpableClock } from "../../app/clock.ts";
import { createKeyPair } from "../../crypto/create-key-pair.ts";

/** What an app under `tidings dev` lives in: a Graph, a clock that both share, a folder that goes with it. */
export interface DevWorld extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly clock: JumpableClock;
  /** Path for the app's store. */
  readonly storePath: string;
  /** Makes a certificate for this world, the first time it is asked for. */
  readonly certificates: () => Promise<string>;
  /** Moves Graph's clock and the app's ahead together. */
  jump(ms: number): void;
}

export async function createDevWorld(): Promise<DevWorld> {
  const clock = new JumpableClock();
  const folder = await mkdtemp(join(tmpdir(), "tidings-dev-"));
  const simulator = await startSimulator();
  let bundle: Promise<string> | undefined;
  return {
    simulator,
    clock,
    storePath: join(folder, "tidings.db"),
    certificates: async () => {
      bundle ??= createKeyPair({ commonName: "tidings-dev", now: clock.now() });
      return bundle;
    },
    jump(ms) {
      simulator.clock.advance(ms);
      clock.advance(ms);
    },
    async [Symbol.asyncDispose]() {
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
