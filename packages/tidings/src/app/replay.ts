import { randomUUID } from "node:crypto";
import { canonicalResource } from "../core/resource-key.ts";
import type { Store } from "../core/ports/store.ts";
import { inSteps } from "./in-steps.ts";

/** Which finished changes to do again: all given conditions hold. */
export interface ReplayFilter {
  /** Received at or after: epoch milliseconds. @default all that history has */
  readonly since?: number | undefined;
  /** Path of the changed thing, such as `users/{guid}`. */
  readonly resource?: string | undefined;
  /** Name of the declaration. */
  readonly declaration?: string | undefined;
}

export interface ReplayResult {
  /** In the idempotency keys of this run, so that doing it again is not taken for a duplicate. */
  readonly runId: string;
  /** Changes put into the inbox again. */
  readonly count: number;
}

/** Puts finished changes into the inbox again; what is accepted after it began is none of its own. */
export async function replay(
  store: Pick<Store, "replay">,
  { since, resource, declaration }: ReplayFilter,
): Promise<ReplayResult> {
  const runId = randomUUID();
  const resourceKey = resource === undefined ? undefined : canonicalResource(resource);
  const query = { since, resourceKey, declaration, runId };
  return { runId, count: await inSteps(async (step) => store.replay({ ...query, ...step })) };
}
