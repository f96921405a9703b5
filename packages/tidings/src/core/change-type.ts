/**
 * What Graph can tell about a resource.
 * @see https://learn.microsoft.com/graph/api/resources/changenotification
 */
export const CHANGE_TYPES = ["created", "updated", "deleted"] as const;

export type ChangeType = (typeof CHANGE_TYPES)[number];

/** Reads a change type as Graph writes it: members of its enums compare without regard to case. */
export function parseChangeType(text: string): ChangeType | undefined {
  const lower = text.toLowerCase();
  return CHANGE_TYPES.find((type) => type === lower);
}

/** The change types of all the sets, each once, in Graph's order. */
export function uniteChangeTypes(sets: Iterable<readonly ChangeType[]>): ChangeType[] {
  const united = new Set([...sets].flat());
  return CHANGE_TYPES.filter((type) => united.has(type));
}
