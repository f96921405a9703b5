export interface AccessToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresOnTimestamp: number;
}

/** What this library needs of a credential: any class of `@azure/identity` is one. */
export interface TokenCredential {
  getToken(
    scopes: string | string[],
    options?: { tenantId?: string; abortSignal?: AbortSignal },
  ): Promise<AccessToken | null>;
}

/** For whom a token is: the app itself in a tenant, or a user who has signed in to it there. */
export interface SignedIn {
  readonly tenantId: string;
  /** As `subscribe` was given it. Absent: the app itself. */
  readonly userId?: string;
}

/** One credential for all, or one for each tenant, and for each user who is signed in. */
export type Credential = TokenCredential | ((who: SignedIn) => TokenCredential);
