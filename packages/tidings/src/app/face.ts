import { Secret } from "../core/secret.ts";
import { createKeyCheck } from "../crypto/key-check.ts";

/** A face as plain data, its keys in the clear: nothing else goes from thread to thread. */
export interface PlainFace {
  readonly paths: readonly string[];
  readonly urlKeys: readonly string[];
}

/** Which URLs an app answers. */
export class Face {
  /** Without a trailing slash. */
  readonly paths: readonly string[];
  /** Undefined when URLs need no key. */
  readonly isUrlKey: ((key: string) => boolean) | undefined;
  readonly #urlKeys: readonly Secret[];

  constructor(paths: readonly string[], urlKeys: readonly Secret[] = []) {
    this.paths = paths;
    this.isUrlKey = urlKeys.length === 0 ? undefined : createKeyCheck(urlKeys);
    this.#urlKeys = urlKeys;
  }

  static of({ paths, urlKeys }: PlainFace): Face {
    return new Face(
      paths,
      urlKeys.map((key) => new Secret(key)),
    );
  }

  plain(): PlainFace {
    return { paths: this.paths, urlKeys: this.#urlKeys.map((key) => key.reveal()) };
  }
}
