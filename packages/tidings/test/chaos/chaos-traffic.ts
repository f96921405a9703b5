import { setTimeout as sleep } from "node:timers/promises";
import { issueClientState } from "../../src/core/client-state.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { subscriptionKeyOf } from "../../src/core/subscription.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import type { HistoryFile } from "../support/history/history.ts";

export const APP = "chaos";
export const SECRET = "a-secret-of-at-least-thirty-two-characters";
export const TENANT_ID = "84bd8158-6d4d-4958-8b9f-9d6445542f95";

/** Where the app kills itself, in the order a notification comes by. */
export const KILL_POINTS = [
  "before flush",
  "after commit, before the reply",
  "while handling",
  "after the handler, before settling",
  "while settling",
] as const;

export type KillPoint = (typeof KILL_POINTS)[number];

const keyring = createKeyring([SECRET]);
const subscriptionKey = subscriptionKeyOf(APP, { tenantId: TENANT_ID, path: "users", query: "" }, sha256);
const clientState = issueClientState(keyring, { subscriptionKey, tenantId: TENANT_ID });

export interface SendOptions {
  readonly port: number;
  readonly history: HistoryFile;
  /** False leaves out Graph's id, so that nothing makes it recognisable. */
  readonly hasId: boolean;
}

/** What a history tells of a notification: its id as the test gave it, and the user it is of. */
export function toldOf(raw: JsonObject): { ids: readonly string[]; lane: string } {
  const { marker, resource } = raw;
  if (typeof marker !== "string" || typeof resource !== "string")
    throw new TypeError("Expected a notification of this test");
  return { ids: [marker], lane: resource };
}

/** Sends one notification of a user until it is answered 202, as Graph does, and writes down when. */
export async function send(
  user: number,
  marker: string,
  { port, history, hasId }: SendOptions,
): Promise<void> {
  const id = `00000000-0000-4000-8000-${String(user).padStart(12, "0")}`;
  const item = {
    ...(hasId && { id: marker }),
    marker,
    subscriptionId: "76222963-cc7b-42d2-882d-8aaa69cb2ba3",
    subscriptionExpirationDateTime: new Date(Date.now() + 86_400_000).toISOString(),
    changeType: "updated",
    resource: `Users/${id}`,
    tenantId: TENANT_ID,
    clientState,
    resourceData: { "@odata.type": "#Microsoft.Graph.User", "@odata.id": `Users/${id}`, id },
  };
  const told = { ids: [marker], lane: item.resource };
  history.record({ kind: "sent", ...told });
  const body = JSON.stringify({ value: [item] });
  while (!(await isAccepted(port, body))) await sleep(10);
  history.record({ kind: "acked", ...told });
}

async function isAccepted(port: number, body: string): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/notifications`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(5_000),
    });
    await response.arrayBuffer();
    return response.status === 202;
  } catch {
    // Nobody listens, or it died before it answered: Graph comes again.
    return false;
  }
}
