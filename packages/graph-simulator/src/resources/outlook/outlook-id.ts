import type { Random } from "../../random.ts";

/** Lengths in bytes of the two kinds of id; with them the texts are as long as Exchange's. */
const FOLDER_ID_BYTES = 89;
const ITEM_ID_BYTES = 113;

/** The ids and change keys of one mailbox, shaped as Exchange's are. */
export class OutlookIds {
  readonly #mailboxGuid: string;
  readonly #random: Random;

  /** @param mailboxGuid the beginning that all ids of a mailbox share */
  constructor(mailboxGuid: string, random: Random) {
    this.#mailboxGuid = mailboxGuid;
    this.#random = random;
  }

  folderId(): string {
    return this.#id(FOLDER_ID_BYTES);
  }

  /** Good until the item moves: then it gets another. */
  itemId(): string {
    return this.#id(ITEM_ID_BYTES);
  }

  changeKey(): string {
    const head = Buffer.from([9, 0, 0, 0, 22, 0, 0, 0]);
    return Buffer.concat([head, this.#random.bytes(22)]).toString("base64");
  }

  #id(length: number): string {
    const head = Buffer.concat([
      Buffer.from([0, 3, 36, 0]),
      Buffer.from(this.#mailboxGuid),
      Buffer.from([0, 70]),
    ]);
    const bytes = Buffer.concat([head, this.#random.bytes(length - head.length)]);
    return bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  }
}
