import { KeysUnavailableError } from "../core/errors.ts";
import type { Certificates, EncryptionCertificate } from "../core/ports/certificates.ts";

/** The certificate that Graph is to encrypt for, as it was when it was last asked for. */
export class OwnCertificate {
  readonly #certificates: Pick<Certificates, "current"> | undefined;
  #present: EncryptionCertificate | undefined;
  #failure: unknown;

  /** @param certificates undefined for an app that has none */
  constructor(certificates: Pick<Certificates, "current"> | undefined) {
    this.#certificates = certificates;
  }

  /** Undefined while it is not known. */
  get id(): string | undefined {
    return this.#present?.id;
  }

  get summary(): { readonly id: string; readonly notAfter: number } | undefined {
    return this.#present && { id: this.#present.id, notAfter: this.#present.notAfter };
  }

  /** Asks which it is by now. One that cannot be had now stays what it was. @returns whether it is another */
  async look(): Promise<boolean> {
    if (this.#certificates === undefined) return false;
    const before = this.#present?.id;
    try {
      this.#present = await this.#certificates.current();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
    return this.#present?.id !== before;
  }

  /** @throws KeysUnavailableError while it is not known */
  get(): EncryptionCertificate {
    if (this.#present !== undefined) return this.#present;
    throw new KeysUnavailableError("certificate", "none to encrypt resource data for", {
      cause: this.#failure,
    });
  }
}
