import type { Applied, ApplyProgress } from "../core/applied.ts";
import type {
  ApplyLine,
  DeadAnswer,
  ErrorAnswer,
  HealthAnswer,
  KeysAnswer,
  PlanLine,
  PurgeAnswer,
  PurgeTenantAnswer,
  RedriveAnswer,
  ReloadKeysAnswer,
  ReplayAnswer,
  RotateSecretAnswer,
  SubscriptionsAnswer,
  ToldEvent,
} from "../admin/answers.ts";
import type { PlannedSubscription } from "../core/planned-subscription.ts";
import { ServiceError } from "./errors.ts";
import { linesIn } from "./lines-in.ts";

/** Which dead letters, or changes: all given conditions hold. */
export interface Filter {
  readonly declaration?: string | undefined;
  readonly resource?: string | undefined;
  /** Epoch milliseconds. */
  readonly since?: number | undefined;
  readonly ids?: readonly string[] | undefined;
}

/** Which subscriptions: all given conditions hold. */
export interface SubscriptionFilter {
  readonly state?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly resource?: string | undefined;
  /** Its key, or Graph's id. */
  readonly id?: string | undefined;
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

  async subscriptions(filter: SubscriptionFilter, limit: number): Promise<SubscriptionsAnswer> {
    return JSON.parse(await this.#text(`/subscriptions?${queryOf({ ...filter, limit })}`));
  }

  async renew(id: string): Promise<void> {
    await this.#post("/subscriptions/renew", { id });
  }

  async *plan({ prune }: { readonly prune: boolean }): AsyncGenerator<PlannedSubscription> {
    const response = await this.#request(`/plan?${queryOf({ prune })}`, {});
    for await (const line of this.#lines<PlanLine>(response)) {
      if ("counts" in line) return;
      yield line.planned;
    }
    throw this.#endedEarly();
  }

  /** Resolves when it is done. What was begun goes on when `signal` aborts, as all that a service does. */
  async apply({
    prune,
    signal,
    onProgress,
  }: {
    readonly prune: boolean;
    readonly signal: AbortSignal;
    readonly onProgress: (progress: ApplyProgress) => void;
  }): Promise<Applied> {
    try {
      const response = await this.#request("/apply", { ...posted({ prune }), signal });
      for await (const line of this.#lines<ApplyLine>(response)) {
        if ("applied" in line) return line.applied;
        onProgress(line.progress);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new ServiceError(
        "it was not waited for to the end",
        "The service goes on with it: look at `tidings subscriptions`.",
      );
    }
    throw this.#endedEarly();
  }

  async keys(): Promise<KeysAnswer> {
    return JSON.parse(await this.#text("/keys"));
  }

  async reloadKeys(): Promise<ReloadKeysAnswer> {
    return JSON.parse(await this.#post("/keys/reload", {}));
  }

  async rotateSecret(force: boolean): Promise<RotateSecretAnswer> {
    return JSON.parse(await this.#post("/keys/rotate-secret", { force }));
  }

  async dead(filter: Filter, limit: number): Promise<DeadAnswer> {
    return JSON.parse(await this.#text(`/dead?${queryOf({ ...filter, limit })}`));
  }

  async redrive(filter: Filter): Promise<RedriveAnswer> {
    return JSON.parse(await this.#post("/dead/redrive", filter));
  }

  async purge(filter: Filter & { readonly all?: true }): Promise<PurgeAnswer> {
    return JSON.parse(await this.#post("/dead/purge", filter));
  }

  async purgeTenant(tenantId: string): Promise<PurgeTenantAnswer> {
    return JSON.parse(await this.#post("/tenants/purge", { tenantId }));
  }

  async replay(filter: Omit<Filter, "ids">): Promise<ReplayAnswer> {
    return JSON.parse(await this.#post("/replay", filter));
  }

  /**
   * What the service tells of itself from now on, until `signal` aborts. Nothing is missed once it resolves.
   *
   * @throws ServiceError, also while it is read when it ends before
   */
  async events(signal: AbortSignal): Promise<AsyncGenerator<ToldEvent>> {
    return this.#toldIn(await this.#request("/events", { signal }), signal);
  }

  async *#toldIn({ body }: Response, signal: AbortSignal): AsyncGenerator<ToldEvent> {
    try {
      for await (const block of linesIn(body ?? new ReadableStream(), "\n\n")) yield* toldIn(block);
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

  /** @throws ServiceError also for a line that says that what makes them has failed */
  async *#lines<Line extends object>({ body }: Response): AsyncGenerator<Line> {
    const lines = linesIn(body ?? new ReadableStream(), "\n");
    for (;;) {
      const next = await lines.next().catch((error: unknown) => {
        throw this.#endedEarly(error);
      });
      if (next.done === true) return;
      const line: Line | ErrorAnswer = JSON.parse(next.value);
      if ("error" in line) throw new ServiceError(line.error.message, hintFor(503));
      yield line;
    }
  }

  async #post(path: string, body: object): Promise<string> {
    return this.#text(path, posted(body));
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

function posted(body: object): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** Without what is not given. */
function queryOf(fields: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.toString();
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
