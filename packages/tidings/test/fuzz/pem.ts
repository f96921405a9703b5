import { randomBytes, X509Certificate } from "node:crypto";
import { parseKeyPair } from "../../src/crypto/key-pair.ts";
import { pemBlocks, toPem } from "../../src/crypto/pem.ts";
import type { Random } from "../../src/core/ports/random.ts";
import { makeKeyPair, wrapWith } from "../support/key-material.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { below, mutateBytes, mutateText, oneOf } from "./mutate.ts";

/** Key pairs in PEM that were damaged: what is taken must work, and what is refused must be told without its secret. */
export const target: FuzzTarget = {
  name: "pem",
  async prepare() {
    const pems = (await Promise.all([makeKeyPair(), makeKeyPair()])).map(({ pem }) => pem);
    return {
      async run(random) {
        const changed = changePem(random, pems);
        let pair;
        try {
          pair = parseKeyPair(changed);
        } catch (error) {
          // A sentence has at most some words of the text's own, such as `PRIVATE KEY`.
          if (
            error instanceof TypeError &&
            error.message.startsWith("Expected each of `certificates`") &&
            error.message.length < 250
          )
            return "refused";
          throw new Error(`${String(error)} at ${changed}`, { cause: error });
        }
        // The certificate and the key that came out belong together, whatever else was in the text.
        const secret = randomBytes(32);
        const { publicKey } = new X509Certificate(Buffer.from(pair.certificate, "base64"));
        const unwrapped = await pair.unwrap(wrapWith(publicKey, secret));
        if (!secret.equals(unwrapped)) throw new Error(`accepted ${changed}`);
        return "taken";
      },
    };
  },
};

function changePem(random: Random, pems: readonly string[]): string {
  const pem = oneOf(random, pems);
  const blocks = pemBlocks(pem);
  switch (below(random, 4)) {
    case 0:
    case 1:
      return mutateText(random, pem);
    case 2: {
      // Within the DER, so that its base64 stays right.
      const at = below(random, blocks.length);
      return blocks
        .map(({ label, text }, n) => {
          const der = Buffer.from(text.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
          return toPem(label, n === at ? mutateBytes(random, der) : der);
        })
        .join("");
    }
    default:
      return [...blocks, ...pemBlocks(oneOf(random, pems))]
        .filter(() => random.next() < 0.7)
        .map(({ text }) => text)
        .join("\n");
  }
}
