import type { CancelAlarm, Clock } from "../clock.ts";
import type { PostOutcome, PostRequest, PostSender } from "../http/post.ts";
import type { EndpointHandler, EndpointMap } from "./endpoint-map.ts";

export interface EndpointCallerOptions {
  readonly clock: Clock;
  readonly endpoints: EndpointMap;
  /** For the endpoints that are not within the process. */
  readonly http: PostSender;
  /** Whether the network between Graph and the endpoint is down. */
  readonly isCutOff: (url: string) => boolean;
}

/** Calls endpoints, within the process or over HTTP. */
export class EndpointCaller implements PostSender {
  readonly #options: EndpointCallerOptions;

  constructor(options: EndpointCallerOptions) {
    this.#options = options;
  }

  /** @throws never; every failure is an outcome */
  post(request: PostRequest): Promise<PostOutcome> {
    const { clock, endpoints, http, isCutOff } = this.#options;
    return clock.activities.run(async () => {
      if (isCutOff(request.url)) return { kind: "unreachable", error: "ENETUNREACH" };
      const handler = endpoints.find(request.url);
      return handler ? this.#callInProcess(handler, request) : http.post(request);
    });
  }

  async #callInProcess(handler: EndpointHandler, request: PostRequest): Promise<PostOutcome> {
    const deadline = startDeadline(this.#options.clock, request.timeoutMs);
    try {
      return await Promise.race([deadline.passed, answer(handler, request, this.#options.clock)]);
    } finally {
      deadline.cancel();
    }
  }
}

interface Deadline {
  readonly passed: Promise<PostOutcome>;
  readonly cancel: () => void;
}

/**
 * A deadline on both clocks: an endpoint that sleeps lets the simulator's time pass, and one that never answers must
 * not hold it up for ever. A jump of the clock brings no deadline nearer.
 */
function startDeadline(clock: Clock, timeoutMs: number): Deadline {
  const { promise, resolve } = Promise.withResolvers<PostOutcome>();
  const endsAt = clock.elapsed() + timeoutMs;
  const timeOut = (): void => resolve({ kind: "timed-out" });
  const timer = setTimeout(timeOut, timeoutMs);
  const watch = (): CancelAlarm =>
    clock.at(clock.now() + endsAt - clock.elapsed(), () => {
      if (clock.elapsed() >= endsAt) timeOut();
      else cancelAlarm = watch();
    });
  let cancelAlarm = watch();
  return {
    passed: promise,
    cancel: () => {
      cancelAlarm();
      clearTimeout(timer);
    },
  };
}

async function answer(handler: EndpointHandler, request: PostRequest, clock: Clock): Promise<PostOutcome> {
  try {
    const response = await handler(
      new Request(request.url, {
        method: "POST",
        headers: { "content-type": request.contentType },
        body: request.body,
      }),
      { sleep: (ms) => clock.sleep(ms) },
    );
    return {
      kind: "answered",
      status: response.status,
      contentType: response.headers.get("content-type") ?? "",
      body: await response.text(),
    };
  } catch (cause) {
    return { kind: "unreachable", error: cause instanceof Error ? cause.message : String(cause) };
  }
}
