import type { KeysState, SecretRotation } from "../admin/admin-app.ts";
import type { AdminClient } from "./admin-client.ts";
import { EXIT, ServiceError } from "./errors.ts";
import { createKeys, type CreatedKeys, type CreateKeysOptions } from "./keys-create.ts";
import { count, print } from "./print.ts";
import { ProgressLine } from "./progress-line.ts";

export interface RotateOptions {
  readonly isJson: boolean;
  /** How long to wait for the subscriptions, in milliseconds. */
  readonly timeoutMs: number;
}

/** How far a rotation is. */
interface Moved {
  readonly moved: number;
  readonly total: number;
}

/**
 * Makes another certificate, lets the service know if one runs, and waits until its subscriptions have it. The former
 * one stays where it is.
 *
 * @returns the exit code: failed when subscriptions still have another when the time is over
 */
export async function rotateCertificate(
  service: AdminClient | undefined,
  create: CreateKeysOptions,
  { isJson, timeoutMs }: RotateOptions,
): Promise<number> {
  const created = await createKeys(create);
  if (service === undefined) {
    await print({ created, moved: null, total: null }, isJson, () =>
      [describe(created), "No service runs here: the next one takes it up when it starts."].join("\n"),
    );
    return EXIT.ok;
  }
  await takeUp(service, created);
  const { moved, total } = await follow(service, timeoutMs, ({ certificates, richSubscriptions }) => ({
    moved: certificates.find(({ id }) => id === created.id)?.subscriptions ?? 0,
    total: richSubscriptions,
  }));
  await print({ created, moved, total }, isJson, () =>
    [
      describe(created),
      `${moved} of ${count(total, "subscription")} moved to it.`,
      "The former one still decrypts: `tidings keys list` says when it may be removed.",
    ].join("\n"),
  );
  return moved === total ? EXIT.ok : EXIT.failed;
}

/** @throws ServiceError when the service does not find it where it was put */
async function takeUp(service: AdminClient, { id, path }: CreatedKeys): Promise<void> {
  const { encrypts } = await service.reloadKeys();
  if (encrypts === id) return;
  throw new ServiceError(
    `${path} was made, and the service at ${service.url} does not use it`,
    "Put it where the service has its certificates from, as the newest: its TIDINGS_CERTIFICATES, or what its app gives.",
  );
}

/**
 * Has the service make another secret, or says who else must.
 *
 * @param isForced has what other secrets signed replaced, and waits for that
 * @returns the exit code: failed when the secret is not the service's to change, or something is still to be replaced
 */
export async function rotateSecret(
  service: AdminClient,
  isForced: boolean,
  { isJson, timeoutMs }: RotateOptions,
): Promise<number> {
  const rotation = await service.rotateSecret(isForced);
  const { keyId, isMade } = rotation;
  const { moved, total } = await follow(service, isForced ? timeoutMs : 0, ({ secrets }) => ({
    moved: secrets.find((secret) => secret.keyId === keyId)?.subscriptions ?? 0,
    total: secrets.reduce((sum, { subscriptions }) => sum + subscriptions, 0),
  }));
  await print({ ...rotation, moved, total }, isJson, () =>
    [describeSigner(rotation), `${moved} of ${count(total, "subscription")} signed with it.`].join("\n"),
  );
  const isDone = isForced ? moved === total : isMade;
  return isDone ? EXIT.ok : EXIT.failed;
}

const FIRST_POLL_MS = 250;
const MAX_POLL_MS = 10_000;

/** Asks again and again, ever less often, and each time no sooner than counting took. */
async function follow(
  service: AdminClient,
  timeoutMs: number,
  measure: (keys: KeysState) => Moved,
): Promise<Moved> {
  const endAt = performance.now() + timeoutMs;
  const line = new ProgressLine(process.stderr);
  let pollMs = FIRST_POLL_MS;
  try {
    for (;;) {
      const askedAt = performance.now();
      const state = measure(await service.keys());
      line.tell(state.moved, state.total);
      const now = performance.now();
      if (state.moved === state.total || now >= endAt) return state;
      pollMs = Math.min(Math.max(pollMs * 1.5, now - askedAt), MAX_POLL_MS);
      await new Promise((resolve) => setTimeout(resolve, Math.min(pollMs, endAt - now)));
    }
  } finally {
    line.end();
  }
}

function describeSigner({ keyId, isMade, isForced }: SecretRotation): string {
  if (isMade)
    return `Another secret signs from now on: ${keyId}. Former ones verify while a subscription needs them.`;
  if (isForced) return `The secret ${keyId} signs, which is given to the service.`;
  return `The secret ${keyId} is given to the service: put another before it in TIDINGS_SECRET, or in the app's \`secret\`, and start it again.`;
}

function describe({ path, id }: CreatedKeys): string {
  return `${path}: certificate ${id}`;
}
