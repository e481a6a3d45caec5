// Tables in plain text: columns as wide as their widest cell, numbers to the right.

/** One cell. */
export type Cell = string | number

/**
 * Lines of a table, heads first, indented by two spaces. Without rows, `empty` stands in its place.
 */
export function textTable(
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
  empty: string
): string[] {
  if (rows.length === 0) return [`  ${empty}`]
  const widths = heads.map((head, column) => {
    return Math.max(head.length, ...rows.map((row) => String(row[column] ?? '').length))
  })
  const isNumeric = heads.map((_, column) => rows.every((row) => isNumberCell(row[column])))
  const line = (cells: readonly Cell[]): string => {
    const padded = cells.map((cell, column) => {
      const width = widths[column]!
      return isNumeric[column] ? String(cell).padStart(width) : String(cell).padEnd(width)
    })
    return `  ${padded.join('  ')}`.trimEnd()
  }
  return [line(heads), ...rows.map(line)]
}

function isNumberCell(cell: Cell | undefined): boolean {
  return (
    typeof cell === 'number' || cell === '-' || /^[\d.,]+( ?(ms|s|%|[KMG]?i?B))?$/.test(cell ?? '')
  )
}
