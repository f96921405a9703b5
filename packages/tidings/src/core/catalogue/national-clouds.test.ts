import { describe, expect, it } from "vitest";

import { nationalCloudOf } from "./national-clouds.ts";

// https://learn.microsoft.com/graph/deployments
describe("a root of Graph", () => {
  it.each([
    ["https://graph.microsoft.com", undefined],
    ["https://graph.microsoft.us", "usGovernment"],
    ["https://dod-graph.microsoft.us", "usGovernmentDod"],
    ["https://microsoftgraph.chinacloudapi.cn/", "china"],
    ["http://127.0.0.1:8080", undefined],
    ["nonsense", undefined],
  ])("%s is that of %s", (graphRoot, cloud) => {
    expect(nationalCloudOf({ graphRoot })).toBe(cloud);
  });
});
