// Every problem of a scenario file, with its line, its column and its suggestion.

import test from 'ava'
import fc from 'fast-check'
import { clientsOf, usualExpectations } from '../../../sim/scenario-file/plan-of-rehearsal.ts'
import { fileKindOf, readRehearsal } from '../../../sim/scenario-file/read-scenario.ts'
import { durationOf, type Rehearsal } from '../../../sim/scenario-file/rehearsal.ts'
import type { OpenFile } from '../../../sim/scenario-file/scenario-check.ts'
import { writeScenario } from '../../../sim/scenario-file/write-scenario.ts'
import { formatProblem } from '../../../src/config/index.ts'

const pairText = `network: pair
brokers:
  a:
    transportConnectors: [{ uri: 'postroad://127.0.0.1:61617' }]
  b:
    networkConnectors: [{ uri: 'postroad://127.0.0.1:61617' }]
`

const open: OpenFile = (path) => {
  if (path === 'pair.yaml') return { text: pairText, file: path }
  if (path === 'broken.yaml') return { text: 'network: x\nbrokerz: {}\n', file: path }
  return { message: `there is no file "${path}"` }
}

/** A good scenario; tests change one line of it. */
const good = `scenario: hub-dies
about: One of two hubs dies.
topology: { two-hubs: 4 }
seed: 7
duration: 60s
ending: heal
drain: 60s
links:
  default: { latency: 5ms, jitter: 1ms }
  hub1:s1: { latency: 40ms, bandwidth: 2Mbit/s, resets: 2/min }
brokers:
  s4: { late: true, limits: { queueMessagesMax: 1000 }, store: 1MiB, hopsMax: 8 }
groups: { west: [s1, s2, hub1], east: [s3, s4, hub2] }
producers:
  - { name: p1, at: s1, to: /queue/orders, rate: 50/s, size: 1KiB, receipts: every 10, burst: 5 }
  - { name: p2, at: s2, to: /topic/prices.eu, rate: 6/min, headers: { region: [eu, us], n: 3 } }
consumers:
  - { name: c1, at: s3, from: /queue/orders, work: 2ms, nack: every 50, clients: 2 }
  - { name: c2, at: s3, from: '/topic/prices.>', late: true, selector: "region = 'eu'" }
faults:
  - kill: hub1@10s..40s
  - partition: west/east@41s..45s
  - add: s4@20s
  - arrive: c2@5s
  - move: c1-2@10s=s2,abrupt
expect:
  lost: 0
  recover: 2s
  delivered: { at-least: 2900 }
  latency-p99: 50ms
  destinations: { /queue/orders: { waiting: 0 } }
`

function problemsOf(text: string): string[] {
  return readRehearsal(text, 'x.yaml', open).problems.map(formatProblem)
}

/** The good scenario with a piece of it changed. */
function changed(from: string, to: string): string {
  if (!good.includes(from)) throw new Error(`"${from}" is not in the good scenario`)
  return good.replace(from, to)
}

