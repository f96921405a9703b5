/**
 * An app in a process of its own, to be killed: `killable-app.ts <graph url> <store> <log> <port> [<broker>]`. It writes
 * what it handles to the log, or to the broker's topic `users`.
 */
import { appendFileSync } from "node:fs";
import { systemClock } from "../../src/app/clock.ts";
import { kafka } from "../../src/app/kafka-sink.ts";
import { Tidings } from "../../src/app/tidings.ts";
import { isJsonObject } from "../../src/core/json.ts";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";

const [graphRoot = "", storePath = "", logPath = "", port = "", broker] = process.argv.slice(2);

/** The simulator's ready-made app, as its README gives it. */
const TENANT_ID = "5f0c3a7e-2b84-4d19-9c6e-8a1d47b0e352";
const CLIENT_ID = "c1d9e8b4-7a36-4f52-8e0b-93a6f2d5174c";
const CLIENT_SECRET = "simulated-secret";

const tidings = new Tidings({
  name: "killable",
  tenantId: TENANT_ID,
  cloud: { graphRoot },
  publicUrl: `http://127.0.0.1:${port}`,
  store: sqlite(storePath, { allowEphemeral: true }),
  credential: {
    async getToken(scopes) {
      const response = await fetch(`${graphRoot}/${TENANT_ID}/oauth2/v2.0/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: CLIENT_ID,
          client_secret: CLIENT_SECRET,
          scope: [scopes].flat().join(" "),
        }),
      });
      const answer: unknown = await response.json();
      const token = isJsonObject(answer) ? answer["access_token"] : undefined;
      if (typeof token !== "string") throw new TypeError("Expected an access token, got none");
      return { token, expiresOnTimestamp: systemClock.now() + 3_600_000 };
    },
  },
});

if (broker === undefined) {
  tidings.on("users", { changeType: "updated" }, async ({ raw }) => {
    await systemClock.sleep(Math.random() * 3);
    appendFileSync(logPath, `${typeof raw["id"] === "string" ? raw["id"] : ""}\n`);
  });
} else {
  tidings.on("users", { changeType: "updated" }, kafka({ brokers: [broker], topic: "users" }));
}

// Nobody to be killed by: nobody to live for.
process.on("disconnect", () => process.exit());

await tidings.listen({ port: Number(port), hostname: "127.0.0.1" });
await tidings.start();
process.send?.("ready");
