import type { AppOptions, UserOptions } from "./options.ts";
import type { Tenant } from "./tenancy.ts";

/** The tenant there is when none is given. */
export const DEMO_TENANT: Tenant = {
  id: "5f0c3a7e-2b84-4d19-9c6e-8a1d47b0e352",
  domain: "contoso.onmicrosoft.com",
};

/** The app registration there is when none is given. The secret opens nothing but a simulator. */
export const DEMO_APP: AppOptions = {
  clientId: "c1d9e8b4-7a36-4f52-8e0b-93a6f2d5174c",
  clientSecret: "simulated-secret",
  displayName: "Demo app",
};

/** The users there are when none are given. */
export const DEMO_USERS: readonly UserOptions[] = [
  {
    id: "0a4b7c18-6d2e-4f93-b5a1-c3e8d7f60921",
    displayName: "Adele Vance",
    userPrincipalName: "AdeleV@contoso.onmicrosoft.com",
  },
  {
    id: "1b5c8d29-7e3f-40a4-86b2-d4f9e8071a32",
    displayName: "Alex Wilber",
    userPrincipalName: "AlexW@contoso.onmicrosoft.com",
  },
  {
    id: "2c6d9e3a-8f40-41b5-97c3-e50af9182b43",
    displayName: "Megan Bowen",
    userPrincipalName: "MeganB@contoso.onmicrosoft.com",
  },
];
