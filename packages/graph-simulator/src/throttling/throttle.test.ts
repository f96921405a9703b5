import { expect, it } from "vitest";

import { verifies } from "../../test/requirements.ts";
import { Clock } from "../clock.ts";
import { empty } from "../http/reply.ts";
import { Throttle } from "./throttle.ts";

it(`${verifies("throttle-global")} lets an app make 130,000 requests in 10 seconds, whatever they are for`, async () => {
  const clock = new Clock({ kind: "virtual", startAt: 0 });
  const throttle = new Throttle({ clock, policy: "documented", retryAfter: "seconds", countUsers: () => 1 });
  const request = (applicationId: string, tenantId: string) =>
    throttle.pass(
      {
        method: "GET",
        path: "/v1.0/search",
        query: new URLSearchParams(),
        headers: {},
        body: "",
        origin: "",
        root: "",
        at: 0,
        requestId: "",
        clientRequestId: "",
        caller: { applicationId, tenantId, objectId: "" },
      },
      ["search"],
      () => Promise.resolve(empty(204)),
    );
  let passed = 0;
  while (passed < 140_000 && (await request("app", `tenant ${passed % 3}`)).status === 204) passed += 1;
  expect(passed).toBe(130_000);
  expect((await request("another app", "tenant 1")).status).toBe(204);
  clock.advance(1_000);
  expect((await request("app", "tenant 1")).status).toBe(204);
});
