const HIDDEN = "[secret]";

/** What Node's `util.inspect` and `console.log` ask an object for; the same symbol in every realm. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/**
 * A text that cannot be printed by accident: whatever shows an object shows `[secret]` in its place. Its value comes
 * from `reveal()` alone, which is called where it is used and nowhere else.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  // Not as a method, whose name could not be told in a declaration.
  static {
    Reflect.defineProperty(this.prototype, INSPECT, { value: () => HIDDEN });
  }
}
