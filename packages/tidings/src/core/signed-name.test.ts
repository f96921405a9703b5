import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";

import type { Keyring } from "./ports/keyring.ts";
import { signName, verifyName, type SignedNameForm } from "./signed-name.ts";

const FORM: SignedNameForm = { purpose: "test", partCount: 2 };

/** Signs under the first of the keys, verifies under all. */
function keyringOf(...keyIds: [string, ...string[]]): Keyring {
  const mac = (keyId: string, message: string): string => hash("sha256", `${keyId}\0${message}`, "base64url");
  return {
    signingKeyId: keyIds[0],
    sign: (message) => mac(keyIds[0], message),
    verify: (keyId, message, given) => keyIds.includes(keyId) && mac(keyId, message) === given,
  };
}

const keyring = keyringOf("key1");
const TEXT = signName(FORM, keyring, { parts: ["app-1", "Sub_2"], context: ["tenant"] });

describe("a signed name", () => {
  it("says its version, its key and its parts", () => {
    expect(TEXT).toMatch(/^v1\.key1\.app-1\.Sub_2\.[\w-]{43}$/);
  });

  it("is believed under the form, key and context it was signed with", () => {
    expect(verifyName(FORM, keyring, { text: TEXT, context: ["tenant"] })).toEqual(["app-1", "Sub_2"]);
  });

  it("needs no context", () => {
    const text = signName(FORM, keyring, { parts: ["a", "b"] });
    expect(verifyName(FORM, keyring, { text })).toEqual(["a", "b"]);
    expect(verifyName(FORM, keyring, { text, context: [""] })).toBeUndefined();
  });

  it("is believed as long as its key is known", () => {
    const context = ["tenant"];
    expect(verifyName(FORM, keyringOf("key2", "key1"), { text: TEXT, context })).toEqual(["app-1", "Sub_2"]);
    expect(verifyName(FORM, keyringOf("key2"), { text: TEXT, context })).toBeUndefined();
  });

  it.each([
    { name: "another purpose", form: { ...FORM, purpose: "other" }, context: ["tenant"] },
    { name: "another context", form: FORM, context: ["other"] },
    { name: "no context", form: FORM, context: [] },
    { name: "more context", form: FORM, context: ["tenant", ""] },
  ])("is not believed for $name", ({ form, context }) => {
    expect(verifyName(form, keyring, { text: TEXT, context })).toBeUndefined();
  });

  it.each([
    { name: "nothing", change: () => "" },
    { name: "dots", change: () => "...." },
    { name: "another version", change: (text: string) => text.replace("v1", "v2") },
    { name: "another key", change: (text: string) => text.replace("key1", "key2") },
    { name: "another first part", change: (text: string) => text.replace("app-1", "app-2") },
    { name: "another last part", change: (text: string) => text.replace("Sub_2", "Sub_3") },
    { name: "a part in another case", change: (text: string) => text.replace("Sub_2", "sub_2") },
    { name: "parts in another order", change: (text: string) => text.replace("app-1.Sub_2", "Sub_2.app-1") },
    { name: "a part missing", change: (text: string) => text.replace(".Sub_2", "") },
    { name: "a part more", change: (text: string) => text.replace("Sub_2", "Sub_2.x") },
    { name: "an empty part", change: (text: string) => text.replace("Sub_2", "") },
    { name: "no MAC", change: (text: string) => text.slice(0, text.lastIndexOf(".")) },
    { name: "an empty MAC", change: (text: string) => text.slice(0, text.lastIndexOf(".") + 1) },
    { name: "a short MAC", change: (text: string) => text.slice(0, -1) },
    { name: "something after the MAC", change: (text: string) => `${text}.x` },
    { name: "a dot after the MAC", change: (text: string) => `${text}.` },
    { name: "something before the version", change: (text: string) => `x.${text}` },
  ])("is not believed with $name", ({ change }) => {
    expect(verifyName(FORM, keyring, { text: change(TEXT), context: ["tenant"] })).toBeUndefined();
  });

  it("cannot have a line end in a part, even one that its signature would cover", () => {
    // Signed by hand: the message of the parts `a` and `b` with the context `c` is that of `a\nb` and `c`.
    const mac = keyring.sign(["tidings test v1", "key1", "a\nb", "c"].join("\n"));
    const text = `v1.key1.a\nb.c.${mac}`;
    expect(verifyName(FORM, keyring, { text })).toBeUndefined();
  });

  it.each([
    { parts: ["a"] },
    { parts: ["a", "b", "c"] },
    { parts: ["a", ""] },
    { parts: ["a", "b.c"] },
    { parts: ["a", "b c"] },
    { parts: ["a", "b\n"] },
    { parts: ["ä", "b"] },
  ])("is not made of $parts", ({ parts }) => {
    expect(() => signName(FORM, keyring, { parts })).toThrow(
      new TypeError(`Expected 2 parts of A-Z a-z 0-9 _ -, got \`${parts.join(".")}\``),
    );
  });
});
