/** What a subscription can ask for, in the order Graph's documentation has them. */
export const CHANGE_TYPES = ["created", "updated", "deleted"] as const;

export type ChangeType = (typeof CHANGE_TYPES)[number];

/** Reads the comma list of a subscription, in any case and with spaces; `undefined` when a part is not a change type. */
export function parseChangeTypes(list: string): readonly ChangeType[] | undefined {
  const found = new Set<ChangeType>();
  for (const part of list.split(",")) {
    const wanted = part.trim().toLowerCase();
    const changeType = CHANGE_TYPES.find((known) => known === wanted);
    if (!changeType) return undefined;
    found.add(changeType);
  }
  return [...found];
}
