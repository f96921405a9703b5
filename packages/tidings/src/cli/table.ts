const MAX_CELL_LENGTH = 80;

/** Rows under headings, in columns as wide as they need. Long cells lose their middle: ends tell ids apart. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows.map((row) => row.map((cell) => shorten(oneLine(cell))))];
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

function shorten(text: string): string {
  if (text.length <= MAX_CELL_LENGTH) return text;
  const half = (MAX_CELL_LENGTH - 1) / 2;
  return `${text.slice(0, Math.ceil(half))}…${text.slice(-Math.floor(half))}`;
}
