// Two reports side by side.

import test from 'ava'
import { comparisonText } from '../../../sim/command/comparison-text.ts'
import { compareReports } from '../../../sim/report/comparison.ts'
import { aBroker, aDestination, aFault, aReport, noFates } from '../report/a-report.ts'

const a = aReport({
  destinations: [aDestination('/queue/orders', 6_000)],
  brokers: [aBroker('hub-1', { peakBacklog: 40 })],
  faults: [aFault('kill hub-1', { detectMs: 3, rerouteMs: 50 })],
  latencyMs: { count: 6_000, p50: 12, p99: 250, max: 1_250 },
  expectations: [{ text: 'lost is at most 0', isMet: true, actual: 0, where: undefined }]
})
const b = aReport({
  topology: 'ring-4',
  destinations: [
    aDestination('/queue/orders', 6_000, { fates: { ...noFates, delivered: 5_990, lost: 10 } })
  ],
  brokers: [aBroker('hub-1', { peakBacklog: 20 })],
  faults: [aFault('kill hub-1', { detectMs: 6, recoverMs: 1_500 })],
  latencyMs: { count: 6_000, p50: 12, p99: 200, max: 1_250 },
  expectations: [{ text: 'lost is at most 0', isMet: false, actual: 10, where: undefined }],
  complaints: ['queue-once: p.1 was lost']
})

test('two topologies under the same fault', (t) => {
  t.is(comparisonText(compareReports(a, b), { isColoured: false }), expectedText)
})

const expectedText = `\
two-hubs against ring-4: hub-dies, 1 fault
- two-hubs under 1 fault: 6,000 sent, 6,000 delivered, 0 lost, 0 late
- ring-4 under 1 fault: 6,000 sent, 5,990 delivered, 10 lost, 0 late

figure                    two-hubs  ring-4        difference  better
──────────────────────────────────────────────────────────────────────
sent                         6,000   6,000                 0
delivered                    6,000   5,990               -10  two-hubs
lost                             0      10               +10  two-hubs
latency, median              12 ms   12 ms              0 ms  same
latency, 99 %               250 ms  250 ms              0 ms  same
latency, longest             1.3 s   1.3 s              0 ms  same
longest gap                 340 ms  340 ms              0 ms  same
time to detect              3.0 ms  6.0 ms  +3.0 ms (+100 %)  two-hubs
time to re-route             50 ms       –                 –
time to recover               0 ms   1.5 s            +1.5 s  two-hubs
peak backlog of a broker        40      20       -20 (-50 %)  ring-4

two-hubs is better in 4 figures, ring-4 in 1.
✔ two-hubs: lost is at most 0: 0
✘ ring-4: lost is at most 0: 10
✘ ring-4: queue-once: p.1 was lost
`

test('two runs of one topology are called A and B', (t) => {
  const text = comparisonText(compareReports(a, a), { isColoured: false })
  t.true(text.startsWith('A against B: hub-dies, 1 fault\n'))
  t.true(text.includes('A is better in 0 figures, B in 0.'))
})

test('colours are there when asked for', (t) => {
  const escaped = String.fromCharCode(27)
  t.true(comparisonText(compareReports(a, b), { isColoured: true }).includes(`${escaped}[32m✔`))
  t.false(comparisonText(compareReports(a, b), { isColoured: false }).includes(escaped))
})
