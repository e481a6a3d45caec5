// In words: what became of messages that were not simply delivered, and which copies came too often
// or out of order.

import { countText, nounText } from '../report/figure-text.ts'
import type { DestinationReport, Fates } from '../report/report.ts'
import { shortened } from './plain-table.ts'
import { moreLines, tellingRows } from './telling-rows.ts'

const nameMax = 60

const words: readonly (readonly [keyof Fates, string])[] = [
  ['lost', 'lost'],
  ['waiting', 'waiting'],
  ['expired', 'expired'],
  ['deadLettered', 'dead-lettered'],
  ['diedWithBroker', 'died with a broker'],
  ['subscriberLeft', 'for subscribers that left'],
  ['givenUp', 'given up']
]

/** A line for each destination that has something to tell. */
export function fateLines(destinations: readonly DestinationReport[]): string[] {
  const telling = destinations.filter((one) => partsOf(one).length > 0)
  const rows = tellingRows(telling, ({ fates, accepted }) => [
    ...[fates.lost, accepted - fates.delivered]
  ])
  const lines = rows.map(
    (one) => `${shortened(one.destination, nameMax)}: ${partsOf(one).join(', ')}`
  )
  return [...lines, ...moreLines(telling.length)]
}

function partsOf(one: DestinationReport): string[] {
  const { fates, reasons, duplicates, unmarkedDuplicates, outOfOrder } = one
  const parts = words.flatMap(([kind, text]) => {
    if (fates[kind] === 0) return []
    const why = reasons.map(({ reason, count }) => `${countText(count)} ${reason}`).join(', ')
    return [`${countText(fates[kind])} ${text}${kind === 'givenUp' ? ` (${why})` : ''}`]
  })
  if (duplicates > 0) {
    parts.push(`${nounText(duplicates, 'duplicate')} (${countText(unmarkedDuplicates)} unmarked)`)
  }
  if (outOfOrder > 0) parts.push(`${countText(outOfOrder)} out of order`)
  return parts
}
