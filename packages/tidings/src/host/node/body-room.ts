/** All bodies that are on their way hold no more than this together: 64 of the largest. */
const MAX_BYTES = 256 * 1024 * 1024;

/** The place of one body. */
export interface BodyPlace {
  /** Says that more of it has come. */
  grow(bytes: number): void;
  /** Says that it is not held any more. Idempotent. */
  leave(): void;
}

interface Held {
  bytes: number;
  readonly giveWay: () => void;
}

/**
 * Bounds what bodies hold in memory together. When there is too much, the one that holds most gives way: deliveries of
 * Graph are small and soon whole, so it is whoever sends much and slowly.
 */
export class BodyRoom {
  readonly #maxBytes: number;
  readonly #bodies = new Set<Held>();
  #bytes = 0;

  constructor(maxBytes: number = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** @param giveWay called at most once: the body must be let go of */
  enter(giveWay: () => void): BodyPlace {
    const held: Held = { bytes: 0, giveWay };
    this.#bodies.add(held);
    return {
      grow: (bytes) => {
        if (!this.#bodies.has(held)) return;
        held.bytes += bytes;
        this.#bytes += bytes;
        while (this.#bytes > this.#maxBytes) this.#evict();
      },
      leave: () => this.#remove(held),
    };
  }

  #evict(): void {
    let largest: Held | undefined;
    for (const held of this.#bodies) if (held.bytes > (largest?.bytes ?? 0)) largest = held;
    if (largest === undefined) return;
    this.#remove(largest);
    largest.giveWay();
  }

  #remove(held: Held): void {
    if (this.#bodies.delete(held)) this.#bytes -= held.bytes;
  }
}
