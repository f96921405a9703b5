import { describe, expect, it } from "vitest";

import { GLOBAL_CLOUD } from "./cloud.ts";
import { resolveCloud } from "./resolve-cloud.ts";

describe("a cloud", () => {
  it("is the global one when nothing is said", () => {
    expect(resolveCloud()).toEqual(GLOBAL_CLOUD);
    expect(resolveCloud(undefined, {})).toEqual(GLOBAL_CLOUD);
  });

  // https://learn.microsoft.com/graph/deployments#app-registration-and-token-service-root-endpoints
  it.each([
    ["https://graph.microsoft.us", "https://login.microsoftonline.us"],
    ["https://dod-graph.microsoft.us", "https://login.microsoftonline.us"],
    ["https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn"],
  ])("with its Graph at %s signs in at %s", (graphRoot, loginRoot) => {
    const cloud = resolveCloud({ graphRoot });
    expect(cloud).toMatchObject({ graphRoot, loginRoot, v2Issuer: `${loginRoot}/{tid}/v2.0` });
  });

  it("may have a Graph of its own and nothing else, as before there was anything else to say", () => {
    const graphRoot = "http://127.0.0.1:8080";
    expect(resolveCloud({ graphRoot })).toEqual({ ...GLOBAL_CLOUD, graphRoot });
  });

  it("is what was said last", () => {
    const app = { graphRoot: "https://graph.microsoft.us", v1Issuer: "https://sts.example/{tid}/" };
    expect(resolveCloud(app, { version: "beta", loginRoot: "http://127.0.0.1:80" })).toEqual({
      ...GLOBAL_CLOUD,
      ...app,
      version: "beta",
      loginRoot: "http://127.0.0.1:80",
      v2Issuer: "https://login.microsoftonline.us/{tid}/v2.0",
    });
  });

  it.each(["http://127.0.0.1:8080", "http://localhost", "http://[::1]:80", "https://login.example/here"])(
    "may take keys from %s",
    (loginRoot) => {
      expect(resolveCloud({ loginRoot }).loginRoot).toBe(loginRoot);
    },
  );

  it.each([
    "http://login.microsoftonline.com",
    "http://127.0.0.1.example",
    "https://login.microsoftonline.com/",
    "https://login.microsoftonline.com?a",
    "file:///etc/keys",
    "login.microsoftonline.com",
    "",
  ])("may not take keys from %s", (loginRoot) => {
    expect(() => resolveCloud({ loginRoot })).toThrow(
      new TypeError(
        `Expected \`cloud.loginRoot\` to be like \`https://login.microsoftonline.com\`, got \`${loginRoot}\``,
      ),
    );
  });

  it.each([
    { said: { v1Issuer: "https://sts.windows.net/" }, says: "`cloud.v1Issuer` to be like" },
    { said: { v2Issuer: "https://login/common/v2.0" }, says: "`cloud.v2Issuer` to be like" },
    { said: { publisherAppId: "Graph" }, says: "`cloud.publisherAppId` to be a GUID, got `Graph`" },
  ])("may not have $said", ({ said, says }) => {
    expect(() => resolveCloud(said)).toThrow(TypeError);
    expect(() => resolveCloud(said)).toThrow(says);
  });
});
