// The script of the page: where it starts. It draws the charts and makes tables sortable, from what
// the page carries; it asks nobody for anything.

import type { PageContent } from '../page-content.ts'
import { drawCharts } from './draw-charts.ts'
import { makeTablesSortable } from './sort-tables.ts'

const carried = document.getElementById('content')?.textContent ?? ''
makeTablesSortable(document)
drawCharts(document, JSON.parse(carried) as PageContent)
// Paper shows all there is.
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true
})
document.documentElement.dataset.isDrawn = 'true'
