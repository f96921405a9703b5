import { DefaultAzureCredential, type AccessToken } from "@azure/identity";
import type { TidingsOptions } from "tidings";

/** Microsoft's Graph; or the simulator that GRAPH_SIMULATOR names, which has to be on this machine. */
export function graph({ GRAPH_SIMULATOR }: NodeJS.ProcessEnv): Pick<TidingsOptions, "credential" | "cloud"> {
  if (GRAPH_SIMULATOR === undefined) return { credential: new DefaultAzureCredential() };
  return {
    credential: { getToken: async (scopes) => signIn(GRAPH_SIMULATOR, [scopes].flat()) },
    cloud: { graphRoot: GRAPH_SIMULATOR, loginRoot: GRAPH_SIMULATOR },
  };
}

/** The tenant and the app that a simulator has from the start. Microsoft's own library signs in over https only. */
const TENANT = "5f0c3a7e-2b84-4d19-9c6e-8a1d47b0e352";
const APP = { client_id: "c1d9e8b4-7a36-4f52-8e0b-93a6f2d5174c", client_secret: "simulated-secret" };

async function signIn(simulator: string, scopes: string[]): Promise<AccessToken> {
  const response = await fetch(`${simulator}/${TENANT}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "client_credentials", ...APP, scope: scopes.join(" ") }),
  });
  const answer: unknown = await response.json();
  if (!isTokenAnswer(answer)) throw new Error(`the simulator answered ${response.status}`);
  return { token: answer.access_token, expiresOnTimestamp: Date.now() + answer.expires_in * 1000 };
}

function isTokenAnswer(answer: unknown): answer is { access_token: string; expires_in: number } {
  return typeof answer === "object" && answer !== null && "access_token" in answer && "expires_in" in answer;
}
