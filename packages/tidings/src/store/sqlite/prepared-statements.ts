import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Parameters, Row } from "./rows.ts";

/** Statements of an open database, each prepared when it is first used. */
export class PreparedStatements<Name extends string> {
  readonly #database: DatabaseSync;
  readonly #texts: Readonly<Record<Name, string>>;
  readonly #prepared = new Map<Name, StatementSync>();

  constructor(database: DatabaseSync, texts: Readonly<Record<Name, string>>) {
    this.#database = database;
    this.#texts = texts;
  }

  get(name: Name, parameters: Parameters): Row | undefined {
    return this.prepared(name).get(parameters);
  }

  all(name: Name, parameters: Parameters): Row[] {
    return this.prepared(name).all(parameters);
  }

  /** @returns how many rows it changed */
  run(name: Name, parameters: Parameters): number {
    return Number(this.prepared(name).run(parameters).changes);
  }

  /** @returns its column `at`, or undefined when that is null */
  timeOf(name: Name, parameters: Parameters): number | undefined {
    const at = this.get(name, parameters)?.["at"];
    return typeof at === "number" ? at : undefined;
  }

  prepared(name: Name): StatementSync {
    const prepared = this.#prepared.get(name);
    if (prepared !== undefined) return prepared;
    const fresh = this.#database.prepare(this.#texts[name]);
    this.#prepared.set(name, fresh);
    return fresh;
  }
}
