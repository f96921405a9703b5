/** How the simulator's ready-made app signs in. */
export interface SignIn {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A token of the simulated login service. @throws Error when it gives none */
export async function signIn(
  graphRoot: string,
  { tenantId, clientId, clientSecret }: SignIn,
  scopes: readonly string[],
): Promise<{ token: string; expiresOnTimestamp: number }> {
  const response = await fetch(`${graphRoot}/${tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope: scopes.join(" "),
    }),
  });
  const { access_token: token }: Record<string, unknown> = Object(await response.json());
  if (typeof token !== "string") throw new Error(`The simulated login service answered ${response.status}`);
  return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
}
