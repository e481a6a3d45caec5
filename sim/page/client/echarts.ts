// echarts with only what the page draws with: this list decides how large the page is.

import { CustomChart, GraphChart, LineChart, ScatterChart } from 'echarts/charts'
import {
  DataZoomSliderComponent,
  GridComponent,
  LegendScrollComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent
} from 'echarts/components'
import { connect, init, use } from 'echarts/core'
import { LabelLayout } from 'echarts/features'
import { SVGRenderer } from 'echarts/renderers'

use([
  CustomChart,
  DataZoomSliderComponent,
  GraphChart,
  GridComponent,
  LabelLayout,
  LegendScrollComponent,
  LineChart,
  MarkAreaComponent,
  MarkLineComponent,
  ScatterChart,
  SVGRenderer,
  TooltipComponent
])

/** Draws as SVG: sharp at any size and on paper. */
export function startChart(element: HTMLElement) {
  return init(element, null, { renderer: 'svg' })
}

/** A chart on the page. */
export type Chart = ReturnType<typeof startChart>

/** What a chart shows. */
export type ChartOption = Parameters<Chart['setOption']>[0]

/** Charts of one group zoom together and show their tooltips at the same time. */
export function connectCharts(charts: readonly Chart[], group: string): void {
  for (const chart of charts) chart.group = group
  connect(group)
}
