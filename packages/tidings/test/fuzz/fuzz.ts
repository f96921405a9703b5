/**
 * `npm run fuzz -- [--target decrypt] [--cases 1000000] [--seed 1] [--json]`: tries what strangers could send. A target
 * is a file of this folder that exports `target`, and is named in `targets`.
 */
import { parseArgs } from "node:util";
import { runTarget } from "./run-target.ts";
import { targets } from "./targets.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    cases: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const chosen = targets.filter(({ name }) => name === (values.target ?? name));
if (chosen.length === 0) {
  const names = targets.map(({ name }) => name).join(", ");
  throw new TypeError(`Expected \`--target\` to be one of ${names}, got \`${values.target}\``);
}
const startedAt = performance.now();

function say(line: string): void {
  const seconds = (performance.now() - startedAt) / 1000;
  process.stderr.write(`${seconds.toFixed(0).padStart(5)} s  ${line}\n`);
}

const cases = Number(values.cases);
const seed = Number(values.seed);
for (const target of chosen) {
  const result = await runTarget(target, {
    cases,
    seed,
    onProgress(count) {
      if (count % 50_000 === 0) say(`${target.name}: ${count} of ${cases}`);
    },
  });
  if (values.json) process.stdout.write(`${JSON.stringify({ target: target.name, seed, ...result })}\n`);
  else say(`${target.name}: ${JSON.stringify(result)}`);
  if (result.failures.length > 0) process.exitCode = 1;
}
