// Tables for a terminal: a line under the heads, none around. Numbers to the right, names to the
// left; a name too long for the width is cut in its middle, where names differ least.

import Table from 'cli-table3'

/** One column. */
export interface Column {
  readonly head: string
  /** To the left if left out. */
  readonly isNumber?: boolean
}

const gap = '  '
const nameMin = 12
const noLine = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', right: '', middle: gap },
  ...{ mid: '─', 'mid-mid': '──', 'left-mid': '', 'right-mid': '' }
}

/** Lines of a table, heads first; none is longer than `width`, unless numbers alone are. */
export function plainTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number
): string[] {
  const widths = columns.map(({ head }, at) =>
    Math.max(head.length, ...rows.map((row) => row[at]!.length))
  )
  const excess = widths.reduce((sum, one) => sum + one + gap.length, -gap.length) - width
  const nameMax = Math.max(nameMin, widths[0]! - Math.max(0, excess))
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ isNumber }) => (isNumber === true ? 'right' : 'left')),
    chars: noLine,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true }
  })
  for (const [name, ...others] of rows) table.push([shortened(name!, nameMax), ...others])
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
}

/** 'a-very-l…ng-name' */
export function shortened(name: string, lengthMax: number): string {
  if (name.length <= lengthMax) return name
  const tail = Math.floor((lengthMax - 1) / 2)
  return `${name.slice(0, lengthMax - 1 - tail)}…${name.slice(name.length - tail)}`
}
