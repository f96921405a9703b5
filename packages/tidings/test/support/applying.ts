/**
 * Applies the declarations of an app without a store, when it is told to, and tells what became of them:
 * `applying.ts <graph url> <public url> <tenant> <client> <client secret> <settle ms>`.
 */
import { once } from "node:events";
import { wakefulClock } from "../../src/app/clock.ts";
import { Tidings } from "../../src/app/tidings.ts";
import { isJsonObject } from "../../src/core/json.ts";
import { SECRET } from "./deliveries.ts";

const [graphRoot = "", publicUrl = "", tenantId = "", client = "", clientSecret = "", settleMs = ""] =
  process.argv.slice(2);

const tidings = new Tidings({
  name: "applying",
  tenantId,
  publicUrl,
  secret: SECRET,
  cloud: { graphRoot },
  inbox: {
    description: "nowhere",
    open: async () => ({ append: async () => {}, isTaking: true, close: async () => {} }),
  },
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  credential: {
    async getToken(scopes) {
      const response = await fetch(`${graphRoot}/${tenantId}/oauth2/v2.0/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: client,
          client_secret: clientSecret,
          scope: [scopes].flat().join(" "),
        }),
      });
      const answer: unknown = await response.json();
      const token = isJsonObject(answer) ? answer["access_token"] : undefined;
      if (typeof token !== "string") throw new TypeError("Expected an access token, got none");
      return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  },
});
for (const path of ["users", "groups", "chats/getAllMessages"]) tidings.on(path);

process.on("disconnect", () => process.exit());
await tidings.open({ clock: wakefulClock });
process.send?.("ready");
await once(process, "message");
process.send?.(await tidings.subscriptions.apply({ settleMs: Number(settleMs) }));
