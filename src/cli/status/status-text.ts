// A broker's report as text for people: a headline, then one table per list.

import type { StatusReport } from '../../admin/index.ts'
import { reasonText } from '../parked/reason-text.ts'
import { bytesText, countText, timeText } from '../quantity-text.ts'
import { type Cell, textTable } from '../text-table.ts'

/**
 * The whole report, without a line feed at its end. Control characters in names are made harmless.
 */
export function statusText(report: StatusReport): string {
  const sections = [
    headline(report),
    section('network', brokerRows(report)),
    section('bridges of this broker', bridgeRows(report)),
    section('network connectors', connectorRows(report)),
    section('demand', demandRows(report)),
    section('queues', queueRows(report)),
    section('topic subscriptions', topicRows(report)),
    section('connections', connectionRows(report)),
    section('not delivered', notDeliveredRows(report))
  ]
  if (report.truncated.length > 0) {
    sections.push([`cut short, because there is too much to tell: ${report.truncated.join(', ')}`])
  }
  return sections.map((lines) => printable(lines.join('\n'))).join('\n\n')
}

interface Table {
  readonly heads: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  readonly empty: string
}

function section(title: string, { heads, rows, empty }: Table): string[] {
  return [title, ...textTable(heads, rows, empty)]
}

function headline(report: StatusReport): string[] {
  const { counters, memory, parking, pausedProducers } = report
  return [
    `broker ${report.broker} of network ${report.network}, up ${timeText(report.upMs)}, ` +
      `id ${report.brokerId.slice(0, 8)}, life ${report.incarnation}`,
    `  published ${countText(counters.published)}, received from brokers ` +
      `${countText(counters.received)}, forwarded ${countText(counters.forwarded)}, ` +
      `duplicates dropped ${countText(counters.duplicatesDropped)}, ` +
      `dead letters ${countText(counters.deadLettered)}, refused ${countText(counters.refused)}`,
    `  memory ${bytesText(memory.bytesUsed)} of ${bytesText(memory.bytesMax)}` +
      `${memory.isFull ? ' (full)' : ''}, parked ${countText(parking.messages)} messages of ` +
      `${bytesText(parking.bytes)}, producers held back ${pausedProducers}`,
    ...parking.brokers.map(({ broker, messages, reason }) => {
      return `  parked for ${broker}: ${countText(messages)} messages, ${reasonText(reason)}`
    }),
    ...storeLines(report)
  ]
}

function storeLines({ store, spool }: StatusReport): string[] {
  if (store === null || spool === null) return []
  const { kind, bytesUsed, bytesMax, bytesFree, failure } = store
  const lines = [
    `  store (${kind}) ${bytesText(bytesUsed)} of ${bytesText(bytesMax)}, room for ` +
      `${bytesText(bytesFree)}; of it spool ${bytesText(spool.bytesUsed)} of ` +
      `${bytesText(spool.bytesMax)}${spool.isFull ? ' (full)' : ''}`
  ]
  if (failure !== null) {
    lines.push(`  store takes nothing for ${timeText(failure.forMs)}: ${failure.reason}`)
  }
  return lines
}

function brokerRows({ brokers = [], broker: self }: StatusReport): Table {
  const rows = brokers.map(({ name, isReachable, isTransit, nextHop, cost, bridges }) => {
    const peers = bridges.map(
      (bridge) => `${bridge.peer}${bridge.cost === 1 ? '' : `:${bridge.cost}`}`
    )
    const state = name === self ? 'this one' : isReachable ? 'reachable' : 'out of reach'
    return [name, state, nextHop ?? '-', cost ?? '-', isTransit ? 'yes' : 'no', peers.join(' ')]
  })
  const heads = ['broker', 'state', 'next hop', 'cost', 'transit', 'bridges to']
  return { heads, rows, empty: 'none' }
}

