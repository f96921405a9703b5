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

/** One credential for all tenants, or one for each. */
export type Credential = TokenCredential | ((tenant: { readonly tenantId: string }) => TokenCredential);
