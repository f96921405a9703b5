import { setTimeout as sleepFor } from "node:timers/promises";
import { assertSinkFormat, toSinkText, type SinkFormat } from "../../core/change-record.ts";
import type { BatchHandler } from "../../core/change.ts";
import { StdoutError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { assertEnrich, sinkDataOf, type Enrich } from "../../core/sink-data.ts";

/**
 * ADAPTER: the sink `tidings/sink/stdout`.
 * @module
 */

export interface StdoutSinkOptions {
  /** Plain JSON, or CloudEvents 1.0 of the same. @default "json" */
  readonly format?: SinkFormat | undefined;
  /** Reads what changed before it is written, as the sink `kafka` does. @default false */
  readonly enrich?: Enrich | undefined;
}

/** What is written to: `process.stdout`, or what can take its place. */
export interface Output {
  write(text: string, done: (error?: Error | null) => void): unknown;
}

/**
 * A handler that writes changes to stdout, a line of JSON each, each resource's in order. A change is done when the
 * system has taken its line; how fast it takes them is how fast the inbox is worked off. Once nobody reads, nothing is
 * written any more, and the process ends: `tidings serve` sees to that, and Node does unless somebody listens for the
 * `error` of its stdout.
 *
 * @throws TypeError when an option makes no sense, with the value shown
 */
export function stdout(options: StdoutSinkOptions = {}, output: Output = process.stdout): BatchHandler {
  const { format = "json", enrich = false } = options;
  assertSinkFormat(format);
  assertEnrich(enrich);
  return {
    async batch(changes) {
      const told = await Promise.all(changes.map(async (change) => sinkDataOf(change, enrich, machineClock)));
      const lines = changes.map((change, place) => {
        const data = told[place] ?? { kind: "none" };
        return `${toSinkText(change, data, format)}\n`;
      });
      await write(output, lines.join(""));
    },
  };
}

async function write(output: Output, text: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  output.write(text, (cause) => {
    if (cause === undefined || cause === null) resolve();
    else reject(new StdoutError({ cause }));
  });
  return promise;
}

const machineClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => sleepFor(ms, undefined, { signal, ref: false }).catch(() => {}),
};
