import { systemClock } from "../../src/app/clock.ts";
import { GraphClient, type GraphClientOptions } from "../../src/graph/graph-client.ts";

/** A client whose tokens never expire and name their tenant. */
export function createODataClient(
  { baseUrl }: { readonly baseUrl: string },
  options: Partial<GraphClientOptions> = {},
): GraphClient {
  return new GraphClient({
    credential: {
      getToken: async (_, asked) => ({
        token: `token of ${asked?.tenantId ?? "itself"}`,
        expiresOnTimestamp: Number.MAX_SAFE_INTEGER,
      }),
    },
    scope: "scope",
    baseUrl,
    clock: systemClock,
    ...options,
  });
}
