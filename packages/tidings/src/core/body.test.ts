import { describe, expect, it } from "vitest";

import { readBoundedBody } from "./body.ts";

/** A body in chunks, and what became of reading it. */
function stream(...chunks: string[]): {
  chunks: AsyncIterable<Uint8Array>;
  read: string[];
  closed: () => boolean;
} {
  const read: string[] = [];
  let isClosed = false;
  async function* generate(): AsyncGenerator<Uint8Array> {
    try {
      for (const chunk of chunks) {
        read.push(chunk);
        yield new TextEncoder().encode(chunk);
      }
    } finally {
      isClosed = true;
    }
  }
  return { chunks: generate(), read, closed: () => isClosed };
}

describe("a bounded body", () => {
  it.each([
    { name: "nothing", chunks: [], text: "" },
    { name: "one chunk", chunks: ["abc"], text: "abc" },
    { name: "several chunks", chunks: ["ab", "", "cde", "f"], text: "abcdef" },
    { name: "exactly the limit", chunks: ["abcd", "efgh"], text: "abcdefgh" },
  ])("is read whole: $name", async ({ chunks, text }) => {
    const body = await readBoundedBody(stream(...chunks).chunks, 8, undefined);
    expect(body).toEqual({ kind: "body", bytes: new TextEncoder().encode(text) });
  });

  it("of one chunk is not copied", async () => {
    const chunk = new Uint8Array([1, 2, 3]);
    async function* generate(): AsyncGenerator<Uint8Array> {
      yield chunk;
    }
    const body = await readBoundedBody(generate(), 8, "3");
    expect(body.kind === "body" && body.bytes).toBe(chunk);
  });

  it.each(["9", "123456789", "1e9"])("announced as %s bytes is refused unread", async (announced) => {
    const body = stream("abc");
    expect(await readBoundedBody(body.chunks, 8, announced)).toEqual({ kind: "too-large" });
    expect(body.read).toEqual([]);
  });

  it.each(["8", "1", "0", null, undefined, "", "-1", "many"])(
    "is measured, whatever was announced: %j",
    async (announced) => {
      const short = await readBoundedBody(stream("abcdefgh").chunks, 8, announced);
      const long = await readBoundedBody(stream("abcdefgh", "i").chunks, 8, announced);
      expect([short.kind, long.kind]).toEqual(["body", "too-large"]);
    },
  );

  it("is read no further once it is too long", async () => {
    const body = stream("abcdefgh", "i", "never read");
    expect(await readBoundedBody(body.chunks, 8, undefined)).toEqual({ kind: "too-large" });
    expect(body.read).toEqual(["abcdefgh", "i"]);
    expect(body.closed()).toBe(true);
  });

  it("grows without a copy for each chunk, and holds what came", async () => {
    const chunks = Array.from({ length: 5_000 }, (_, n) => String(n % 10));
    const body = await readBoundedBody(stream(...chunks).chunks, 5_000, undefined);
    expect(body).toEqual({ kind: "body", bytes: new TextEncoder().encode(chunks.join("")) });
  });

  it("of very many chunks is too large, however small they are", async () => {
    const chunks = Array<string>(10_001).fill("x");
    expect(await readBoundedBody(stream(...chunks).chunks, 100_000, undefined)).toEqual({
      kind: "too-large",
    });
  });

  it("that breaks off rejects with the reason", async () => {
    async function* generate(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      throw new Error("aborted");
    }
    await expect(readBoundedBody(generate(), 8, undefined)).rejects.toThrow("aborted");
  });
});
