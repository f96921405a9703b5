import { randomBytes } from "node:crypto";
import type { EncryptedContent } from "../../src/core/encrypted-content.ts";
import { ContentRefusedError, KeysUnavailableError } from "../../src/core/errors.ts";
import type { Random } from "../../src/core/ports/random.ts";
import { createDecryptor } from "../../src/crypto/decryptor.ts";
import { KeyPairs } from "../../src/crypto/key-pairs.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { encrypt, makeKeyPair, signWith, toBase64, type TestKeyPair } from "../support/key-material.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { below, mutateBytes, mutateText, oneOf } from "./mutate.ts";

const FIELDS = [
  "data",
  "dataSignature",
  "dataKey",
  "encryptionCertificateId",
  "encryptionCertificateThumbprint",
] as const satisfies readonly (keyof EncryptedContent)[];

/** One case in so many is as it was, so that a target that refuses all is seen. */
const UNCHANGED = 50;

/** Resource data, changed on its way: nothing of it may come out. */
export const target: FuzzTarget = {
  name: "decrypt",
  async prepare() {
    const own = await makeKeyPair();
    const pairs = new KeyPairs(own.pem, { clock: new FakeClock() });
    const decryptor = createDecryptor(async (id) => pairs.find(id));
    const contents = Array.from({ length: 16 }, (_, n) =>
      encrypt({ id: `${n}`, text: "x".repeat(n * 20) }, own),
    );
    const symmetricKey = randomBytes(32);
    return {
      async run(random) {
        const content = oneOf(random, contents);
        const changed =
          below(random, UNCHANGED) === 0
            ? content
            : changeContent(random, content, { contents, own, symmetricKey });
        const isChanged = FIELDS.some((field) => !isSame(field, changed[field], content[field]));
        try {
          await decryptor.decrypt(changed);
        } catch (error) {
          if (!isChanged) throw new Error(`refused what was not changed: ${String(error)}`, { cause: error });
          if (error instanceof ContentRefusedError) return "refused";
          if (error instanceof KeysUnavailableError) return "waits";
          throw new Error(`${String(error)} at ${JSON.stringify(changed)}`, { cause: error });
        }
        if (isChanged) throw new Error(`accepted ${JSON.stringify(changed)}`);
        return "decrypted";
      },
    };
  },
};

/** A thumbprint is the same in small letters. */
function isSame(field: keyof EncryptedContent, a: string, b: string): boolean {
  return field === "encryptionCertificateThumbprint" ? a.toUpperCase() === b.toUpperCase() : a === b;
}

interface Material {
  readonly contents: readonly EncryptedContent[];
  readonly own: TestKeyPair;
  readonly symmetricKey: Uint8Array;
}

function changeContent(
  random: Random,
  content: EncryptedContent,
  { contents, own, symmetricKey }: Material,
): EncryptedContent {
  const field = oneOf(random, FIELDS);
  const other = oneOf(random, contents);
  switch (below(random, 8)) {
    case 0:
    case 1:
    case 2:
      return { ...content, [field]: mutateText(random, content[field]) };
    case 3:
      return { ...content, [field]: toBase64(mutateBytes(random, Buffer.from(content[field], "base64"))) };
    case 4:
      // What belongs to another notification.
      return { ...content, [field]: other[field] };
    case 5:
      return { ...content, data: other.data, dataSignature: other.dataSignature };
    case 6: {
      // Signed by who does not have the key that is sent along.
      const data = Buffer.from(mutateBytes(random, Buffer.from(content.data, "base64")));
      return { ...content, data: toBase64(data), dataSignature: toBase64(signWith(data, symmetricKey)) };
    }
    default:
      // Encrypted for us by a stranger, who knows our certificate: all is right but what is in it.
      return below(random, 20) === 0 ? strangersContent(random, own) : { ...content, [field]: "" };
  }
}

/** Anything but an object. */
function strangersContent(random: Random, own: TestKeyPair): EncryptedContent {
  const plaintext = oneOf(random, ["", "null", "[]", "7", '"a"', "{", '{"a":', "\uFEFF", "[".repeat(5_000)]);
  return encrypt(undefined, own, { plaintext: Buffer.from(plaintext) });
}
