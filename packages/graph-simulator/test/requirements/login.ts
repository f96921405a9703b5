import type { Requirement } from "./requirement.ts";

const CREDENTIALS = "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow";

export const LOGIN_REQUIREMENTS = [
  {
    id: "token-client-credentials",
    source: CREDENTIALS,
    behaviour: "An app with a secret gets a bearer token that lives 3599 seconds",
  },
  {
    id: "token-errors",
    source: "https://learn.microsoft.com/entra/identity-platform/reference-error-codes",
    behaviour: "A refused token request names an AADSTS code in error_description",
  },
] as const satisfies readonly Requirement[];
