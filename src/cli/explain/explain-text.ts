// The answer where a message would go as text for people: the outcome in a sentence, then every
// broker with why, and what is in the way of those that do not get it.

import type { ExplainReport } from '../../admin/index.ts'
import { type BrokerRoute, type Obstacle, routeReasons } from '../../network/index.ts'
import { printable } from '../printable.ts'
import { bytesText, countText } from '../quantity-text.ts'
import { type Cell, textTable } from '../text-table.ts'

/** Lines for people. */
export function explainText(report: ExplainReport): string[] {
  const { destination, broker, here, bridges, brokers, left } = report
  const consumers = here.map(({ selector, credit, isDurable, takes }): Cell[] => [
    selector === '' ? '-' : selector,
    takes ? 'yes' : 'no',
    countText(credit),
    isDurable ? 'yes' : 'no'
  ])
  const pending = bridges.map(({ peer, isFull, messagesPending, bytesPending }): Cell[] => [
    peer,
    isFull ? 'full' : 'has room',
    countText(messagesPending),
    bytesText(bytesPending)
  ])
  const lines = [
    `a message for ${destination}, published at broker ${broker}`,
    ...outcomeLines(report),
    '',
    'brokers',
    ...textTable(brokerHeads, brokers.map(brokerRow), 'none'),
    ...(left > 0 ? [`  and ${countText(left)} more`] : []),
    ...obstacleLines(brokers),
    '',
    `consumers at ${broker}`,
    ...textTable(['selector', 'takes it', 'credit', 'durable'], consumers, 'none'),
    '',
    'bridges on the way',
    ...textTable(['to', 'state', 'pending', 'size'], pending, 'none')
  ]
  return lines.map(printable)
}

/** What is in the way, in words. */
export function obstacleText(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case 'filter': {
      const { from, to, pattern } = obstacle
      const why = pattern === null ? 'includes nothing that matches' : `excludes ${pattern}`
      return `the filter of bridge ${from}-${to} ${why}`
    }
    case 'one-way':
      return `bridge ${obstacle.from}-${obstacle.to} leads that way only`
    case 'no-transit':
      return `${obstacle.broker} carries nothing for others (transit: false)`
  }
}

const brokerHeads = ['broker', 'turn', 'wants', 'weight', 'cost', 'path', 'why']

function outcomeLines(report: ExplainReport): string[] {
  const { destination, broker, goesTo, isHeldBack, brokers } = report
  const isQueue = destination.startsWith('/queue/')
  const lines: string[] = []
  if (goesTo.length > 0) {
    const names = goesTo.map((name) => (name === broker ? `consumers of ${broker}` : name))
    const how = isQueue && names.length > 1 ? 'goes to one of these' : 'goes to'
    lines.push(`${how}: ${names.join(', ')}`)
  } else if (isQueue) lines.push(`goes nowhere now: it waits in the queue at ${broker}`)
  else if (brokers.some(({ weight }) => weight !== null)) {
    lines.push('goes nowhere now: those who want it cannot be given it')
  } else if (brokers[0]?.reason === 'here-later') {
    lines.push(`goes nowhere now: it waits for consumers of ${broker}`)
  } else lines.push('goes nowhere: nobody wants it')
  if (isHeldBack) {
    lines.push('its producers are held back: brokers behind the topic have enough waiting')
  }
  return lines
}

function brokerRow(route: BrokerRoute): Cell[] {
  const { broker, rank, wants, wantsLeft, weight, cost, path, isKept } = route
  const patterns = wants.map(({ pattern, isDurable, selectors }) => {
    const parts = [pattern, isDurable ? '(durable)' : '', selectors.join(' or ')]
    return parts.filter((part) => part !== '').join(' ')
  })
  if (wantsLeft > 0) patterns.push(`and ${countText(wantsLeft)} more`)
  if (isKept) patterns.push('as remembered')
  return [
    broker,
    rank ?? '-',
    patterns.length === 0 ? '-' : patterns.join(', '),
    weight === 0 ? 'full' : (weight ?? '-'),
    cost ?? '-',
    path.length === 0 ? '-' : path.map((step) => step.broker).join(' '),
    whyText(route)
  ]
}

function whyText({ reason, isReachable, obstacles, path, newJourneys }: BrokerRoute): string {
  const words: string[] = [routeReasons[reason]]
  if (!isReachable && reason !== 'away') words.push('out of reach')
  if (obstacles.length > 0 && path.length > 0) words.push('by a detour, see below')
  if (newJourneys > 0) {
    const times = newJourneys === 1 ? 'once' : `${newJourneys} times`
    words.push(`sets out anew ${times}, because of hopsMax`)
  }
  return words.join('; ')
}

/** Of those who want it, and of none else: what is in the way of everybody is no news. */
function obstacleLines(brokers: readonly BrokerRoute[]): string[] {
  const lines: string[] = []
  for (const { broker, weight, path, obstacles } of brokers) {
    if (weight === null) continue
    for (const obstacle of obstacles) {
      const where = path.length > 0 ? `round to ${broker}` : `not to ${broker}`
      lines.push(`  ${where}: ${obstacleText(obstacle)}`)
    }
  }
  return lines.length === 0 ? [] : ['', 'in the way', ...lines]
}
