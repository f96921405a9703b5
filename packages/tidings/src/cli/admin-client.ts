import type {
  DeadAnswer,
  ErrorAnswer,
  HealthAnswer,
  PurgeAnswer,
  RedriveAnswer,
  ReplayAnswer,
  SubscriptionsAnswer,
  ToldEvent,
} from "../admin/answers.ts";
import { ServiceError } from "./errors.ts";

/** Which dead letters, or changes: all given conditions hold. */
export interface Filter {
  readonly declaration?: string | undefined;
  readonly resource?: string | undefined;
  /** Epoch milliseconds. */
  readonly since?: number | undefined;
  readonly ids?: readonly string[] | undefined;
}

/** A large redrive goes in steps, and may take its time; `fetch` itself gives up after 5 minutes. */
const ANSWER_MS = 270_000;
const HEALTH_MS = 2_000;

/** The admin API of a running service, as functions. All throw ServiceError when it cannot, or will not. */
export class AdminClient {
  readonly url: string;
  readonly #token: string;
  readonly #answerMs: number;

  /** @param answerMs how long an answer may take */
  constructor(
    { url, token }: { readonly url: string; readonly token: string },
    answerMs: number = ANSWER_MS,
  ) {
    this.url = url;
    this.#token = token;
    this.#answerMs = answerMs;
  }

  async health(): Promise<HealthAnswer> {
    return JSON.parse(await this.#text("/health", { signal: AbortSignal.timeout(HEALTH_MS) }));
  }

  async subscriptions(): Promise<SubscriptionsAnswer> {
    return JSON.parse(await this.#text("/subscriptions"));
  }

  async dead(filter: Filter, limit: number): Promise<DeadAnswer> {
    const query = new URLSearchParams({ limit: String(limit) });
    for (const [name, value] of Object.entries(filter)) {
      if (value !== undefined) query.set(name, String(value));
    }
    return JSON.parse(await this.#text(`/dead?${query.toString()}`));
  }

  async redrive(filter: Filter): Promise<RedriveAnswer> {
    return JSON.parse(await this.#post("/dead/redrive", filter));
  }

  async purge(filter: Filter & { readonly all?: true }): Promise<PurgeAnswer> {
    return JSON.parse(await this.#post("/dead/purge", filter));
  }

  async replay(filter: Omit<Filter, "ids">): Promise<ReplayAnswer> {
    return JSON.parse(await this.#post("/replay", filter));
  }

  /** What the service tells of itself from now on, until `signal` aborts. @throws ServiceError when it ends before */
  async *events(signal: AbortSignal): AsyncGenerator<ToldEvent> {
    const { body } = await this.#request("/events", { signal });
    let rest = "";
    try {
      for await (const text of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + text).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) yield* toldIn(block);
      }
    } catch (error) {
      if (signal.aborted) return;
      throw this.#endedEarly(error);
    }
    if (!signal.aborted) throw this.#endedEarly();
  }

  #endedEarly(cause?: unknown): ServiceError {
    return new ServiceError(
      `the service at ${this.url} told no more`,
      "It was stopped, or what it told was not read fast enough.",
      { cause },
    );
  }

  async #post(path: string, body: object): Promise<string> {
    return this.#text(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  async #text(path: string, init: RequestInit = {}): Promise<string> {
    const response = await this.#request(path, { signal: AbortSignal.timeout(this.#answerMs), ...init });
    try {
      return await response.text();
    } catch (cause) {
      throw this.#unreachable(cause);
    }
  }

  async #request(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${this.#token}`);
    let response: Response;
    try {
      response = await fetch(this.url + path, { ...init, headers, redirect: "error" });
    } catch (cause) {
      throw this.#unreachable(cause);
    }
    if (response.ok) return response;
    throw new ServiceError(await reasonOf(response), hintFor(response.status));
  }

  #unreachable(cause: unknown): ServiceError {
    if (cause instanceof Error && cause.name === "TimeoutError") {
      return new ServiceError(
        `the service at ${this.url} has not answered in time`,
        "What was asked for may still be under way there: look at `tidings dead list` before you ask again.",
        { cause },
      );
    }
    return new ServiceError(
      `the service at ${this.url} does not answer`,
      "Check that `tidings serve` runs on this machine.",
      { cause },
    );
  }
}

/** The event of a block of a stream; none when it is a comment. */
function* toldIn(block: string): Generator<ToldEvent> {
  const data = block.split("\n").find((line) => line.startsWith("data: "));
  if (data !== undefined) yield JSON.parse(data.slice("data: ".length));
}

/** Whatever listens there may be another program. */
async function reasonOf(response: Response): Promise<string> {
  try {
    const { error }: ErrorAnswer = JSON.parse(await response.text());
    return error.message;
  } catch {
    return `${response.url} answered ${response.status}, and not as a service of tidings does`;
  }
}

function hintFor(status: number): string {
  return status === 401
    ? "Set TIDINGS_ADMIN_TOKEN to the one the service was started with."
    : "See docs/admin.md for what it takes.";
}
