import { createHmac, generateKeyPairSync, randomBytes } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  encrypt,
  makeKeyPair,
  signWith,
  toBase64,
  wrapWith,
  type EncryptionFaults,
  type TestKeyPair,
} from "../../test/support/key-material.ts";
import type { EncryptedContent } from "../core/encrypted-content.ts";
import { ContentRefusedError, KeysUnavailableError } from "../core/errors.ts";
import type { Decryptor } from "../core/ports/decryptor.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { createDecryptor } from "./decryptor.ts";
import { KeyPairs } from "./key-pairs.ts";

const RESOURCE = { id: "1565293727947", subject: "Zürich ✓", body: { content: "Hello" } };

let own: TestKeyPair;
let other: TestKeyPair;
let decryptor: Decryptor;

beforeAll(async () => {
  [own, other] = await Promise.all([makeKeyPair(), makeKeyPair(4096)]);
  const pairs = new KeyPairs([own.pem, other.pem], { clock: new FakeClock() });
  decryptor = createDecryptor(async (id) => pairs.find(id));
});

// https://learn.microsoft.com/graph/change-notifications-with-resource-data#decrypt-resource-data-from-change-notifications
describe("resource data", () => {
  it.each([() => own, () => other])("is decrypted with the key of its certificate", async (pair) => {
    expect(await decryptor.decrypt(encrypt(RESOURCE, pair()))).toEqual(RESOURCE);
  });

  it("may have its thumbprint in small letters", async () => {
    const content = encrypt(RESOURCE, own);
    const encryptionCertificateThumbprint = content.encryptionCertificateThumbprint.toLowerCase();
    expect(await decryptor.decrypt({ ...content, encryptionCertificateThumbprint })).toEqual(RESOURCE);
  });

  it("is any JSON object of any size", async () => {
    const json = fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue({ depthSize: "small" }));
    await fc.assert(
      fc.asyncProperty(json, async (resource) => {
        const expected = JSON.parse(JSON.stringify(resource).replaceAll(/"__proto__":/g, '"proto":'));
        expect(await decryptor.decrypt(encrypt(expected, own))).toEqual(expected);
      }),
    );
    const large = { text: "x".repeat(3 * 2 ** 20) };
    expect(await decryptor.decrypt(encrypt(large, own))).toEqual(large);
  });

  it("S7: sets no prototype", async () => {
    const plaintext = Buffer.from('{"a":{"__proto__":{"isAdmin":true}},"__proto__":{"isAdmin":true},"b":1}');
    const resource = await decryptor.decrypt(encrypt(undefined, own, { plaintext }));
    expect(JSON.stringify(resource)).toBe('{"a":{},"b":1}');
    expect(Object.assign({}, resource)).not.toHaveProperty("isAdmin");
  });

  it("waits for a certificate that is not there yet", async () => {
    const content = { ...encrypt(RESOURCE, own), encryptionCertificateId: "of the next deploy" };
    const error = await decryptor.decrypt(content).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KeysUnavailableError);
    expect(error).toHaveProperty(
      "message",
      'No certificate: "of the next deploy" is not among `certificates`',
    );
  });

  it("is decrypted by many at once, each with its own", async () => {
    const contents = Array.from({ length: 100 }, (_, n) => encrypt({ n }, n % 2 === 0 ? own : other));
    const resources = await Promise.all(contents.map(async (content) => decryptor.decrypt(content)));
    expect(resources).toEqual(contents.map((_, n) => ({ n })));
  });
});

const flipped = (base64: string, at: number): string => {
  const bytes = Buffer.from(base64, "base64");
  const index = at < 0 ? bytes.length + at : at;
  bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
  return toBase64(bytes);
};

/** The whole of what is told of a refusal, but for where the test stood. */
async function refusalOf(content: EncryptedContent): Promise<string> {
  const error = await decryptor.decrypt(content).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ContentRefusedError);
  const { name, message, stack, cause, ...rest } = Object(error);
  const frames = String(stack)
    .split("\n")
    .filter((line) => line.includes("decryptor.ts"));
  return JSON.stringify({ name, message, frames, cause, rest, keys: Reflect.ownKeys(Object(error)) });
}

