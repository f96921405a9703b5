/** The query options of a subscribed resource by their names in lower case. A `+` is a plus, not a space. */
export function queryParameters(query: string): ReadonlyMap<string, string> {
  const parameters = new URLSearchParams(query.replaceAll("+", "%2B"));
  return new Map([...parameters].map(([name, value]) => [name.toLowerCase(), value]));
}
