import { createHash } from "node:crypto";

/**
 * A repeatable source of ids: SHA-256 in counter mode over a seed. Not for secrets.
 *
 * Each purpose has its own stream, so that one more HTTP request does not change the ids of the users created after it.
 */
export class Random {
  readonly #seed: string;
  #count = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** An independent stream, the same each time for the same seed and purpose. */
  fork(purpose: string): Random {
    return new Random(`${this.#seed}/${purpose}`);
  }

  bytes(length: number): Buffer {
    const blocks: Buffer[] = [];
    for (let have = 0; have < length; have += 32) {
      blocks.push(
        createHash("sha256")
          .update(`${this.#seed}#${this.#count++}`)
          .digest(),
      );
    }
    return Buffer.concat(blocks, length);
  }

  /** From 0 up to, but not, 1. */
  fraction(): number {
    return this.bytes(6).readUIntBE(0, 6) / 2 ** 48;
  }

  /** A version 4 GUID in lower case. */
  guid(): string {
    return guidOf(this.bytes(16));
  }
}

/** The GUID that belongs to a text: the same text, the same GUID. */
export function guidFor(text: string): string {
  return guidOf(createHash("sha256").update(text).digest().subarray(0, 16));
}

function guidOf(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
