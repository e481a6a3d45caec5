// The network as a drawing: brokers by what waited at them, bridges by what crossed them, and what
// the faults touched. Each of these shows in shape or words as well as in colour.

import type { BridgeReport, BrokerReport, Report } from '../../report/report.ts'
import { countText, sizeText, timeText } from '../figures.ts'
import { escapeText } from '../markup.ts'
import { chartBase, type Drawing, isNarrow, legendBase } from './drawing.ts'
import { type Edge, layOut } from './layout.ts'

/** Above this many brokers only hubs and those touched by faults are labelled. */
const labelledBrokersMax = 40
const boltSign = '\u26a1'

interface DrawnBridge {
  readonly bridge: BridgeReport
  readonly edge: Edge
  readonly faults: readonly string[]
}

/** The network of a run as an option for echarts. */
export function networkOption(report: Report, drawing: Drawing) {
  const { brokers } = report
  const bridges = drawnBridges(report)
  const degrees = degreesOf(
    brokers.length,
    bridges.map(({ edge }) => edge)
  )
  const places = layOut(
    brokers.length,
    bridges.map(({ edge }) => edge)
  )
  const categories = heatOf(brokers, drawing)
  const margin = { left: 56, right: 56, top: isNarrow(drawing) ? 74 : 50, bottom: 40 }
  const width = Math.max(50, drawing.widthPx - margin.left - margin.right)
  const height = Math.max(50, drawing.heightPx - margin.top - margin.bottom)
  const isCrowded = brokers.length > labelledBrokersMax
  const mostMessages = Math.max(1, ...bridges.map(({ bridge }) => messagesOf(bridge)))
  return {
    ...chartBase(drawing),
    legend: {
      ...legendBase(drawing),
      type: 'plain',
      selectedMode: false,
      data: categories.map(({ name }) => ({ name, icon: 'circle' }))
    },
    series: [
      {
        type: 'graph' as const,
        layout: 'none' as const,
        ...margin,
        width,
        height,
        categories: categories.map(({ name, color }) => ({ name, itemStyle: { color } })),
        emphasis: { focus: 'adjacency' as const },
        labelLayout: { hideOverlap: true },
        data: brokers.map((broker, at) =>
          drawnBroker(broker, {
            report,
            drawing,
            place: { x: places[at]!.x * width, y: places[at]!.y * height },
            degree: degrees[at]!,
            isHub: isHub(degrees[at]!, degrees),
            category: categories.findIndex(({ most }) => (broker.peakBacklog || 0) <= most)
          })
        ),
        links: bridges.map((drawn) => drawnLink(drawn, mostMessages, { drawing, isCrowded }))
      }
    ]
  }
}

/** Bridges between brokers there are, with the faults that touched both of their ends. */
function drawnBridges(report: Report): DrawnBridge[] {
  const indices = new Map(report.brokers.map(({ broker }, at) => [broker, at]))
  return report.bridges.flatMap((bridge) => {
    const a = indices.get(bridge.a)
    const b = indices.get(bridge.b)
    if (a === undefined || b === undefined || a === b) return []
    const faults = report.faults
      .filter(({ brokers }) => brokers.includes(bridge.a) && brokers.includes(bridge.b))
      .map(({ text }) => text)
    return [{ bridge, edge: [a, b], faults }]
  })
}

function degreesOf(count: number, edges: readonly Edge[]): number[] {
  const degrees = new Array<number>(count).fill(0)
  for (const [a, b] of edges) {
    degrees[a]! += 1
    degrees[b]! += 1
  }
  return degrees
}

/** Many more bridges than most brokers have. */
function isHub(degree: number, degrees: readonly number[]): boolean {
  const median = degrees.toSorted((one, other) => one - other)[degrees.length >> 1] ?? 0
  return degree >= 3 && degree >= 2 * median
}

/** Classes of peak backlog, the same in every drawing; only those that some broker is in. */
function heatOf(brokers: readonly BrokerReport[], { palette }: Drawing) {
  const classes = [
    { name: 'nothing waited', most: 0 },
    { name: 'at most 10 waited', most: 10 },
    { name: 'at most 1,000 waited', most: 1_000 },
    { name: 'over 1,000 waited', most: Number.POSITIVE_INFINITY }
  ].map((heat, at) => ({ ...heat, color: palette.heat[at]! }))
  const found = new Set(
    brokers.map(({ peakBacklog }) => classes.find(({ most }) => (peakBacklog || 0) <= most))
  )
  return classes.filter((heat) => found.has(heat))
}

