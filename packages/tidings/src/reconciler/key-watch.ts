import { afterCount, KeyTally, mayGo, parseFormerKey, type FormerKey, type KeyUse } from "../core/key-use.ts";
import type { Report } from "../core/events.ts";
import type { Certificates, EncryptionCertificate } from "../core/ports/certificates.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Store } from "../core/ports/store.ts";
import type { SubscriptionRows } from "./subscription-rows.ts";

export interface KeyWatchParts {
  readonly certificates: Certificates | undefined;
  readonly rows: Pick<SubscriptionRows, "all">;
  readonly notes: Pick<Store, "listNotes" | "putNote" | "deleteNote">;
  readonly clock: Clock;
  readonly report: Report;
  /** Called with what was counted. */
  readonly onUse: (use: KeyUse) => Promise<void>;
  /** Whether there are signing keys of which somebody wants to know when they may go. */
  readonly hasFormerSigners: () => boolean;
}

/** `encrypts`: Graph is to use it. `decrypts`: what is encrypted for it can be read. `missing`: it cannot. */
export type CertificateRole = "encrypts" | "decrypts" | "missing";

/** A certificate that this app has, or that one of its subscriptions refers to. Instants are epoch milliseconds. */
export interface CertificateState {
  readonly id: string;
  readonly role: CertificateRole;
  /** Its end; undefined for one that is missing. */
  readonly notAfter: number | undefined;
  /** How many subscriptions Graph encrypts for it. */
  readonly subscriptions: number;
  /** Since when none has been known to; undefined while one does, and for the one that encrypts. */
  readonly unusedSince: number | undefined;
  /** Whether nothing can come any more that needs its private key. */
  readonly isRemovable: boolean;
}

/** What was counted, and what that says of each certificate. */
export interface KeyState {
  readonly use: KeyUse;
  /** The one that encrypts first. */
  readonly certificates: readonly CertificateState[];
}

const DAY_MS = 24 * 3_600_000;
const EXPIRING_MS = 30 * DAY_MS;

/** Counts, once a day and when somebody asks, which subscriptions refer to which key, and warns of what is amiss. */
export class KeyWatch {
  readonly #parts: KeyWatchParts;
  #dueAt = 0;

  constructor(parts: KeyWatchParts) {
    this.#parts = parts;
  }

  /** Looks if a day has passed. @returns when to call it again, epoch milliseconds; undefined without keys to watch */
  async once(): Promise<number | undefined> {
    const { certificates, clock, report, hasFormerSigners } = this.#parts;
    if (certificates === undefined && !hasFormerSigners()) return undefined;
    if (clock.now() < this.#dueAt) return this.#dueAt;
    this.#dueAt = clock.now() + DAY_MS;
    const state = await this.look();
    for (const certificate of state.certificates) this.#tell(certificate, report);
    return this.#dueAt;
  }

  /** @throws StoreError */
  async look(): Promise<KeyState> {
    const { certificates, rows, onUse } = this.#parts;
    const tally = new KeyTally();
    for await (const row of rows.all()) tally.add(row);
    const present = (await certificates?.list().catch(() => undefined)) ?? [];
    await onUse(tally);
    return { use: tally, certificates: await this.#statesOf(present, tally) };
  }

  async #statesOf(present: readonly EncryptionCertificate[], use: KeyUse): Promise<CertificateState[]> {
    const { notes, clock } = this.#parts;
    const known = new Map((await notes.listNotes("certificate")).map(({ key, value }) => [key, value]));
    const now = clock.now();
    const states: CertificateState[] = [];
    for (const [place, { id, notAfter }] of present.entries()) {
      const subscriptions = use.certificates.get(id) ?? 0;
      const isUsed = place === 0 || subscriptions > 0 || use.unknownCount > 0;
      const former = await this.#note(id, known.get(id), isUsed);
      states.push({
        id,
        role: place === 0 ? "encrypts" : "decrypts",
        notAfter,
        subscriptions,
        unusedSince: former.unusedSince ?? undefined,
        isRemovable: mayGo(former, now),
      });
    }
    const has = new Set(present.map(({ id }) => id));
    // While they cannot be had, nobody can say which are missing.
    for (const [id, subscriptions] of present.length === 0 ? [] : use.certificates)
      if (!has.has(id)) states.push({ ...MISSING, id, subscriptions });
    for (const id of known.keys())
      if (present.length > 0 && !has.has(id)) await notes.deleteNote({ kind: "certificate", key: id });
    return states;
  }

  async #note(id: string, text: string | undefined, isUsed: boolean): Promise<FormerKey> {
    const before = parseFormerKey(text);
    const after = afterCount(before, isUsed, this.#parts.clock.now());
    if (after !== before)
      await this.#parts.notes.putNote({ kind: "certificate", key: id, value: JSON.stringify(after) });
    return after;
  }

  #tell({ id, role, notAfter = Infinity, subscriptions }: CertificateState, report: Report): void {
    const now = this.#parts.clock.now();
    if (role === "missing") report("certificate:missing", { id, subscriptions });
    if (role === "encrypts" && notAfter - now <= EXPIRING_MS)
      report("certificate:expiring", { id, notAfter, isExpired: notAfter <= now });
  }
}

const MISSING = { role: "missing", notAfter: undefined, unusedSince: undefined, isRemovable: false } as const;
