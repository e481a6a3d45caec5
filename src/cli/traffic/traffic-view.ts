// The traffic as text: a live view for terminals, one plain line a second for everything else, and
// the summary at the end.

import { countText } from '../quantity-text.ts'
import { textTable } from '../text-table.ts'
import type { BridgeRate } from './bridge-rates.ts'

/** Sums over all flows. */
export interface TrafficTotals {
  /** Messages sent. */
  readonly sent: number
  /** Deliveries due: one for a queue's message, one per subscriber for a topic's. */
  readonly due: number
  readonly received: number
  readonly underWay: number
  readonly lost: number
  readonly duplicated: number
  /** Flows that have not started: the subscription is not known yet where messages are sent. */
  readonly silent: number
}

/** One broker in the view. */
export interface BrokerTraffic {
  readonly name: string
  readonly pid: number | undefined
  readonly restarts: number
  readonly sentPerSecond: number
  readonly receivedPerSecond: number
}

/** Everything that is shown. */
export interface TrafficSnapshot {
  readonly seconds: number
  readonly totals: TrafficTotals
  readonly brokers: readonly BrokerTraffic[]
  readonly bridges: readonly BridgeRate[]
}

/** Lines of the live view. */
export function trafficView(snapshot: TrafficSnapshot): string[] {
  const { brokers, bridges } = snapshot
  const rows = brokers.map(({ name, pid, restarts, sentPerSecond, receivedPerSecond }) => {
    const over = bridges
      .filter(({ from }) => from === name)
      .map(({ to, perSecond }) => `${to} ${countText(perSecond)}`)
    const process = pid === undefined ? 'down' : String(pid)
    const sent = countText(sentPerSecond)
    return [name, process, restarts, sent, countText(receivedPerSecond), over.join('  ')]
  })
  const heads = ['broker', 'pid', 'restarts', 'in/s', 'out/s', 'over its bridges, messages/s to']
  return ['', totalsText(snapshot), ...textTable(heads, rows, 'no broker'), tryText(snapshot)]
}

/** The same in one line. */
export function trafficLine(snapshot: TrafficSnapshot): string {
  const brokers = snapshot.brokers.map(({ name, sentPerSecond, receivedPerSecond }) => {
    return `${name} in ${countText(sentPerSecond)}/s out ${countText(receivedPerSecond)}/s`
  })
  const busy = snapshot.bridges.filter(({ perSecond }) => perSecond >= 0.5)
  const bridges = busy.map(({ from, to, perSecond }) => `${from}>${to} ${countText(perSecond)}/s`)
  return [totalsText(snapshot), brokers.join(', '), bridges.join(', ')].join(' | ')
}

/** What to try: a suggestion with a process to kill. */
export function tryText({ brokers }: TrafficSnapshot): string {
  const victim = brokers.find(({ pid }, index) => pid !== undefined && index > 0) ?? brokers[0]
  if (victim?.pid === undefined) return 'try: wait, a broker is coming back'
  return `try: kill -9 ${victim.pid} (broker ${victim.name}) and watch the others carry on`
}

/** The last lines of a run. */
export function trafficSummary(snapshot: TrafficSnapshot, isDisturbed: boolean): string {
  const { totals, brokers } = snapshot
  const restarts = brokers.reduce((sum, broker) => sum + broker.restarts, 0)
  const isGood = totals.lost + totals.duplicated + totals.silent === 0
  const verdict = isGood
    ? 'every message arrived once'
    : isDisturbed
      ? `brokers died meanwhile (restarts: ${restarts}), with what they held in memory`
      : 'messages were lost or doubled though no broker died'
  return `${totalsText(snapshot)}: ${verdict}`
}

function totalsText({ seconds, totals }: TrafficSnapshot): string {
  const { sent, due, received, underWay, lost, duplicated, silent } = totals
  const waiting = silent === 0 ? '' : `, ${silent} subscriptions not known yet`
  return (
    `traffic ${seconds} s: sent ${countText(sent)}, received ${countText(received)} of ` +
    `${countText(due)} due, under way ${countText(underWay)}, lost ${countText(lost)}, ` +
    `duplicated ${countText(duplicated)}${waiting}`
  )
}
