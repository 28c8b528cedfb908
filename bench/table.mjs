// What the benchmarks print with.

/** Prints rows of cells, the first row being the head. */
export function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)));
  for (const row of rows) console.log(trimmed(row.map((cell, column) => cell.padEnd(widths[column]))));
}

function trimmed(cells) {
  return cells.join('  ').trimEnd();
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
