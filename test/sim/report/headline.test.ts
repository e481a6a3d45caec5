// A run in one line.

import test from 'ava'
import { headlineOf } from '../../../sim/report/headline.ts'
import type { Fates } from '../../../sim/report/report.ts'
import { aDestination, aFault, aReport, noFates } from './a-report.ts'

test('a run that got over its faults says how long that took', (t) => {
  t.is(
    headline({ delivered: 6_000, late: 12 }, 1_200),
    'two-hubs under 1 fault: 6,000 sent, 6,000 delivered, 0 lost, 12 late, recovered within 1.2 s'
  )
  t.regex(headline({ delivered: 6_000, late: 12 }, 0), /12 late, recovered at once$/)
  t.regex(headline({ delivered: 6_000 }, 0), /0 lost, 0 late$/)
})

test('whatever became of messages is said, and then nothing has recovered', (t) => {
  t.is(
    headline({ delivered: 5_000, late: 1, waiting: 500, givenUp: 400, expired: 100 }, 900),
    'two-hubs under 1 fault: 6,000 sent, 5,000 delivered, 0 lost, 1 late, ' +
      '500 waiting, 100 expired, 400 given up'
  )
  t.regex(headline({ delivered: 5_999, late: 1, lost: 1 }, 900), /1 lost, 1 late$/)
  t.regex(headline({ delivered: 1, late: 1, diedWithBroker: 9 }, 900), /9 died with a broker$/)
  t.regex(headline({ delivered: 1, late: 1, deadLettered: 9 }, 900), /9 dead-lettered$/)
})

test('a run that was called off says when', (t) => {
  const report = aReport({
    ...{ wasCalledOff: true, runMs: 12_000 },
    destinations: [aDestination('/queue/q', 5)]
  })
  t.regex(headlineOf(report), /^two-hubs without faults, called off after 12 s: 5 sent/)
})

test('without faults there is nothing to recover from', (t) => {
  t.is(
    headlineOf(aReport({ destinations: [aDestination('/queue/q', 5)] })),
    'two-hubs without faults: 5 sent, 5 delivered, 0 lost, 0 late'
  )
})

function headline(fates: Partial<Fates>, recoverMs: number): string {
  return headlineOf(
    aReport({
      destinations: [aDestination('/queue/q', 6_000, { fates: { ...noFates, ...fates } })],
      faults: [aFault('kill hub-1', { recoverMs })]
    })
  )
}
