/**
 * The segments of a path, with OData keys as segments of their own: `/users('1')/messages` and `/users/1/messages`
 * are the same path. A path within a drive, between colons, is one segment: `root:/a/b:/content` is `root`, `:`,
 * `a/b`, `content`. Percent escapes are decoded; one that does not decode stays as it is.
 *
 * @see https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_KeyasSegmentConvention
 * @see https://learn.microsoft.com/graph/onedrive-addressing-driveitems
 */
export function pathSegments(path: string): readonly string[] {
  const [, before = path, within, after = ""] = /^([^:]*[^/]):\/(.*?)(?::\/?(.*))?$/.exec(path) ?? [];
  if (within === undefined || within === "") return plainSegments(path);
  return [...plainSegments(before), ":", decode(within.replace(/\/$/, "")), ...plainSegments(after)];
}

function plainSegments(path: string): readonly string[] {
  return path
    .split("/")
    .filter((segment) => segment !== "")
    .flatMap((segment) => splitKey(decode(segment)));
}

function splitKey(segment: string): readonly string[] {
  const [, name, key] = /^([^(]+)\((.*)\)$/.exec(segment) ?? [];
  if (name === undefined || key === undefined) return [segment];
  // A function may be written with its namespace.
  const word = name.replace(/^microsoft\.graph\./i, "");
  return key === "" ? [word] : [word, key.replace(/^'(.*)'$/, "$1")];
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not an escape after all; the segment is then unknown under its own name.
    return segment;
  }
}

/** The values of a pattern's `{name}` segments. */
export class PathParams {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  get count(): number {
    return this.#values.size;
  }

  /** @throws TypeError when the pattern has no such name, which is a mistake in the route */
  get(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new TypeError(`Expected the path pattern to have {${name}}`);
    return value;
  }

  /** The value, or `undefined` when the pattern has no such name. */
  find(name: string): string | undefined {
    return this.#values.get(name);
  }
}

/** A path with named holes, for example `users/{id}/messages`. Its words match in any case, as Graph's do. */
export class PathPattern {
  readonly #parts: readonly string[];

  constructor(pattern: string) {
    this.#parts = pattern.split("/");
  }

  match(segments: readonly string[]): PathParams | undefined {
    if (segments.length !== this.#parts.length || this.commonLength(segments) !== segments.length)
      return undefined;
    const values = new Map<string, string>();
    for (const [index, part] of this.#parts.entries()) {
      const name = holeName(part);
      if (name !== undefined) values.set(name, segments[index] ?? "");
    }
    return new PathParams(values);
  }

  get holeCount(): number {
    return this.#parts.filter((part) => holeName(part) !== undefined).length;
  }

  /** Whether the pattern has a hole of that name. */
  has(name: string): boolean {
    return this.#parts.includes(`{${name}}`);
  }

  /** How many of the first segments agree with this pattern. */
  commonLength(segments: readonly string[]): number {
    const differs = segments.findIndex((segment, index) => {
      const part = this.#parts[index];
      if (part === undefined) return true;
      return holeName(part) === undefined && part.toLowerCase() !== segment.toLowerCase();
    });
    return differs === -1 ? segments.length : differs;
  }

  /** The path in one spelling: its words as written in the pattern, its holes filled by `fill`. */
  spell(fill: (name: string) => string): string {
    return this.#parts
      .map((part) => {
        const name = holeName(part);
        return name === undefined ? part : fill(name);
      })
      .join("/");
  }
}

/** The first segment none of the patterns knows, or `undefined` when all of them are the beginning of one. */
export function unknownSegment(
  patterns: Iterable<PathPattern>,
  segments: readonly string[],
): string | undefined {
  let known = 0;
  for (const pattern of patterns) known = Math.max(known, pattern.commonLength(segments));
  return segments[known];
}

function holeName(part: string): string | undefined {
  return part.startsWith("{") ? part.slice(1, -1) : undefined;
}
