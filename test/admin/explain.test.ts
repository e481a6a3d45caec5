// Where a message would go, and which state brokers hold, asked about from afar.

import test from 'ava'
import { readExplainRequest } from '../../src/admin/explain-request.ts'
import type { ExplainReport, VersionsReport } from '../../src/admin/index.ts'
import { versionsReport } from '../../src/admin/versions-report.ts'
import { TwoBrokers } from './two-brokers.ts'

const consumer = {
  ...{ credit: 3, filter: undefined, cost: 0, settlesOnDispatch: true },
  deliver() {}
}

function subscribe(two: TwoBrokers, at: 'a' | 'b', pattern: string): void {
  two.world.turn(() =>
    two.stations[at].broker.subscribe({ kind: 'queue', pattern, consumer, weight: 3 })
  )
}

test('any broker says where a message would go that is published at another one', (t) => {
  const two = new TwoBrokers()
  subscribe(two, 'b', 'orders')
  two.world.run(100)
  const body = '{"command":"explain","destination":"/queue/orders","headers":{"region":"eu"}}'
  const fromA = two.ask('b', 'a', body) as ExplainReport
  t.like(fromA, { destination: '/queue/orders', broker: 'a', goesTo: ['b'], left: 0 })
  t.like(fromA.brokers[1], { broker: 'b', reason: 'sent', cost: 3, nextHop: 'b', rank: 1 })
  const fromB = two.ask('a', 'b', body) as ExplainReport
  t.like(fromB, { broker: 'b', goesTo: ['b'] })
  t.deepEqual(fromB.here, [{ selector: '', credit: 3, isDurable: false, takes: true }])
})

const faulty: readonly (readonly [string, object, RegExp])[] = [
  ['no destination', {}, /destination undefined must be a queue or a topic, as in \{"command"/],
  ['a reply', { destination: '/temp-queue/x' }, /"\/temp-queue\/x" must be a queue or a topic/],
  ['a wildcard', { destination: '/topic/x.>' }, /"\/topic\/x\.>": .* holds a wildcard/],
  ['an empty name', { destination: '/queue/' }, /is empty/],
  ['a list of headers', { destination: '/queue/x', headers: ['a'] }, /headers \["a"\] must map/],
  ['a number', { destination: '/queue/x', headers: { a: 1 } }, /headers \{"a":1\} must map/]
]

for (const [what, request, expected] of faulty) {
  test(`a question with ${what} is answered with what would be right`, (t) => {
    t.regex(String(readExplainRequest(request as Record<string, unknown>)), expected)
  })
}

test('a question that cannot be read is answered as such over the network', (t) => {
  const answer = new TwoBrokers().ask('a', 'b', '{"command":"explain"}')
  t.regex((answer as { error: string }).error, /destination undefined/)
})

test('brokers that agree tell the same versions of each other', (t) => {
  const two = new TwoBrokers()
  subscribe(two, 'b', 'orders')
  two.world.run(100)
  const [a, b] = (['a', 'b'] as const).map((name) => {
    return two.ask('a', name, '{"command":"versions"}') as VersionsReport
  })
  t.is(a!.broker, 'a')
  t.is(b!.broker, 'b')
  t.false(a!.isUntold)
  const byBroker = (x: { broker: string }, y: { broker: string }) => (x.broker < y.broker ? -1 : 1)
  t.is(a!.records.length, 2)
  t.deepEqual([...a!.records].sort(byBroker), [...b!.records].sort(byBroker))
  t.deepEqual([...a!.demands].sort(byBroker), [...b!.demands].sort(byBroker))
})

test('new demand is told as untold until others are told of it', (t) => {
  const two = new TwoBrokers()
  const { network } = two.stations.a
  let isUntold = false
  // The first change after a pause is told at the end of the turn.
  two.world.run(100)
  two.world.turn(() => {
    const wish = { kind: 'topic', pattern: 'news', consumer, weight: 3 } as const
    two.stations.a.broker.subscribe(wish)
    ;({ isUntold } = versionsReport(network))
  })
  t.true(isUntold)
  t.like(two.ask('b', 'a', '{"command":"versions"}'), { isUntold: false })
})

test('a broker that is out of reach is in no versions', (t) => {
  const two = new TwoBrokers()
  const { a } = two.stations
  for (const bridge of a.network.bridges.all()) {
    two.world.turn(() => bridge.close('shutting-down', 'a test'))
  }
  two.world.runUntil(() => !a.network.map.isReachable('b'))
  const { records, demands } = two.ask('a', 'a', '{"command":"versions"}') as VersionsReport
  t.deepEqual([records.length, demands.length], [1, 1])
})
