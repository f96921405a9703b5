/** Chance, for jitter only; secrets come from the keyring. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}
