import { isJsonObject } from "./json.ts";
import { keyIdOfUrl } from "./mark.ts";
import type { SubscriptionRow } from "./subscription.ts";

/**
 * For so long Graph may still bring what it made before: no key goes sooner after its last subscription.
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#handle-the-change-notification
 */
const BROUGHT_FOR_MS = 4 * 3_600_000;

/** How many subscriptions refer to which key. */
export interface KeyUse {
  /** By the id of the certificate that Graph encrypts for. */
  readonly certificates: ReadonlyMap<string, number>;
  /** By the id of the key that signed the mark and the client state. */
  readonly signers: ReadonlyMap<string, number>;
  /** With resource data. */
  readonly richCount: number;
  /** Of which nobody can say by now: one is being made, or Graph has not said what it encrypts for. */
  readonly unknownCount: number;
}

/** Adds up what rows refer to. */
export class KeyTally implements KeyUse {
  readonly certificates: Map<string, number> = new Map();
  readonly signers: Map<string, number> = new Map();
  richCount = 0;
  unknownCount = 0;

  add({ graph, isRich, createStartedAt }: SubscriptionRow): void {
    if (isRich === true && graph !== null) this.richCount += 1;
    if (graph !== null) addOne(this.signers, keyIdOfUrl(graph.notificationUrl));
    if (isRich === true) addOne(this.certificates, graph?.certificateId);
    const isUnsure = isRich === true && graph !== null && graph.certificateId === undefined;
    if (createStartedAt !== null || isUnsure) this.unknownCount += 1;
  }
}

function addOne(counts: Map<string, number>, id: string | undefined): void {
  if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
}

/** What is kept of a key that is not the first any more: a note. */
export interface FormerKey {
  /** Since when no subscription has referred to it, epoch milliseconds; null while one does. */
  readonly unusedSince: number | null;
  /** What it signed is to be made anew. */
  readonly isRetired?: true | undefined;
  /** It verifies no more. */
  readonly isOver?: true | undefined;
}

/** What is known of it after its subscriptions were counted; the same value where that is no news. */
export function afterCount(former: FormerKey, isUsed: boolean, now: number): FormerKey {
  if (isUsed) return former.unusedSince === null ? former : { ...former, unusedSince: null };
  return former.unusedSince === null ? { ...former, unusedSince: now } : former;
}

/** Whether nothing can come any more that needs it. */
export function mayGo({ unusedSince }: FormerKey, now: number): boolean {
  return unusedSince !== null && now - unusedSince >= BROUGHT_FOR_MS;
}

/** @returns what is known of a key that nothing is known of, for what is no such note */
export function parseFormerKey(text: string | undefined): FormerKey {
  const value: unknown = text === undefined ? undefined : JSON.parse(text);
  const { unusedSince, isRetired, isOver } = isJsonObject(value) ? value : {};
  return {
    unusedSince: typeof unusedSince === "number" ? unusedSince : null,
    ...(isRetired === true ? { isRetired } : {}),
    ...(isOver === true ? { isOver } : {}),
  };
}
