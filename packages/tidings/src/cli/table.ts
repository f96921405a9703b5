const MAX_CELL_LENGTH = 80;
/** Of a last column that has sentences, which no terminal shows in one line anyway. */
export const MAX_SENTENCE_LENGTH = 400;

/**
 * Rows under headings, in columns as wide as they need. Long cells lose their middle: ends tell ids apart.
 *
 * @param maxLastLength characters that a cell of the last column may have
 */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  maxLastLength: number = MAX_CELL_LENGTH,
): string {
  const last = headings.length - 1;
  const lines = [
    headings,
    ...rows.map((row) =>
      row.map((cell, column) => shorten(oneLine(cell), column === last ? maxLastLength : MAX_CELL_LENGTH)),
    ),
  ];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Local dates would not sort, nor match the log. */
export function formatTime(at: number | undefined): string {
  return at === undefined ? "" : new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

/** What a terminal would obey, an error of a stranger's must not say. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ");
}

function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const half = (maxLength - 1) / 2;
  return `${text.slice(0, Math.ceil(half))}…${text.slice(-Math.floor(half))}`;
}
