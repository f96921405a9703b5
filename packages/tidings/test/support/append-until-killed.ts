/** Appends one item after another and tells of each once it is acknowledged: `append-until-killed.ts <file> <synchronous>`. */
import { writeSync } from "node:fs";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";

const [path = "", synchronous] = process.argv.slice(2);
const store = await sqlite(path, {
  allowEphemeral: true,
  synchronous: synchronous === "normal" ? "normal" : "full",
}).open();

for (let n = 0; ; n += 1) {
  await store.append([
    {
      declaration: "users",
      subscriptionKey: "key",
      lane: `users key ${n % 7}`,
      identity: `item-${n}`,
      body: { raw: { id: `item-${n}`, filler: "x".repeat(n % 900) }, params: {} },
      receivedAt: n,
      source: "webhook",
      tokensKey: undefined,
    },
  ]);
  writeSync(1, `item-${n}\n`);
}
