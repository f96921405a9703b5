import { GraphRefusedError, TidingsError } from "../core/errors.ts";

/** One request of a batch. */
export interface BatchRequest {
  /** @default "GET" */
  readonly method?: string | undefined;
  /** Below the client's base URL. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** For others to depend on; unique in its batch. */
  readonly id?: string | undefined;
  /** Ids of those that must have succeeded before this is sent; when one fails, so does this, with 424. */
  readonly dependsOn?: readonly string[] | undefined;
}

/** What became of one request of a batch. */
export type BatchResult =
  | { readonly kind: "done"; readonly status: number; readonly headers: Headers; readonly body: unknown }
  /** `error` is a GraphRefusedError when Graph answered, and what kept the request from it otherwise. */
  | { readonly kind: "failed"; readonly error: TidingsError };

/** A request, by the places of those it waits for. */
export interface BatchStep {
  readonly request: BatchRequest;
  readonly after: readonly number[];
}

/** @throws TypeError when ids are not unique, or dependencies lead nowhere or in a circle */
export function resolveBatch(requests: readonly BatchRequest[]): readonly BatchStep[] {
  const places = new Map<string, number>();
  for (const [index, { id }] of requests.entries()) {
    if (id === undefined) continue;
    if (places.has(id)) throw new TypeError(`Expected each \`id\` once in a batch, got \`${id}\` again`);
    places.set(id, index);
  }
  return requests.map((request, index) => ({
    request,
    after: (request.dependsOn ?? []).map((id) => {
      const place = places.get(id);
      // Only what comes earlier can be depended on, so there is no circle.
      if (place !== undefined && place < index) return place;
      throw new TypeError(
        `Expected \`dependsOn\` to name an \`id\` of an earlier request of the batch, got \`${id}\``,
      );
    }),
  }));
}

/**
 * Runs all that may run, and each other one when those it waits for are done. Graph would run dependent requests of one
 * batch itself, but there they take their turn without regard to limits, and their number ends at 20.
 */
export async function runBatch(
  steps: readonly BatchStep[],
  run: (index: number) => Promise<BatchResult>,
): Promise<BatchResult[]> {
  const results: Promise<BatchResult>[] = [];
  for (const [index, { request, after }] of steps.entries()) {
    results.push(
      runStep(
        request,
        after.flatMap((place) => results[place] ?? []),
        async () => run(index),
      ),
    );
  }
  return Promise.all(results);
}

async function runStep(
  { method = "GET", path }: BatchRequest,
  before: readonly Promise<BatchResult>[],
  run: () => Promise<BatchResult>,
): Promise<BatchResult> {
  const done = await Promise.all(before);
  if (done.some(({ kind }) => kind === "failed")) {
    return { kind: "failed", error: failedDependency(method, path) };
  }
  try {
    return await run();
  } catch (error) {
    if (error instanceof TidingsError) return { kind: "failed", error };
    throw error;
  }
}

/** As Graph says it. @see https://learn.microsoft.com/graph/json-batching#sequencing-requests-with-the-dependson-property */
function failedDependency(method: string, path: string): GraphRefusedError {
  return new GraphRefusedError({
    method: method.toUpperCase(),
    path: path.replace(/\?.*$/s, ""),
    status: 424,
    graphCode: "FailedDependency",
    graphMessage: "A request that this one depends on failed; it was not sent",
    requestId: undefined,
    retryAfterMs: undefined,
  });
}
