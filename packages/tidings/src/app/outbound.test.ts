import { expect, it } from "vitest";
import { GLOBAL_CLOUD, type Cloud } from "../core/cloud.ts";
import { resolveCloud } from "../core/resolve-cloud.ts";
import { trustOf } from "../core/trust.ts";
import { outboundOf } from "./outbound.ts";

it.each<Partial<Cloud>>([
  { graphRoot: "https://graph.microsoft.com" },
  { graphRoot: "https://microsoftgraph.chinacloudapi.cn" },
  { graphRoot: "https://graph.microsoft.us" },
  { loginRoot: "https://login.example" },
])("the keys of the login service may be asked for, with no access token: %o", async (given) => {
  const cloud = resolveCloud(given);
  const fetch = outboundOf(cloud);
  for (const url of [cloud.graphRoot, ...trustOf(cloud).keysUrls]) {
    // An abort is what comes of a request that would have been sent.
    const signal = AbortSignal.abort(new Error("not needed"));
    await expect(fetch(new URL(url), { signal })).rejects.not.toMatchObject({ code: "ERR_OUTBOUND_REFUSED" });
  }
  const authorized = { headers: { authorization: "Bearer token" } };
  await expect(fetch(new URL(`${cloud.loginRoot}/`), authorized)).rejects.toMatchObject({
    code: "ERR_OUTBOUND_REFUSED",
  });
});

it("the login service of another cloud is none of ours", async () => {
  const fetch = outboundOf(GLOBAL_CLOUD);
  await expect(fetch(new URL("https://login.microsoftonline.us/"), {})).rejects.toMatchObject({
    code: "ERR_OUTBOUND_REFUSED",
  });
});