function bridgeRows({ bridges = [] }: StatusReport): Table {
  const heads = [
    'peer',
    'cost',
    'rtt',
    'up',
    'by',
    'connector',
    'sent',
    'received',
    'pending',
    'bytes sent',
    'received',
    'control'
  ]
  const rows = bridges.map((bridge) => [
    bridge.peer,
    bridge.cost,
    bridge.rttMs === null ? '-' : `${bridge.rttMs.toFixed(1)} ms`,
    timeText(bridge.upMs),
    bridge.isDialler ? 'us' : 'peer',
    bridge.connector,
    countText(bridge.messagesSent),
    countText(bridge.messagesReceived),
    countText(bridge.messagesPending),
    bytesText(bridge.bytesSent),
    bytesText(bridge.bytesReceived),
    bytesText(bridge.controlBytesSent)
  ])
  return { heads, rows, empty: 'none' }
}

function connectorRows({ connectors = [] }: StatusReport): Table {
  const rows = connectors.map(({ connector, uri, state, peer, retryInMs, failure }) => {
    const next = retryInMs === null ? '' : `, again in ${timeText(retryInMs)}`
    const isDone = state === 'bridged' || state === 'standby'
    return [connector, uri, `${state}${next}`, peer ?? '-', isDone ? '' : failure]
  })
  const heads = ['connector', 'uri', 'state', 'broker', 'last failure']
  return { heads, rows, empty: 'none configured' }
}

function demandRows({ demand = [] }: StatusReport): Table {
  const rows = demand.flatMap(({ broker, entries }) =>
    entries.map(({ kind, pattern, weight }) => {
      return [broker, `${kind}://${pattern}`, weight === 0 ? 'full' : weight]
    })
  )
  return { heads: ['broker', 'wants', 'weight'], rows, empty: 'nobody wants anything' }
}

function queueRows({ queues = [] }: StatusReport): Table {
  const heads = ['queue', 'ready', 'delivered', 'bytes', 'consumers', 'in', 'out', 'forwards to']
  const sorted = [...queues].sort((a, b) => (a.name < b.name ? -1 : 1))
  const rows = sorted.map((queue) => [
    `${queue.kind === 'queue' ? '' : '(temporary) '}${queue.name}${queue.isFull ? ' (full)' : ''}`,
    countText(queue.ready),
    countText(queue.delivered),
    bytesText(queue.bytes),
    queue.consumers,
    countText(queue.enqueued),
    countText(queue.dispatched),
    queue.remoteBrokers.join(' ')
  ])
  return { heads, rows, empty: 'none' }
}

function topicRows({ topics = [] }: StatusReport): Table {
  const heads = [
    'topic',
    'durable',
    'active',
    'ready',
    'delivered',
    'in',
    'out',
    'dropped',
    'selector'
  ]
  const rows = topics.map((topic) => [
    topic.pattern,
    topic.durable === null ? '-' : `${topic.durable.clientId}/${topic.durable.subscriptionName}`,
    topic.isActive ? 'yes' : 'no',
    countText(topic.ready),
    countText(topic.delivered),
    countText(topic.enqueued),
    countText(topic.dispatched),
    countText(topic.dropped),
    topic.selector
  ])
  return { heads, rows, empty: 'none' }
}

function connectionRows({ connections = [] }: StatusReport): Table {
  const heads = ['#', 'protocol', 'remote', 'state', 'login', 'client id', 'subscriptions', '']
  const rows = connections.map((connection) => [
    connection.number,
    connection.protocol,
    connection.remoteAddress,
    connection.state,
    connection.login ?? '-',
    connection.clientId ?? '-',
    connection.subscriptions,
    connection.isCongested ? 'does not read' : ''
  ])
  return { heads, rows, empty: 'none' }
}

function notDeliveredRows({ notDelivered = [] }: StatusReport): Table {
  const rows = notDelivered.map(({ count, reason, meaning }) => [countText(count), reason, meaning])
  return { heads: ['messages', 'reason', 'meaning'], rows, empty: 'nothing' }
}

/** Names come from clients and from other brokers: they must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]|\p{Cf}/gu, '?')
}
