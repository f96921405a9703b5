import type { Clock } from "../core/ports/clock.ts";
import type { Note, Store } from "../core/ports/store.ts";

export interface TenantsParts {
  readonly notes: Pick<Store, "putNote" | "listNotes" | "deleteNote">;
  readonly clock: Clock;
  /** The app's own: the one it was given, or that its credential signs in to. May ask the login service. */
  readonly ownTenantId: () => Promise<string>;
  /** Whether the app was given one. */
  readonly isOwnGiven: boolean;
}

/** The tenants an app was told to serve, and those it has subscriptions in. GUIDs in lower case. */
export class Tenants {
  readonly #parts: TenantsParts;
  readonly #noted = new Set<string>();

  constructor(parts: TenantsParts) {
    this.#parts = parts;
  }

  /** Those meant where none is named: the app's given one; else those that were added; else the credential's. */
  async meant(): Promise<string[]> {
    const { isOwnGiven, ownTenantId } = this.#parts;
    const added = isOwnGiven ? [] : await this.added();
    return added.length > 0 ? added : [await ownTenantId()];
  }

  async added(): Promise<string[]> {
    const notes = await this.#parts.notes.listNotes("tenant");
    return notes.map(({ key }) => key);
  }

  async add(tenantId: string): Promise<void> {
    await this.#parts.notes.putNote({ kind: "tenant", key: tenantId, value: "" });
  }

  async remove(tenantId: string): Promise<void> {
    const { notes } = this.#parts;
    await notes.deleteNote({ kind: "tenant", key: tenantId });
    // It may not let the app in any more. What is left of its subscriptions is in the rows.
    await notes.deleteNote({ kind: "audit", key: tenantId });
    this.#noted.delete(tenantId);
    for (const { key } of await notes.listNotes("ceiling"))
      if (key.startsWith(`${tenantId} `)) await notes.deleteNote({ kind: "ceiling", key });
  }

  /** Remembers that there are subscriptions in it, so that it is audited. */
  async note(tenantId: string): Promise<void> {
    if (this.#noted.has(tenantId)) return;
    const known = await this.#parts.notes.listNotes("audit");
    for (const { key } of known) this.#noted.add(key);
    if (!this.#noted.has(tenantId)) await this.audited(tenantId, this.#parts.clock.now());
  }

  /** Says that a tenant was audited. */
  async audited(tenantId: string, at: number): Promise<void> {
    await this.#parts.notes.putNote({ kind: "audit", key: tenantId, value: String(at) });
    this.#noted.add(tenantId);
  }

  /** Has each of them audited anew, one after the other. */
  async auditAll(): Promise<void> {
    for (const { key } of await this.#parts.notes.listNotes("audit")) await this.audited(key, 0);
  }

  /** The tenant audited longest ago, and when. */
  async auditedFirst(): Promise<{ readonly tenantId: string; readonly at: number } | undefined> {
    const notes = await this.#parts.notes.listNotes("audit");
    const [first] = notes.toSorted((a: Note, b: Note) => Number(a.value) - Number(b.value));
    return first && { tenantId: first.key, at: Number(first.value) };
  }
}
