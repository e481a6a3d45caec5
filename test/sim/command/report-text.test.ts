// Reports as text, whole and in parts.

import { readFileSync } from 'node:fs'
import test from 'ava'
import { reportText } from '../../../sim/command/report-text.ts'
import { wrapLine } from '../../../sim/command/wrap-line.ts'
import { aBridge, aBroker, aDestination, aFault, aReport, noFates } from '../report/a-report.ts'

const plain = { isColoured: false }

test('a small report, whole', (t) => {
  const report = aReport({
    destinations: [
      aDestination('/queue/orders', 6_000, {
        fates: { ...noFates, delivered: 5_980, late: 12, waiting: 15, givenUp: 5 },
        reasons: [
          { reason: 'no-route', count: 3 },
          { reason: 'bridge-full', count: 2 }
        ],
        ...{ duplicates: 1, outOfOrder: 2 }
      })
    ],
    brokers: [
      aBroker('hub-1', { downMs: 30_000 }),
      aBroker('spoke-1', {
        ...{ accepted: 6_000, peakBacklog: 1_234, peakBacklogAtMs: 39_900 },
        ...{ peakBacklogBytes: 1_500_000, peakStoreBytes: 2_048, waiting: 15 },
        peakBacklogIn: 'orders.of.the.whole.world',
        waitingIn: [{ queue: 'orders', messages: 12 }]
      })
    ],
    bridges: [
      aBridge('spoke-1', 'hub-1', { messagesToB: 6_000, bytesToB: 3_000_000, bridgesMade: 2 })
    ],
    faults: [
      aFault('kill hub-1', { detectMs: 2.9, rerouteMs: 57, recoverMs: 1_200 }),
      aFault('reset a-b', { toMs: undefined })
    ],
    series: {
      atMs: [15_000, 30_000, 45_000, 60_000],
      accepted: [100, 100, 200, 0],
      delivered: [100, 0, 150, 150],
      latencyP50Ms: [10, null, 10, 10],
      latencyMaxMs: [10, null, 1_250, 10],
      backlog: { 'hub-1': [0, 0, 0, 0], 'spoke-1': [0, 1_234, 600, 15] },
      bridgeBytes: [0, 0, 0, 0]
    },
    expectations: [
      { text: 'lost is at most 0', isMet: true, actual: 0, where: 'hub.yaml:3:5' },
      { text: 'waiting is at most 0', isMet: false, actual: 15, where: 'hub.yaml:4:5' },
      { text: 'reroute is at most 10 ms', isMet: true, actual: undefined, where: undefined },
      { text: 'recover is at most 2.0 s', isMet: true, actual: 1200, unit: 'ms', where: undefined }
    ],
    complaints: ['no-loop: p.1 came back to a']
  })
  t.is(reportText(report, plain), expectedText)
})

const expectedText = `\
two-hubs under 2 faults: 6,000 sent, 5,980 delivered, 0 lost, 12 late, 15 waiting, 5 given up
hub-dies: A hub is killed.
Simulated with seed 7: 60 s in 500 ms, 120 times as fast as real time; 12,345 events.

Course
faults     ━━
sent       ▅▅█▁ up to 200/s
delivered  ▆▁██ up to 150/s
waiting    ▁█▅▂ up to 1,234
latency    ▂ █▂ up to 1.3 s

Destinations
destination     sent  delivered  late  lost  median    99 %  longest     gap
────────────────────────────────────────────────────────────────────────────
/queue/orders  6,000      5,980    12     0   12 ms  250 ms    1.3 s  340 ms

What was not simply delivered once
/queue/orders: 15 waiting, 5 given up (3 no-route, 2 bridge-full), 1 duplicate (0 unmarked), 2 out
  of order

Brokers
broker   taken  given  peak backlog      at  mostly in        peak bytes  peak store  waiting  down
───────────────────────────────────────────────────────────────────────────────────────────────────
hub-1        0      0             0       –  –                       0 B         0 B        0  30 s
spoke-1  6,000      0         1,234  39.9 s  orders.…e.world     1.4 MiB     2.0 KiB       15  0 ms

Bridges
bridge           messages →  messages ←  bytes →  bytes ←  made  down
─────────────────────────────────────────────────────────────────────
spoke-1 – hub-1       6,000           0  2.9 MiB      0 B     2  0 ms

Faults
fault         from      to  detect  re-route  recover
─────────────────────────────────────────────────────
kill hub-1  10.0 s  20.0 s  2.9 ms     57 ms    1.2 s
reset a-b   10.0 s       –       –         –     0 ms

Waiting at the end
spoke-1: 12 in queue orders, 3 elsewhere

Expectations
✔ lost is at most 0: 0
✘ waiting is at most 0: 15 (hub.yaml:4:5)
✔ reroute is at most 10 ms: nothing to measure
✔ recover is at most 2.0 s: 1.2 s

Complaints
✘ no-loop: p.1 came back to a
`

