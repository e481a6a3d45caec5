// Makes the tables of a page sortable by a click on a heading: figures from the greatest, text from
// A on, and the other way round at the second click. Cells without a figure stay last.

/** Puts a button into each heading of each table. */
export function makeTablesSortable(page: Document): void {
  for (const table of page.querySelectorAll('table')) {
    for (const [column, head] of [...table.querySelectorAll('thead th')].entries()) {
      const button = page.createElement('button')
      button.type = 'button'
      button.title = 'Sort by this column'
      button.append(...head.childNodes)
      head.append(button)
      button.addEventListener('click', () => sortBy(table, head, column))
    }
  }
}

function sortBy(table: HTMLTableElement, head: Element, column: number): void {
  const isText = head.classList.contains('text')
  const first = isText ? 'ascending' : 'descending'
  const second = isText ? 'descending' : 'ascending'
  const order = head.getAttribute('aria-sort') === first ? second : first
  for (const other of table.querySelectorAll('thead th')) other.removeAttribute('aria-sort')
  head.setAttribute('aria-sort', order)
  const body = table.tBodies[0]
  if (body === undefined) return
  const sign = order === 'ascending' ? 1 : -1
  const rows = [...body.rows].map((row) => ({ row, key: keyOf(row.cells[column]) }))
  rows.sort((one, other) => compareKeys(one.key, other.key, sign))
  body.append(...rows.map(({ row }) => row))
}

function keyOf(cell: HTMLTableCellElement | undefined): string | number {
  const key = cell?.dataset.key ?? ''
  return key === '' || Number.isNaN(Number(key)) ? key : Number(key)
}

function compareKeys(one: string | number, other: string | number, sign: number): number {
  if (one === '' || other === '') return one === other ? 0 : one === '' ? 1 : -1
  if (typeof one === 'number' && typeof other === 'number') return sign * (one - other)
  return sign * String(one).localeCompare(String(other), 'en', { numeric: true })
}
