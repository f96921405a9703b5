import { describe, expect, it } from "vitest";

import { splitRequestUrl } from "./request-url.ts";

describe("a request's URL", () => {
  it.each([
    ["/notifications", "/notifications", ""],
    ["/notifications?", "/notifications", ""],
    ["/notifications?a=b", "/notifications", "a=b"],
    ["/notifications?a=b?c", "/notifications", "a=b?c"],
    ["/notifications#part", "/notifications", ""],
    ["/notifications?a=b#part", "/notifications", "a=b"],
    ["/a%2Fb", "/a%2Fb", ""],
    ["https://tidings.example/notifications?a=b", "/notifications", "a=b"],
    ["HTTP://127.0.0.1:3000/notifications", "/notifications", ""],
    ["https://tidings.example", "", ""],
    ["https://tidings.example?a=/b", "", "a=/b"],
    ["//tidings.example/notifications", "//tidings.example/notifications", ""],
    ["*", "*", ""],
    ["", "", ""],
  ])("%j has the path %j and the query %j", (url, path, query) => {
    expect(splitRequestUrl(url)).toEqual({ path, query });
  });
});