test('no line is longer than the terminal, though names are', (t) => {
  const long = `/queue/${'very.'.repeat(40)}long`
  const name = 'broker-with-a-name-that-is-much-longer-than-anybody-would-like-it-to-be'
  const report = aReport({
    destinations: [aDestination(long, 1_000_000)],
    brokers: [aBroker(name, { accepted: 12_345_678, peakBacklogBytes: 1e9 })],
    bridges: [aBridge(name, `${name}-too`, { bytesToA: 1e12 })]
  })
  const lines = reportText(report, plain).split('\n')
  for (const line of lines) t.true(line.length <= 100, line)
  t.true(lines.some((line) => line.startsWith('/queue/very.very…')))
})

test('long tables are cut to the most telling rows', (t) => {
  const brokers = Array.from({ length: 200 }, (_, at) => aBroker(`b${at}`, { peakBacklog: at }))
  brokers[3] = aBroker('b3', { waiting: 7 })
  brokers[5] = aBroker('b5', { downMs: 4_000 })
  const text = reportText(aReport({ brokers }), plain)
  t.true(text.includes('… and 190 more'))
  const rows = text.split('\n').filter((line) => /^b\d+ /.test(line))
  t.deepEqual(
    rows.map((row) => row.split(' ')[0]),
    ['b3', 'b5', 'b199', 'b198', 'b197', 'b196', 'b195', 'b194', 'b193', 'b192']
  )
})

test('sentences break between words, never between a number and its unit', (t) => {
  t.deepEqual(wrapLine('late by 12 ms', 11), ['late by', '  12 ms'])
  t.deepEqual(wrapLine('a 1.5 KiB b', 5), ['a', '  1.5 KiB', '  b'])
  t.deepEqual(wrapLine('five men', 6), ['five', '  men'])
  t.deepEqual(wrapLine('', 5), [''])
})

test('what did not happen is left out', (t) => {
  t.is(
    reportText(aReport({ realMs: 0 }), plain),
    'two-hubs without faults: 0 sent, 0 delivered, 0 lost, 0 late\n' +
      'hub-dies: A hub is killed.\n' +
      'Simulated with seed 7: 60 s in 0 ms; 12,345 events.\n'
  )
})

test('real brokers have no events and no other time', (t) => {
  const text = reportText(
    aReport({ mode: 'real', destinations: [aDestination('/queue/q', 1)] }),
    plain
  )
  t.true(text.includes('Real brokers, 60 s; seed 7.'))
})

test('colours are there when asked for, and change nothing else', (t) => {
  const file = new URL('../../../../test/sim/report/two-hubs-report.json', import.meta.url)
  const example = JSON.parse(readFileSync(file, 'utf8'))
  const coloured = reportText(example, { isColoured: true })
  const colour = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')
  t.regex(coloured, colour)
  t.is(coloured.replace(colour, ''), reportText(example, plain))
  t.notRegex(reportText(example, plain), colour)
})

test('the course ends when nothing happens any more, and bridges are summed up', (t) => {
  const brokers = ['a', 'b', 'c'].map((name) => aBroker(name, {}))
  const text = reportText(
    aReport({
      endedMs: 20_000,
      brokers,
      bridges: [
        aBridge('a', 'b', { bytesToA: 1_024, bytesToB: 1_024 }),
        aBridge('b', 'c', { bytesToA: 2_048 })
      ],
      destinations: [aDestination('/queue/q', 10, { deliveredBytes: 1_000 })],
      series: {
        atMs: [10_000, 20_000, 30_000, 40_000, 50_000],
        accepted: [1, 1, 0, 0, 0],
        delivered: [1, 1, 0, 0, 0],
        latencyP50Ms: [1, 1, null, null, null],
        latencyMaxMs: [1, 1, null, null, null],
        backlog: { a: [0, 0, 5, 0, 0] },
        bridgeBytes: [0, 0, 0, 0, 0]
      }
    }),
    { isColoured: false }
  )
  t.regex(text, /^sent {7}██▁ up to 1\/s$/m)
  t.regex(text, /^all together: 4\.0 KiB, 4\.1 for each byte delivered$/m)
})
