import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

import { parseDuration } from "../duration.ts";
import { CommandError, messageOf } from "./command-error.ts";

/** The arguments of a verb. */
export class Arguments {
  readonly #values: Readonly<Record<string, unknown>>;

  /** @throws CommandError for an argument there is not */
  constructor(argv: readonly string[], options: ParseArgsOptionsConfig) {
    try {
      this.#values = parseArgs({ args: [...argv], options }).values;
    } catch (error) {
      throw new CommandError(messageOf(error), { isUsage: true, cause: error });
    }
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** A whole number. */
  count(name: string, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (/^\d+$/.test(text) && Number(text) <= max) return Number(text);
    throw this.#wrong(name, `a whole number from 0 to ${max}`, text);
  }

  /** A number greater than 0. */
  rate(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
    throw this.#wrong(name, "a number greater than 0", text);
  }

  durationMs(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    throw this.#wrong(name, "a duration like 30s, 5m or 4h", text);
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const chosen = choices.find((choice) => choice === text);
    if (chosen !== undefined) return chosen;
    throw this.#wrong(name, `one of ${choices.join(", ")}`, text);
  }

  #wrong(name: string, expected: string, got: string): CommandError {
    return new CommandError(`Expected --${name} to be ${expected}, got '${got}'`, { isUsage: true });
  }
}
