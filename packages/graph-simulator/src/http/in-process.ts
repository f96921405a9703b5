import { exchange, type Answering } from "./exchange.ts";

/** `fetch`, answered within the process: nothing goes over a network. */
export type Fetch = (input: Request | string | URL, init?: RequestInit) => Promise<Response>;

/**
 * Answers web requests as the server would. Whatever host they name is ours.
 *
 * A connection that is cut rejects as the platform's own `fetch` does.
 */
export function createFetch(answering: Answering): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const answer = await unlessAborted(
      request.signal,
      exchange(
        {
          method: request.method,
          target: `${url.pathname}${url.search}`,
          headers: Object.fromEntries(request.headers),
          body: { kind: "whole", text: await request.text() },
          origin: url.origin,
        },
        answering,
      ),
    );
    if (answer.kind === "cut") throw new TypeError("fetch failed", { cause: connectionReset() });
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  };
}

function unlessAborted<Result>(signal: AbortSignal, pending: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    pending.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function connectionReset(): Error {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
}
