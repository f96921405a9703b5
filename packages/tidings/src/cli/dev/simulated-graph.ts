import type { Simulator } from "@tidings/graph-simulator";
import type { HostSettings } from "../../app/options.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { AccessToken, TokenCredential } from "../../core/ports/credential.ts";
import { isJsonObject } from "../../core/json.ts";
import { GraphClient } from "../../graph/graph-client.ts";

/** Signs in to the simulator as its ready-made app, over HTTP as any app would. */
function createSimulatorCredential(simulator: Simulator, clock: Clock): TokenCredential {
  return {
    async getToken(scopes): Promise<AccessToken> {
      const response = await fetch(`${simulator.url}/${simulator.tenantId}/oauth2/v2.0/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: simulator.clientId,
          client_secret: simulator.clientSecret,
          scope: [scopes].flat().join(" "),
        }),
      });
      const answer: unknown = await response.json();
      const { access_token: token, expires_in: seconds } = isJsonObject(answer) ? answer : {};
      if (typeof token !== "string" || typeof seconds !== "number") {
        throw new Error(`the simulated login service answered ${response.status}`);
      }
      return { token, expiresOnTimestamp: clock.now() + seconds * 1000 };
    },
  };
}

/** What an app must be told to talk to the simulator in place of Microsoft. */
export function simulatorSettings(simulator: Simulator, clock: Clock): HostSettings {
  return {
    credential: createSimulatorCredential(simulator, clock),
    // Its tokens name the issuers of the global cloud; its keys are its own.
    cloud: { graphRoot: simulator.url, loginRoot: simulator.url, version: "v1.0" },
    tenantId: simulator.tenantId,
    clock,
  };
}

/** Somebody else who works in the tenant: makes the changes that the app is told of. */
export function createTenantClient(simulator: Simulator, clock: Clock): GraphClient {
  return new GraphClient({
    credential: createSimulatorCredential(simulator, clock),
    scope: `${simulator.url}/.default`,
    baseUrl: `${simulator.url}/v1.0`,
    // People are many, and each has limits of their own.
    limits: "none",
    clock,
  });
}
