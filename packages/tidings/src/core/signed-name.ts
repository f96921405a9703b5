import type { Keyring } from "./ports/keyring.ts";

/**
 * The form shared by everything we let Graph keep for us: `v1.<keyId>.<parts…>.<mac>`. What it says proves itself,
 * so that it can be believed before anything is looked up.
 *
 * The MAC covers the purpose and `context` (facts that are not in the text, such as the tenant) as well.
 * Parts must be of the characters A–Z a–z 0–9 _ -, so that neither the dots nor the message's line ends are ambiguous.
 */
export interface SignedNameForm {
  readonly purpose: string;
  readonly partCount: number;
}

const VERSION = "v1";
const PART = /^[\w-]+$/;

export function signName(
  form: SignedNameForm,
  keyring: Keyring,
  { parts, context = [] }: { parts: readonly string[]; context?: readonly string[] },
): string {
  const bad = parts.find((part) => !PART.test(part));
  if (bad !== undefined || parts.length !== form.partCount) {
    throw new TypeError(`Expected ${form.partCount} parts of A-Z a-z 0-9 _ -, got \`${parts.join(".")}\``);
  }
  const keyId = keyring.signingKeyId;
  const mac = keyring.sign(messageOf(form, keyId, [...parts, ...context]));
  return [VERSION, keyId, ...parts, mac].join(".");
}

/** @returns the parts, or undefined for anything we did not sign for this purpose and context */
export function verifyName(
  form: SignedNameForm,
  keyring: Keyring,
  { text, context = [] }: { text: string; context?: readonly string[] },
): readonly string[] | undefined {
  const pieces = text.split(".", form.partCount + 4);
  const [version, keyId, ...rest] = pieces;
  const mac = rest.pop();
  if (version !== VERSION || keyId === undefined || mac === undefined) return undefined;
  if (rest.length !== form.partCount || !rest.every((part) => PART.test(part))) return undefined;
  return keyring.verify(keyId, messageOf(form, keyId, [...rest, ...context]), mac) ? rest : undefined;
}

/** Id of the key that a name says it was signed with, which nothing proves; undefined for what is none. */
export function keyIdOfName(form: SignedNameForm, text: string): string | undefined {
  const pieces = text.split(".", form.partCount + 4);
  const [version, keyId] = pieces;
  return version === VERSION && pieces.length === form.partCount + 3 ? keyId : undefined;
}

function messageOf(form: SignedNameForm, keyId: string, fields: readonly string[]): string {
  return [`tidings ${form.purpose} ${VERSION}`, keyId, ...fields].join("\n");
}
