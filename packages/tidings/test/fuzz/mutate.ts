import type { Random } from "../../src/core/ports/random.ts";

/** A whole number below `end`. */
export function below(random: Random, end: number): number {
  return Math.floor(random.next() * end);
}

export function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[below(random, items.length)];
  if (item === undefined) throw new RangeError("Expected items to choose from, got none");
  return item;
}

/** What parsers stumble over. */
const SPLINTERS = [
  "",
  " ",
  "\n",
  "\r\n",
  "\0",
  "=",
  "==",
  ".",
  "..",
  "-",
  "_",
  "+",
  "/",
  "{",
  "}",
  "[",
  "]",
  '"',
  "\\",
  ",",
  ":",
  "null",
  "1e999",
  "-----",
  "\uD800",
  "\uFEFF",
  "é",
  "✓",
  "__proto__",
  "AAAA",
  "//",
  "%00",
];

/** Changes a text in one to four places; it may come out as it was. */
export function mutateText(random: Random, text: string): string {
  let mutated = text;
  for (let changes = 1 + below(random, 4); changes > 0; changes -= 1) mutated = changeText(random, mutated);
  return mutated;
}

function changeText(random: Random, text: string): string {
  const at = below(random, text.length + 1);
  const length = below(random, oneOf(random, [2, 8, 64, text.length + 1]));
  const part = text.slice(at, at + length);
  switch (below(random, 7)) {
    case 0:
      return text.slice(0, at) + text.slice(at + length);
    case 1:
      return text.slice(0, at) + oneOf(random, SPLINTERS) + text.slice(at);
    case 2:
      return text.slice(0, at) + oneOf(random, SPLINTERS) + text.slice(at + 1);
    case 3:
      return text.slice(0, at) + part + part + text.slice(at + length);
    case 4:
      return text.slice(0, at);
    case 5:
      return text.slice(0, at) + String.fromCodePoint(below(random, 0x180)) + text.slice(at + 1);
    default: {
      // Two parts in each other's place.
      const [from, to] = [at, below(random, text.length + 1)].toSorted((a, b) => a - b);
      return text.slice(0, from) + text.slice(to) + text.slice(from, to);
    }
  }
}

/** Changes bytes: bits, lengths, whole blocks. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  const at = below(random, copy.length + 1);
  switch (below(random, 6)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      return copy.subarray(at);
    case 2:
      return Buffer.concat([copy, copy.subarray(at)]);
    case 3:
      return Buffer.concat([
        copy.subarray(0, at),
        Buffer.alloc(oneOf(random, [1, 15, 16, 17])),
        copy.subarray(at),
      ]);
    case 4:
      return copy.fill(below(random, 256), at, Math.min(copy.length, at + 1 + below(random, 32)));
    default: {
      for (let flips = 1 + below(random, 4); flips > 0 && copy.length > 0; flips -= 1) {
        const index = below(random, copy.length);
        copy.writeUInt8(copy.readUInt8(index) ^ (1 << below(random, 8)), index);
      }
      return copy;
    }
  }
}