test('a good file reads without a problem, and everything in it is kept', (t) => {
  const { rehearsal, problems } = readRehearsal(good, 'x.yaml', open)
  t.deepEqual(problems, [])
  t.like(rehearsal, {
    name: 'hub-dies',
    seed: '7',
    durationMs: 60_000,
    ending: 'heal',
    drainMsMax: 60_000,
    defaultQuality: { latencyMs: 5, jitterMs: 1 }
  })
  t.deepEqual(
    [...rehearsal!.qualities],
    [['s1:hub1', { latencyMs: 40, bytesPerSecond: 250_000, resetsPerMinute: 2 }]]
  )
  t.deepEqual(rehearsal!.overrides, {
    s4: {
      limits: { queueMessagesMax: 1_000 },
      hopsMax: 8,
      storeBytesMax: 1_048_576,
      isLate: true
    }
  })
  t.deepEqual(rehearsal!.producers, [
    {
      name: 'p1',
      at: 's1',
      destination: '/queue/orders',
      version: '1.2',
      everyMs: 100,
      bodyBytes: 1_024,
      isPersistent: true,
      receiptEvery: 10,
      burst: 5
    },
    {
      name: 'p2',
      at: 's2',
      destination: '/topic/prices.eu',
      version: '1.2',
      everyMs: 10_000,
      bodyBytes: 1_024,
      isPersistent: true,
      receiptEvery: 1,
      headers: { region: ['eu', 'us'], n: ['3'] }
    }
  ])
  t.deepEqual(
    rehearsal!.consumers.map(({ name }) => name),
    ['c1-1', 'c1-2', 'c2']
  )
  t.like(rehearsal!.consumers[1], { workMs: 2, nackEvery: 50, prefetch: 100 })
  t.like(rehearsal!.consumers[2], { isLate: true, selector: "region = 'eu'" })
  t.deepEqual(rehearsal!.expectations, [
    { figure: 'lost', comparison: 'at-most', value: 0, where: 'x.yaml:27:3' },
    { figure: 'recoverMs', comparison: 'at-most', value: 2_000, where: 'x.yaml:28:3' },
    { figure: 'delivered', comparison: 'at-least', value: 2_900, where: 'x.yaml:29:3' },
    { figure: 'latencyP99Ms', comparison: 'at-most', value: 50, where: 'x.yaml:30:3' },
    {
      figure: 'waiting',
      comparison: 'at-most',
      value: 0,
      where: 'x.yaml:31:36',
      destination: '/queue/orders'
    }
  ])
})

