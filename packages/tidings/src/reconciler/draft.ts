import type { Note, NoteKind, Store } from "../core/ports/store.ts";
import type { SubscriptionRow } from "../core/subscription.ts";
import type { SubscriptionRows } from "./subscription-rows.ts";

/** A row of a draft, and what is stored of it: undefined when nothing is. */
export interface DraftRow {
  readonly row: SubscriptionRow;
  readonly stored: SubscriptionRow | undefined;
}

/** Rows as they would be: what is written stays in memory, over what is stored. */
export class DraftRows implements Pick<SubscriptionRows, "all" | "edit" | "completeRoutes"> {
  readonly #stored: Pick<SubscriptionRows, "all" | "get">;
  readonly #edited = new Map<string, DraftRow>();

  constructor(stored: Pick<SubscriptionRows, "all" | "get">) {
    this.#stored = stored;
  }

  async edit(
    key: string,
    change: (row: SubscriptionRow | undefined) => SubscriptionRow | undefined,
  ): Promise<SubscriptionRow | undefined> {
    const stored = await this.#stored.get(key);
    const row = this.#edited.get(key)?.row ?? stored;
    const changed = change(row);
    if (changed === undefined || changed === row) return row;
    this.#edited.set(key, { row: changed, stored });
    return changed;
  }

  async *all(query: { readonly tenantId?: string | undefined } = {}): AsyncGenerator<SubscriptionRow> {
    for await (const { row } of this.compared(query)) yield row;
  }

  /** Every row with what is stored of it, those that are new last. */
  async *compared({
    tenantId,
  }: {
    readonly tenantId?: string | undefined;
  } = {}): AsyncGenerator<DraftRow> {
    const found = new Set<string>();
    for await (const stored of this.#stored.all({ tenantId })) {
      const edited = this.#edited.get(stored.key);
      if (edited !== undefined) found.add(stored.key);
      yield edited ?? { row: stored, stored };
    }
    for (const [key, draft] of this.#edited) {
      const isOfTenant = tenantId === undefined || draft.row.tenantId === tenantId;
      // What was stored when it was edited, and is not there any more, was removed meanwhile.
      if (!found.has(key) && draft.stored === undefined && isOfTenant) yield draft;
    }
  }

  async completeRoutes(): Promise<void> {}
}

type Notes = Pick<Store, "putNote" | "listNotes" | "deleteNote">;

/** Notes as they would be: what is written stays in memory, over what is stored. */
export class DraftNotes implements Notes {
  readonly #stored: Pick<Notes, "listNotes">;
  readonly #drafts = new Map<NoteKind, Map<string, Note>>();

  constructor(stored: Pick<Notes, "listNotes">) {
    this.#stored = stored;
  }

  async putNote(note: Note): Promise<void> {
    (await this.#of(note.kind)).set(note.key, note);
  }

  async listNotes(kind: NoteKind): Promise<Note[]> {
    return [...(await this.#of(kind)).values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  async deleteNote({ kind, key }: Pick<Note, "kind" | "key">): Promise<void> {
    (await this.#of(kind)).delete(key);
  }

  async #of(kind: NoteKind): Promise<Map<string, Note>> {
    const known = this.#drafts.get(kind);
    if (known !== undefined) return known;
    const notes = await this.#stored.listNotes(kind);
    const drafts = new Map(notes.map((note) => [note.key, note]));
    this.#drafts.set(kind, drafts);
    return drafts;
  }
}
