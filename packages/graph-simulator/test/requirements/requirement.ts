/** A sentence of Microsoft's documentation that the model relies on. */
export interface Requirement {
  readonly id: string;
  readonly source: `https://learn.microsoft.com/${string}`;
  readonly behaviour: string;
}
