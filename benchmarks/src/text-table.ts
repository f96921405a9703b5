/** Columns of equal width; the first and the last to the left, others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => `  ${row.map((cell, column) => pad(cell, column, widths)).join("  ")}`.trimEnd());
}

function pad(cell: string, column: number, widths: readonly number[]): string {
  const isText = column === 0 || column === widths.length - 1;
  return isText ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
}

/** Rounded, with thousands set apart. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
