/** Values that come to be when they are first asked for. */
export class LazyMap<Key, Value> {
  readonly #create: (key: Key) => Value;
  readonly #values = new Map<Key, Value>();

  constructor(create: (key: Key) => Value) {
    this.#create = create;
  }

  of(key: Key): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = this.#create(key);
    this.#values.set(key, value);
    return value;
  }

  values(): readonly Value[] {
    return [...this.#values.values()];
  }

  clear(): void {
    this.#values.clear();
  }
}