describe("S4: resource data that is not what Graph sends", () => {
  const foreign = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
  const made: readonly (readonly [string, EncryptionFaults])[] = [
    ["a signature with another key", { signature: (data) => signWith(data, randomBytes(32)) }],
    [
      "a signature over the plaintext",
      { signature: (_, key) => signWith(Buffer.from(JSON.stringify(RESOURCE)), key) },
    ],
    [
      "a signature over the base64",
      { signature: (data, key) => createHmac("sha256", key).update(toBase64(data)).digest() },
    ],
    ["a signature that is cut short", { signature: (data, key) => signWith(data, key).subarray(0, 31) }],
    ["no signature", { signature: () => new Uint8Array(0) }],
    ["a signature with SHA-1", { signature: (data, key) => createHmac("sha1", key).update(data).digest() }],
    [
      "a right signature with a key that is not the one encrypted",
      { wrap: () => wrapWith(own.publicKey, randomBytes(32)) },
    ],
    ["a key for somebody else", { wrap: (key) => wrapWith(foreign, key) }],
    ["a key encrypted with OAEP of SHA-256", { wrap: (key) => wrapWith(own.publicKey, key, "sha256") }],
    ["a key of 16 bytes", { symmetricKey: randomBytes(16) }],
    ["a key of 31 bytes", { symmetricKey: randomBytes(31) }],
    ["a key of 33 bytes", { symmetricKey: randomBytes(33) }],
    ["a key of no bytes", { symmetricKey: new Uint8Array(0) }],
    [
      "a key that is a byte too short when encrypted",
      { wrap: (key) => wrapWith(own.publicKey, key).subarray(1) },
    ],
    [
      "a key that is a byte too long when encrypted",
      { wrap: (key) => Buffer.concat([wrapWith(own.publicKey, key), Buffer.alloc(1)]) },
    ],
    ["a key that is all zeros when encrypted", { wrap: () => new Uint8Array(256) }],
    ["a key that is more than the modulus when encrypted", { wrap: () => new Uint8Array(256).fill(255) }],
    ["no key", { wrap: () => new Uint8Array(0) }],
    ["no data", { data: new Uint8Array(0) }],
    ["data of less than a block", { data: new Uint8Array(15) }],
    ["data of no whole blocks", { data: new Uint8Array(33) }],
    ["padding that is wrong", { data: new Uint8Array(32) }],
    ["more data than any delivery", { plaintext: Buffer.from(JSON.stringify("x".repeat(4 * 2 ** 20))) }],
    ["a resource that is no object", { plaintext: Buffer.from("[]") }],
    ["a resource that is null", { plaintext: Buffer.from("null") }],
    ["a resource that is no JSON", { plaintext: Buffer.from("{") }],
    ["a resource that is empty", { plaintext: Buffer.from("") }],
    ["a resource that is no UTF-8", { plaintext: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) }],
    ["a resource that is UTF-16", { plaintext: Buffer.from('{"a":1}', "utf16le") }],
    ["a resource that is too deep", { plaintext: Buffer.from(`{"a":${"[".repeat(40)}${"]".repeat(40)}}`) }],
    ["a resource that is far too deep", { plaintext: Buffer.from("[".repeat(100_000)) }],
  ];
  const changed: readonly (readonly [string, (content: EncryptedContent) => Partial<EncryptedContent>])[] = [
    ["a flipped bit at the beginning of the data", ({ data }) => ({ data: flipped(data, 0) })],
    ["a flipped bit at the end of the data", ({ data }) => ({ data: flipped(data, -1) })],
    ["a flipped bit of the signature", ({ dataSignature }) => ({ dataSignature: flipped(dataSignature, 0) })],
    [
      "a flipped bit at the end of the signature",
      ({ dataSignature }) => ({ dataSignature: flipped(dataSignature, -1) }),
    ],
    ["a flipped bit of the key", ({ dataKey }) => ({ dataKey: flipped(dataKey, 128) })],
    [
      "data cut short by a block",
      ({ data }) => ({ data: toBase64(Buffer.from(data, "base64").subarray(0, -16)) }),
    ],
    [
      "data with a block before it",
      ({ data }) => ({ data: toBase64(Buffer.concat([Buffer.alloc(16), Buffer.from(data, "base64")])) }),
    ],
    ["data with a line break", ({ data }) => ({ data: `${data.slice(0, 8)}\n${data.slice(8)}` })],
    ["data with a space behind it", ({ data }) => ({ data: `${data} ` })],
    ["data with more behind its end", ({ data }) => ({ data: `${data}=AAAA` })],
    [
      "a signature without its padding",
      ({ dataSignature }) => ({ dataSignature: dataSignature.replaceAll("=", "") }),
    ],
    ["a signature in the alphabet of URLs", () => ({ dataSignature: `${"_".repeat(42)}8=` })],
    ["a key that is no base64", () => ({ dataKey: "*".repeat(344) })],
    ["a key of a megabyte", () => ({ dataKey: "A".repeat(2 ** 20) })],
    ["another's thumbprint", () => ({ encryptionCertificateThumbprint: other.pair.thumbprint })],
    ["another's certificate", () => ({ encryptionCertificateId: other.pair.id })],
    [
      "another's certificate and thumbprint",
      () => ({
        encryptionCertificateId: other.pair.id,
        encryptionCertificateThumbprint: other.pair.thumbprint,
      }),
    ],
    ["no thumbprint", () => ({ encryptionCertificateThumbprint: "" })],
    ["nothing in it", () => ({ data: "", dataKey: "", dataSignature: "" })],
  ];
  const cases: readonly (readonly [string, () => EncryptedContent])[] = [
    ...made.map(([name, faults]) => [name, () => encrypt(RESOURCE, own, faults)] as const),
    ...changed.map(([name, change]) => {
      const make = (): EncryptedContent => {
        const content = encrypt(RESOURCE, own);
        return { ...content, ...change(content) };
      };
      return [name, make] as const;
    }),
  ];

  it.each(cases)("is refused: %s", async (_, content) => {
    await expect(decryptor.decrypt(content())).rejects.toBeInstanceOf(ContentRefusedError);
  });

  it("is refused with one error for all of it, down to its stack", async () => {
    const refusals = new Set<string>();
    for (const [, content] of cases) refusals.add(await refusalOf(content()));
    expect([...refusals]).toHaveLength(1);
    expect([...refusals].join()).not.toContain(RESOURCE.id);
  });

  it("is refused whatever bit is flipped, wherever", async () => {
    const names = ["data", "dataKey", "dataSignature"] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.nat(7), async (name, at, bit) => {
        const content = encrypt(RESOURCE, own);
        const bytes = Buffer.from(content[name], "base64");
        const index = at % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(index) ^ (1 << bit), index);
        await expect(decryptor.decrypt({ ...content, [name]: toBase64(bytes) })).rejects.toBeInstanceOf(
          ContentRefusedError,
        );
      }),
    );
  });

  it("takes as long whether the key or the signature is wrong", async () => {
    // So much that making the signature takes longer than all the rest.
    const large = { text: "x".repeat(3 * 2 ** 20) };
    const wrongKey = encrypt(large, own, { wrap: (key) => wrapWith(foreign, key) });
    const wrongSignature = encrypt(large, own, { signature: (data) => signWith(data, randomBytes(32)) });
    const times = { key: [] as number[], signature: [] as number[] };
    for (let n = 0; n < 31; n += 1) {
      times.key.push(await timeOf(wrongKey));
      times.signature.push(await timeOf(wrongSignature));
    }
    const ratio = median(times.key) / median(times.signature);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.25);
  });

  async function timeOf(content: EncryptedContent): Promise<number> {
    const startedAt = performance.now();
    await decryptor.decrypt(content).catch(() => {});
    return performance.now() - startedAt;
  }
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

describe("a symmetric key", () => {
  it.each<[string, EncryptionFaults]>([
    ["it decrypted", {}],
    ["the signature was wrong", { signature: () => new Uint8Array(32) }],
    ["the padding was wrong", { data: new Uint8Array(32) }],
  ])("is wiped when %s", async (_, faults) => {
    const keys: Uint8Array[] = [];
    const watched = createDecryptor(async () => ({
      ...own.pair,
      async unwrap(wrapped) {
        const key = await own.pair.unwrap(wrapped);
        keys.push(key);
        return key;
      },
    }));
    await watched.decrypt(encrypt(RESOURCE, own, faults)).catch(() => {});
    expect(keys).toEqual([new Uint8Array(32)]);
  });
});
