import type { Listening, ListenOptions } from "./listen.ts";

/** What `serve` needs of an app. */
export interface Servable {
  /** Listens for it, in a thread of its own where its store allows that. */
  listen(options?: ListenOptions): Promise<Listening>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface Served {
  /** Where this machine reaches it. */
  readonly url: string;
  /** Stops the app, then the server. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Serves an app on a port of its own. The server listens before the app starts: Graph asks the endpoint while our
 * own request to it is still waiting.
 *
 * @throws what listening or `tidings.start()` throws; nothing is left open then
 */
export async function serve(tidings: Servable, options: ListenOptions = {}): Promise<Served> {
  const server = await tidings.listen(options);
  try {
    await tidings.start();
  } catch (error) {
    await server.close();
    throw error;
  }
  return {
    url: server.url,
    async stop() {
      await tidings.stop();
      await server.close();
    },
  };
}
