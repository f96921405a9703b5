import type { IncomingHttpHeaders } from "node:http";

/** The preferences of a request, names in lower case; one without a value has the empty string. */
function preferences(headers: IncomingHttpHeaders): ReadonlyMap<string, string> {
  const header = headers["prefer"];
  const text = Array.isArray(header) ? header.join(",") : (header ?? "");
  return new Map(
    text.split(/[,;]/).map((part) => {
      const [name = "", value = ""] = part.split("=", 2);
      return [name.trim().toLowerCase(), value.trim().replaceAll('"', "")];
    }),
  );
}

/** The page size asked for by `Prefer: odata.maxpagesize={n}`, at least 1; none when it is no such number. */
export function preferredPageSize(headers: IncomingHttpHeaders): number | undefined {
  const size = preferences(headers).get("odata.maxpagesize");
  return size !== undefined && /^[1-9]\d{0,3}$/.test(size) ? Number(size) : undefined;
}

/** Whether only what changed is wanted: `Prefer: return=minimal`. */
export function prefersMinimal(headers: IncomingHttpHeaders): boolean {
  return preferences(headers).get("return") === "minimal";
}
