// Tables of the page: made here, so that they are there without script; the script only sorts
// their rows, by the value each cell carries.

import { countText, type MaybeFigure, noFigure, sizeText, timeText } from './figures.ts'
import { type Markup, markup } from './markup.ts'

/** One column over rows of type R. */
export interface Column<R> {
  readonly title: string
  /** What the figure is: text is set to the left, figures to the right. */
  readonly kind: 'text' | 'count' | 'size' | 'time'
  readonly value: (row: R) => string | MaybeFigure
  /** What stands in the cell if it is not the value itself. */
  readonly cell?: (row: R) => Markup
  /** Marks a value other than zero as bad. */
  readonly isBad?: boolean
}

/** What a table is about. */
export interface TableOptions {
  readonly caption: string
  readonly empty: string
}

/** Above this many rows a table scrolls within its own box. */
const rowsShownMax = 14

/** Above this many columns a table needs small print to fit on paper. */
const columnsMax = 10

/** A table whose first column names its rows. */
export function table<R>(
  columns: readonly Column<R>[],
  rows: readonly R[],
  { caption, empty }: TableOptions
): Markup {
  if (rows.length === 0) return markup`<p class="quiet">${empty}</p>`
  const heads = columns.map(
    ({ title, kind }) => markup`<th scope="col" class="${kind}">${title}</th>`
  )
  const lines = rows.map(
    (row) => markup`<tr>${columns.map((column, at) => cell(column, row, at))}</tr>
`
  )
  const size = rows.length > rowsShownMax ? 'scroll long' : 'scroll'
  const width = columns.length > columnsMax ? 'wide' : ''
  return markup`<div class="${size}" role="region" tabindex="0" aria-label="${caption}">
<table class="${width}"><caption>${caption}</caption><thead><tr>${heads}</tr></thead>
<tbody>
${lines}</tbody></table></div>`
}

function cell<R>(column: Column<R>, row: R, at: number): Markup {
  const { kind } = column
  const value = column.value(row)
  const isBad = column.isBad === true && typeof value === 'number' && value > 0
  const shown = column.cell?.(row) ?? cellText(value, kind)
  const key =
    typeof value === 'number' && Number.isFinite(value)
      ? value
      : kind === 'text'
        ? (value ?? '')
        : ''
  const classes = isBad ? `${kind} bad` : kind
  if (at === 0) return markup`<th scope="row" class="${classes}" data-key="${key}">${shown}</th>`
  return markup`<td class="${classes}" data-key="${key}">${shown}</td>`
}

function cellText(value: string | MaybeFigure, kind: Column<unknown>['kind']): string {
  if (typeof value === 'string') return value === '' ? noFigure : value
  if (kind === 'time') return timeText(value)
  return kind === 'size' ? sizeText(value) : countText(value)
}
