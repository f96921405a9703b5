import type { GraphCallOptions, GraphClient } from "./graph-client.ts";

/**
 * Reads entities for many who ask at once: together in batches, and what several ask for once only.
 *
 * Who asks later than the request left must not share its answer: it may be older than the change that made them ask.
 */
export class EntityReader {
  readonly #client: Pick<GraphClient, "getTogether">;
  readonly #unsent = new Map<string, Promise<unknown>>();

  constructor(client: Pick<GraphClient, "getTogether">) {
    this.#client = client;
  }

  /** @returns undefined when it is gone. @throws as the client's `get` */
  async get(path: string, options: GraphCallOptions & { readonly tenantId: string }): Promise<unknown> {
    const key = JSON.stringify([options.tenantId, options.userId, path]);
    const unsent = this.#unsent.get(key);
    // Each may change what it is given.
    if (unsent !== undefined) return structuredClone(await unsent);
    const forget = (): void => {
      if (this.#unsent.get(key) === asked) this.#unsent.delete(key);
    };
    const asked = this.#client.getTogether(path, { ...options, onSent: forget });
    this.#unsent.set(key, asked);
    try {
      return await asked;
    } finally {
      // It may have failed before it was sent.
      forget();
    }
  }
}