interface BrokerContext {
  readonly report: Report
  readonly drawing: Drawing
  readonly place: { readonly x: number; readonly y: number }
  readonly degree: number
  readonly isHub: boolean
  readonly category: number
}

function drawnBroker(broker: BrokerReport, context: BrokerContext) {
  const { report, drawing, place, degree } = context
  const { palette } = drawing
  const faults = report.faults.filter(({ brokers }) => brokers.includes(broker.broker))
  const isTouched = faults.length > 0
  const isCrowded = report.brokers.length > labelledBrokersMax
  const isLabelled = !isCrowded || context.isHub || isTouched
  const base = isCrowded ? 9 : isNarrow(drawing) ? 20 : 24
  const sign = isTouched ? `${boltSign} ` : ''
  return {
    name: broker.broker,
    ...place,
    symbol: context.isHub ? 'roundRect' : 'circle',
    symbolSize: base + (context.isHub ? 8 : 0) + Math.min(8, degree / 2),
    category: Math.max(0, context.category),
    itemStyle: {
      borderColor: isTouched ? palette.fault : palette.card,
      borderWidth: isTouched ? 3 : 1.5
    },
    label: {
      show: isLabelled,
      position: 'bottom' as const,
      distance: 4,
      color: palette.ink,
      textBorderColor: palette.card,
      textBorderWidth: 3,
      width: isNarrow(drawing) ? 84 : 130,
      overflow: 'truncate' as const,
      formatter: () => `${sign}${broker.broker.replace(/\s+/g, ' ')}`
    },
    tooltip: { formatter: () => brokerTooltip(broker, context.degree, faults) }
  }
}

function drawnLink(
  { bridge, edge, faults }: DrawnBridge,
  most: number,
  { drawing, isCrowded }: { readonly drawing: Drawing; readonly isCrowded: boolean }
) {
  const { palette } = drawing
  const isTouched = faults.length > 0
  const dashes = isTouched ? [2, 3] : bridge.downMs > 0 ? [7, 4] : undefined
  return {
    source: edge[0],
    target: edge[1],
    lineStyle: {
      width: (1 + 6 * Math.sqrt(messagesOf(bridge) / most)) * (isCrowded ? 0.35 : 1),
      color: isTouched ? palette.fault : palette.muted,
      opacity: isTouched ? 0.8 : isCrowded ? 0.3 : 0.45,
      type: dashes ?? ('solid' as const)
    },
    tooltip: { formatter: () => bridgeTooltip(bridge, faults) }
  }
}

function messagesOf({ messagesToA, messagesToB }: BridgeReport): number {
  return (messagesToA || 0) + (messagesToB || 0)
}

function brokerTooltip(
  broker: BrokerReport,
  degree: number,
  faults: readonly { readonly text: string }[]
): string {
  return [
    `<b>${escapeText(broker.broker)}</b>`,
    `bridges: ${countText(degree)}`,
    `accepted: ${countText(broker.accepted)}, delivered: ${countText(broker.delivered)}`,
    `peak backlog: ${countText(broker.peakBacklog)} at ${timeText(broker.peakBacklogAtMs)}`,
    `waiting at the end: ${countText(broker.waiting)}`,
    `down: ${timeText(broker.downMs)}`,
    ...faultLines(faults.map(({ text }) => text))
  ].join('<br>')
}

function bridgeTooltip(bridge: BridgeReport, faults: readonly string[]): string {
  const { a, b, messagesToA, messagesToB, bytesToA, bytesToB } = bridge
  return [
    `<b>${escapeText(a)} – ${escapeText(b)}</b>, cost ${countText(bridge.cost)}`,
    `to ${escapeText(b)}: ${countText(messagesToB)} messages, ${sizeText(bytesToB)}`,
    `to ${escapeText(a)}: ${countText(messagesToA)} messages, ${sizeText(bytesToA)}`,
    `down: ${timeText(bridge.downMs)}; made ${countText(bridge.bridgesMade)} times`,
    ...faultLines(faults)
  ].join('<br>')
}

function faultLines(faults: readonly string[]): string[] {
  const shown = faults.slice(0, 4).map((text) => `${boltSign} ${escapeText(text)}`)
  return faults.length > 4 ? [...shown, `and ${faults.length - 4} more`] : shown
}
