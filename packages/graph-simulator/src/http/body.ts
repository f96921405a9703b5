import type { IncomingMessage } from "node:http";

/** A request body read to its end. */
export type Body =
  | { readonly kind: "whole"; readonly text: string }
  | { readonly kind: "too-large"; readonly limitBytes: number };

/** Largest body the simulator takes: Graph's own limit for an ordinary write request. */
export const MAX_BODY_BYTES: number = 4 * 1024 * 1024;

/**
 * Reads a body, keeping at most `limitBytes` in memory.
 *
 * The rest of a larger one is read and dropped: a client still writing when the connection closes sees a reset
 * instead of the answer.
 */
export async function readBody(message: IncomingMessage, limitBytes: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of bytesOf(message)) {
    bytes += chunk.length;
    if (bytes <= limitBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > limitBytes) return { kind: "too-large", limitBytes };
  return { kind: "whole", text: Buffer.concat(chunks).toString("utf8") };
}

// A stream without an encoding yields buffers, which its type leaves open.
function bytesOf(message: IncomingMessage): AsyncIterable<Buffer> {
  return message;
}
