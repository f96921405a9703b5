/** `npm run chaos -- --kills 1000`: kills an app, and proves that nothing is lost. */
import { parseArgs } from "node:util";
import { killAtRandom } from "./chaos-run.ts";

const { values } = parseArgs({ options: { kills: { type: "string", default: "1000" } } });
const kills = Number(values.kills);
const startedAt = Date.now();

function say(line: string): void {
  process.stdout.write(`${((Date.now() - startedAt) / 1_000).toFixed(0).padStart(5)} s  ${line}\n`);
}

const { violations, ...figures } = await killAtRandom(kills, (count) => {
  if (count % 25 === 0) say(`${count} of ${kills} kills`);
});
for (const violation of violations) say(JSON.stringify(violation));
say(JSON.stringify({ ...figures, violationCount: violations.length }));
if (violations.length > 0) process.exitCode = 1;
