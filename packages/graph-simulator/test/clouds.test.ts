import { describe, expect, it } from "vitest";

import { CLOUDS, type CloudName } from "../src/index.ts";
import { startInProcess, type InProcessWorld } from "./in-process-world.ts";
import { verifies } from "./requirements.ts";
import { ADELE, errorOf, read, text, type Answered } from "./world.ts";

const NAMES: readonly CloudName[] = ["global", "usGovL4", "usGovL5", "china"];

describe("a cloud", () => {
  it.each(NAMES)(`${verifies("cloud-roots")} %s has roots of its own for Graph and login`, async (cloud) => {
    const { graphRoot, loginRoot } = CLOUDS[cloud];
    await using world = await startInProcess({ cloud });
    const { simulator } = world;
    const tokenFor = (root: string): Promise<Answered> =>
      read(
        simulator.fetch(`${loginRoot}/${simulator.tenantId}/oauth2/v2.0/token`, {
          method: "POST",
          body: new URLSearchParams({
            grant_type: "client_credentials",
            client_id: simulator.clientId,
            client_secret: simulator.clientSecret,
            scope: `${root}/.default`,
          }),
        }),
      );
    const usersWith = async (token: Answered): Promise<Answered> =>
      read(
        simulator.fetch(`${graphRoot}/v1.0/users?$top=1`, {
          headers: { authorization: `Bearer ${text(token.body, "access_token")}` },
        }),
      );
    const own = await usersWith(await tokenFor(graphRoot));
    expect(own.status).toBe(200);
    expect(text(own.body, "@odata.nextLink")).toMatch(`${graphRoot}/v1.0/users?`);
    const elsewhere = cloud === "global" ? CLOUDS.china : CLOUDS.global;
    const foreign = await usersWith(await tokenFor(elsewhere.graphRoot));
    expect(foreign.status).toBe(401);
    expect(foreign.headers.get("www-authenticate")).toContain(`${loginRoot}/common/`);
  });

  it("answers neither service at the other's address", async () => {
    await using world = await startInProcess({ cloud: "usGovL4" });
    const { simulator } = world;
    expect((await simulator.fetch("https://login.microsoftonline.us/v1.0/users")).status).toBe(404);
    const path = `${simulator.tenantId}/oauth2/v2.0/token`;
    const answer = await simulator.fetch(`https://graph.microsoft.us/${path}`, { method: "POST" });
    expect(answer.status).toBe(400);
  });

  it(`${verifies("cloud-resources")} that is national takes no subscriptions to To Do tasks`, async () => {
    const resourceIn = async (world: InProcessWorld): Promise<string> => {
      const list = await world.graph("POST", `users/${ADELE}/todo/lists`, { displayName: "Errands" });
      return `users/${ADELE}/todo/lists/${text(list.body, "id")}/tasks`;
    };
    await using global = await startInProcess();
    expect((await global.subscribe({ resource: await resourceIn(global) })).status).toBe(201);
    await using china = await startInProcess({ cloud: "china" });
    const refused = await china.subscribe({ resource: await resourceIn(china) });
    expect(refused.status).toBe(400);
    expect(errorOf(refused).message).toBe("Subscriptions to todoTask are not supported in this cloud.");
  });

  it.each(NAMES.filter((name) => name !== "global"))(
    `${verifies("cloud-properties")} %s has no query options and no app id for tokens in a subscription`,
    async (cloud) => {
      await using world = await startInProcess({ cloud });
      for (const name of ["notificationQueryOptions", "notificationUrlAppId"]) {
        const refused = await world.subscribe({ [name]: "x" });
        expect(refused.status).toBe(400);
        expect(errorOf(refused).message).toContain(`The property '${name}' does not exist`);
      }
      const created = await world.subscribe();
      expect(created.status).toBe(201);
      expect(created.body).not.toHaveProperty("notificationQueryOptions");
      expect(created.body).not.toHaveProperty("notificationUrlAppId");
    },
  );

  it("can be described, where the documentation does not say", async () => {
    const cloud = { ...CLOUDS.usGovL4, issuerRoot: "https://sts.example/" };
    await using world = await startInProcess({ cloud });
    expect((await world.graph("GET", "users")).status).toBe(200);
    await expect(startInProcess({ cloud: JSON.parse('"mars"') })).rejects.toThrow(
      "Expected `cloud` to be one of global, usGovL4, usGovL5, china, or a cloud, got 'mars'",
    );
  });
});