const cases: readonly (readonly [title: string, text: string, expected: string])[] = [
  [
    'an unknown broker of a fault',
    changed('kill: hub1@', 'kill: hub-1@'),
    'x.yaml:21:11: error: no broker is called "hub-1" (did you mean "hub1"?)'
  ],
  [
    'a link that is not there',
    changed('kill: hub1@', 'cut: s1:s2@'),
    'x.yaml:21:10: error: there is no link between "s1" and "s2" ("s1" is linked to hub1, hub2)'
  ],
  [
    'half a link',
    changed('kill: hub1@', 'cut: s1@'),
    'x.yaml:21:10: error: "s1" is no link (write two brokers, as hub1:hub2)'
  ],
  [
    'an unknown client of a fault',
    changed('move: c1-2@', 'move: c1@'),
    'x.yaml:25:11: error: no client is called "c1" (did you mean "c1-1"?)'
  ],
  [
    'a client that moves to nowhere',
    changed('=s2,abrupt', '=s22'),
    'x.yaml:25:11: error: no broker is called "s22" (did you mean "s2"?)'
  ],
  [
    'an unknown client that is to arrive',
    changed('arrive: c2@5s', 'arrive: p3@5s'),
    'x.yaml:24:13: error: no client is called "p3" (did you mean "p1"?)'
  ],
  [
    'an unknown group',
    changed('west/east', 'west/eastt'),
    'x.yaml:22:16: error: no group and no broker is called "eastt" (did you mean "east"?)'
  ],
  [
    'a broker in two groups of a partition',
    changed('west/east', 'west/s1,s3'),
    'x.yaml:22:16: error: broker "s1" is in the groups "west" and "s1,s3"'
  ],
  [
    'a partition of one group',
    changed('west/east', 'west'),
    'x.yaml:22:16: error: "west" is one group; a partition needs two (write at least two, as ' +
      'west/east or a,b/c,d)'
  ],
  [
    'a time range that runs backwards',
    changed('hub1@10s..40s', 'hub1@40s..10s'),
    'x.yaml:21:11: error: the time range of "hub1@40s..10s" runs backwards (did you mean 10s..40s?)'
  ],
  [
    'a fault after the end',
    changed('hub1@10s..40s', 'hub1@10s..90s'),
    'x.yaml:21:11: error: "hub1@10s..90s" goes on after the end of the run at 1m (let it end ' +
      'before, or set the duration to 90s or more)'
  ],
  [
    'too many flaps',
    changed('kill: hub1@10s..40s', 'flap: hub1:s1@10s..60s=20ms'),
    'x.yaml:21:11: error: "hub1:s1@10s..1m=20ms" cuts the link more than 1000 times (a ' +
      'period of 50ms or more is fine)'
  ],
  [
    'two kinds in one entry of the faults',
    changed('- kill: hub1@10s..40s', '- { kill: hub1@10s, stop: hub1@20s }'),
    'x.yaml:21:5: error: each entry of "faults" has exactly one kind of fault (write - kill: ' +
      'hub@10s..20s)'
  ],
  [
    'an unknown kind of fault',
    changed('- kill: hub1', '- kil: hub1'),
    'x.yaml:21:5: error: key "kil" is not known in "faults[0]" (did you mean "kill"?)'
  ],
  [
    'an unknown key',
    changed('ending:', 'endign:'),
    'x.yaml:6:1: error: key "endign" is not known in a scenario file (did you mean "ending"?)'
  ],
  [
    'an unknown key of a producer',
    changed('size: 1KiB', 'sise: 1KiB'),
    'x.yaml:15:56: error: key "sise" is not known in "producers[0]" (did you mean "size"?)'
  ],
  [
    'a client name taken twice',
    changed('name: p2', 'name: c1-1'),
    'x.yaml:18:13: error: client "c1-1" is there twice, as producers[1] and consumers[0] ' +
      '(give each client a name of its own)'
  ],
  [
    'a client at an unknown broker',
    changed('name: p1, at: s1', 'name: p1, at: s11'),
    'x.yaml:15:21: error: no broker is called "s11" (did you mean "s1"?)'
  ],
  [
    'a rate without a unit',
    changed('rate: 50/s', "rate: '50'"),
    'x.yaml:15:50: error: "50" is not a rate such as 50/s or 6/min, up to 100000/s (did you ' +
      'mean 50/s?)'
  ],
  [
    'a rate that is a number',
    changed('rate: 50/s', 'rate: 50'),
    'x.yaml:15:50: error: "50" is not a rate such as 50/s or 6/min, up to 100000/s (did you ' +
      'mean 50/s?)'
  ],
  [
    'a size in the wrong unit',
    changed('size: 1KiB', 'size: 1kb'),
    'x.yaml:15:62: error: "size" must be a size from 64 to 16MiB, such as 1KiB, not "1kb" ' +
      '(did you mean 1KiB?)'
  ],
  [
    'a duration out of bounds',
    changed('duration: 60s', 'duration: 48h'),
    'x.yaml:5:11: error: "duration" must be a duration from 1s to 24h, such as 30s, not "48h"'
  ],
  [
    'more messages than a run may have',
    changed('rate: 50/s', 'rate: 100000/s').replace('duration: 60s', 'duration: 1h'),
    'x.yaml:14:1: error: the producers send about 396000404 messages in 1h (20000000 are the ' +
      'most; lower rates or the duration)'
  ],
  [
    'a destination that is none',
    changed('to: /queue/orders', 'to: orders'),
    'x.yaml:15:29: error: "orders" is not a destination such as /queue/orders or ' +
      '/topic/prices.eu (did you mean "/queue/orders"?)'
  ],
  [
    'a selector that cannot be parsed',
    changed("region = 'eu'", 'region ='),
    'x.yaml:19:72: error: "region =" is no selector'
  ],
  [
    'refusals without single acknowledgements',
    changed('nack: every 50', 'nack: every 50, ack: auto'),
    'x.yaml:18:63: error: "nack" needs ack: client-individual, not auto (write ack: ' +
      'client-individual)'
  ],
  [
    'a durable subscription to a queue',
    changed('nack: every 50', 'durable: d'),
    'x.yaml:18:66: error: "durable" is for one topic, not for "/queue/orders" (remove it: ' +
      'queues keep their messages)'
  ],
  [
    'a consumer that nobody sends to',
    changed("from: '/topic/prices.>'", 'from: /topic/price.eu'),
    'x.yaml:19:31: warning: nobody sends what "c2" receives, "/topic/price.eu" (did you mean ' +
      '"/topic/prices.eu"?)'
  ],
  [
    'a queue that nobody receives from',
    changed('to: /queue/orders', 'to: /queue/order')
      .replace('  destinations', '  # destinations')
      .replace('  delivered', '  # delivered'),
    'x.yaml:15:29: warning: nobody receives what "p1" sends to "/queue/order"; it will wait'
  ],
  [
    'a late consumer that nothing brings',
    changed('  - arrive: c2@5s\n', ''),
    'x.yaml:19:56: warning: consumer "c2" is late, and no fault "arrive" brings it (write - ' +
      'arrive: c2@10s)'
  ],
  [
    'a late producer that nothing brings',
    changed('rate: 6/min,', 'rate: 6/min, late: true,'),
    'x.yaml:16:66: warning: producer "p2" is late, and no fault "arrive" brings it (write - ' +
      'arrive: p2@10s)'
  ],
  [
    'a late broker that nothing brings',
    changed('  - add: s4@20s\n', ''),
    'x.yaml:12:15: warning: "s4" is late, and no fault "add" brings it (write - add: s4@10s)'
  ],
  [
    'a queue whose consumers can never take all that must arrive',
    changed('work: 2ms', 'work: 1s').replace('/queue/orders: { waiting: 0 }', ''),
    'x.yaml:17:1: error: "/queue/orders" gets about 3000 messages, and its consumers take 240 ' +
      'until 2m: it never comes to rest (give it more consumers or less work, or lower the rate)'
  ],
  [
    'a queue whose consumers leave something',
    changed('work: 2ms', 'work: 1s').replace('ending: heal', 'ending: as-is'),
    'x.yaml:17:1: warning: "/queue/orders" gets about 3000 messages, and its consumers take 240 ' +
      'until 2m: the rest will wait'
  ],
  [
    'an unknown link with a quality',
    changed('hub1:s1: {', 'hub1:s9: {'),
    'x.yaml:10:3: error: no broker is called "s9" (did you mean "s1"?)'
  ],
  [
    'an unknown broker with a difference',
    changed('  s4: {', '  s44: {'),
    'x.yaml:12:3: error: no broker is called "s44" (did you mean "s4"?)'
  ],
  [
    'an unknown broker of a group',
    changed('[s1, s2, hub1]', '[s1, s2, hub]'),
    'x.yaml:13:26: error: no broker is called "hub" (did you mean "hub1"?)'
  ],
  [
    'a group called like a broker',
    changed('groups: { west:', 'groups: { s1: [s1], west:'),
    'x.yaml:13:11: error: group "s1" is called like a broker (give it another name)'
  ],
  [
    'an unknown figure',
    changed('  lost: 0', '  losst: 0'),
    'x.yaml:27:3: error: key "losst" is not known in "expect" (did you mean "lost"?)'
  ],
  [
    'a duration that is expected without a unit',
    changed('latency-p99: 50ms', 'latency-p99: 50'),
    'x.yaml:30:16: error: "latency-p99" must be a duration, a whole number with ms, s, m or ' +
      'h, such as 200ms or 5s, not 50 (did you mean 50ms?)'
  ],
  [
    'a count that is no whole number',
    changed('lost: 0', 'lost: 0.5'),
    'x.yaml:27:9: error: "lost" must be a whole number from 0, not 0.5'
  ],
  [
    'an expectation that no run can meet',
    changed('at-least: 2900', 'at-least: 29000'),
    'x.yaml:29:14: error: "delivered" can never be at least 29000: at most 3314 are due in ' +
      '1m (expect fewer, or raise a rate or the duration)'
  ],
  [
    'bounds that exclude each other',
    changed('{ at-least: 2900 }', '{ at-least: 9, at-most: 3 }'),
    'x.yaml:29:14: error: "delivered" can never be at least 9 and at most 3'
  ],
  [
    'a bound of an unknown kind',
    changed('at-least: 2900', 'atleast: 2900'),
    'x.yaml:29:16: error: key "atleast" is not known in "delivered"'
  ],
  [
    'an expected recovery without any fault',
    good
      .replace(/faults:\n( {2}- .*\n)+/, '')
      .replace('late: true, limits', 'limits')
      .replace('late: true, sel', 'sel'),
    'x.yaml:22:3: error: "recover" is measured from faults, and there are none (add a fault, ' +
      'or remove it)'
  ],
  [
    'an expectation of an unknown destination',
    changed('destinations: { /queue/orders:', 'destinations: { /queue/order:'),
    'x.yaml:31:19: error: nobody sends to "/queue/order" (did you mean "/queue/orders"?)'
  ],
  [
    'a shape that is none',
    changed('two-hubs: 4', 'two-hub: 4'),
    'x.yaml:3:13: error: key "two-hub" is not known in "topology" (did you mean "two-hubs"?)'
  ],
  [
    'two shapes',
    changed('{ two-hubs: 4 }', '{ ring: 4, chain: 3 }'),
    'x.yaml:3:11: error: "topology" must have exactly one of ring, chain, mesh, hub-spoke, ' +
      'two-hubs, random, or be a topology document (write for example topology: {ring: 4})'
  ],
  [
    'more brokers than a run may have',
    changed('two-hubs: 4', 'ring: 513'),
    'x.yaml:3:19: error: "ring" must be a whole number from 3 to 512, not 513'
  ],
  [
    'fewer links than join the brokers',
    changed('two-hubs: 4', 'random: 20, links: 5'),
    'x.yaml:3:32: error: 20 brokers have 19 to 190 links, not 5'
  ],
  [
    'a topology file that is not there',
    changed('{ two-hubs: 4 }', 'none.yaml'),
    'x.yaml:3:11: error: there is no file "none.yaml"'
  ],
  [
    'a topology file that is broken',
    changed('{ two-hubs: 4 }', 'broken.yaml'),
    'broken.yaml:2:1: error: key "brokerz" is not known in a topology file (did you mean ' +
      '"brokers"?)'
  ],
  [
    'a topology document that is broken',
    changed('{ two-hubs: 4 }', '\n  network: x\n  brokers: { a: { hopsMax: 0 } }'),
    'x.yaml:5:28: error: "hopsMax" must be a whole number from 1 to 255, not 0'
  ],
  [
    'no topology',
    changed('topology: { two-hubs: 4 }\n', ''),
    'x.yaml:1:1: error: "topology" is missing; it must be the path of a topology file, a ' +
      'shape, or a document (write for example topology: {ring: 4})'
  ],
  [
    'a second document',
    `${good}---\n${good}`,
    'x.yaml:32:1: error: a second document begins here (one file holds one scenario; put the ' +
      'other in a file of its own)'
  ],
  [
    'a scenario without a name',
    changed('scenario: hub-dies\n', ''),
    'x.yaml:1:1: error: key "scenario" is missing; a scenario file begins with its name ' +
      '(write scenario: x)'
  ],
  [
    'a file of something else',
    'services:\n  web: {}\n',
    'x.yaml:1:1: error: this is neither a topology file nor a scenario file (a topology file ' +
      'has network and brokers, a scenario file scenario and topology)'
  ],
  ['an empty file', '', 'x.yaml:1:1: error: this is neither a topology file nor a scenario file']
]

