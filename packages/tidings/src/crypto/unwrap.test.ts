import { expect, it } from "vitest";
import { makeKeyPair, wrapWith } from "../../test/support/key-material.ts";

it("a symmetric key is decrypted beside the thread that asks for it", async () => {
  const { pair, publicKey } = await makeKeyPair(4096);
  const wrapped = wrapWith(publicKey, new Uint8Array(32));
  const process0 = process.cpuUsage();
  const thread0 = process.threadCpuUsage();
  await Promise.all(Array.from({ length: 200 }, async () => pair.unwrap(wrapped)));
  const thread = process.threadCpuUsage(thread0);
  const all = process.cpuUsage(process0);
  // Times of the processor, so that a busy machine changes nothing.
  expect(thread.user + thread.system).toBeLessThan((all.user + all.system) / 4);
});

it("a key that was encrypted for somebody else is not decrypted", async () => {
  const [own, other] = await Promise.all([makeKeyPair(), makeKeyPair()]);
  await expect(own.pair.unwrap(wrapWith(other.publicKey, new Uint8Array(32)))).rejects.toThrow(
    "operation failed",
  );
});