for (const [title, text, expected] of cases) {
  test(`${title} is told with its place and what to do`, (t) => {
    const problems = problemsOf(text)
    t.true(
      problems.some((line) => line.startsWith(expected)),
      problems.join('\n')
    )
    const hasErrors = expected.includes(' error: ')
    t.is(readRehearsal(text, 'x.yaml', open).rehearsal === undefined, hasErrors)
  })
}

test('one reading tells of every problem, in the order of the file', (t) => {
  const text = changed('ending: heal', 'ending: hael')
    .replace('rate: 6/min', 'rate: 6/h')
    .replace('kill: hub1', 'kill: hub9')
    .replace('lost: 0', 'lost: -1')
  const lines = problemsOf(text).map((line) => Number(line.split(':')[1]))
  t.deepEqual(lines, [6, 16, 21, 27])
})

test('a topology file and a topology document are networks like any shape', (t) => {
  for (const topology of ['pair.yaml', `\n${pairText.replace(/^/gm, '  ')}`]) {
    const text = `scenario: x\ntopology: ${topology}\nfaults: [cut: 'a:b@1s..2s']\n`
    const { rehearsal, problems } = readRehearsal(text, 'x.yaml', open)
    t.deepEqual(problems, [])
    t.deepEqual(rehearsal?.topology.brokers, ['a', 'b'])
    t.is(rehearsal?.topology.links.length, 1)
  }
})

test('a topology file alone is a scenario without faults', (t) => {
  const { rehearsal, problems } = readRehearsal(pairText, 'nets/pair.yaml', open)
  t.deepEqual(problems, [])
  t.like(rehearsal, { name: 'pair', ending: 'as-is', faults: [], producers: [], consumers: [] })
})

test('a file is told apart by its keys', (t) => {
  t.is(fileKindOf(good), 'scenario')
  t.is(fileKindOf(pairText), 'topology')
  t.is(fileKindOf('a: 1'), 'neither')
  t.is(fileKindOf('{'), 'neither')
})

test('a random network is connected, as large as asked for, and follows from the seed', (t) => {
  const read = (seed: number) =>
    readRehearsal(
      `scenario: x\ntopology: { random: 20, links: 60 }\nseed: ${seed}\n`,
      'x.yaml',
      open
    ).rehearsal?.topology
  t.is(read(1)?.brokers.length, 20)
  t.is(read(1)?.links.length, 60)
  t.deepEqual(read(1), read(1))
  t.notDeepEqual(read(1), read(2))
})

test('a scenario that is written reads the same', (t) => {
  const places = ({ expectations, faults, ...rest }: Rehearsal) => ({
    ...rest,
    faults: faults.map(({ where: _, ...each }) => each),
    // What is written has other lines, and clients one by one.
    expectations: expectations?.map(({ where: _, ...each }) => each)
  })
  const bare = `scenario: bare\ntopology: pair.yaml\nseed: 3\n`
  for (const text of [good, bare]) {
    const { rehearsal } = readRehearsal(text, 'x.yaml', open)
    const written = writeScenario(rehearsal!)
    const again = readRehearsal(written, 'y.yaml', open)
    t.deepEqual(again.problems, [], written)
    const { producers, consumers } = clientsOf(rehearsal!)
    const expectations = rehearsal!.expectations ?? usualExpectations
    t.deepEqual(
      places(again.rehearsal!),
      places({
        ...{ ...rehearsal!, producers, consumers, expectations },
        durationMs: durationOf(rehearsal!)
      })
    )
    t.is(writeScenario(again.rehearsal!), written)
  }
})

test('whatever the text, reading it ends with a rehearsal or with problems', (t) => {
  const lines = good.split('\n')
  const line = fc.oneof(fc.constantFrom(...lines), fc.string({ maxLength: 30 }))
  const text = fc.array(line, { maxLength: 30 }).map((all) => all.join('\n'))
  const damaged = fc
    .tuple(fc.nat(good.length), fc.nat(12), fc.string({ maxLength: 6 }))
    .map(([at, gone, put]) => good.slice(0, at) + put + good.slice(at + gone))
  fc.assert(
    fc.property(fc.oneof(text, damaged), (written) => {
      const { rehearsal, problems } = readRehearsal(written, 'x.yaml', open)
      const hasErrors = problems.some(({ severity }) => severity === 'error')
      t.is(rehearsal === undefined, hasErrors)
    }),
    { numRuns: 300 }
  )
})
