import test from 'ava'
import { BridgeRates } from '../../src/cli/traffic/bridge-rates.ts'
import { ordersQueue, pricesTopic, trafficPlan } from '../../src/cli/traffic/traffic-plan.ts'
import { readMark } from '../../src/cli/traffic/traffic-producer.ts'
import {
  type TrafficSnapshot,
  trafficLine,
  trafficSummary,
  trafficView
} from '../../src/cli/traffic/traffic-view.ts'

function placesOf(brokers: readonly string[], does: 'send' | 'receive', destination: string) {
  return trafficPlan(brokers)
    .filter((role) => role.does === does && role.destination === destination)
    .map(({ broker }) => broker)
}

test('orders cross the network, and prices go to some brokers and not to others', (t) => {
  const brokers = ['a', 'b', 'c', 'd']
  t.deepEqual(placesOf(brokers, 'send', ordersQueue), ['a', 'c'])
  t.deepEqual(placesOf(brokers, 'receive', ordersQueue), ['d', 'b'])
  t.deepEqual(placesOf(brokers, 'send', pricesTopic), ['a'])
  t.deepEqual(placesOf(brokers, 'receive', pricesTopic), ['b', 'd'])
})

for (const count of [1, 2, 3, 9]) {
  test(`with ${count} brokers everything that is sent is received somewhere`, (t) => {
    const brokers = Array.from({ length: count }, (_, i) => `b${i}`)
    for (const destination of [ordersQueue, pricesTopic]) {
      t.true(placesOf(brokers, 'send', destination).length > 0)
      t.true(placesOf(brokers, 'receive', destination).length > 0)
    }
    const names = trafficPlan(brokers).map(({ name }) => name)
    t.is(new Set(names).size, names.length)
  })
}

test('a mark is read as it was written, whatever the name of its producer', (t) => {
  t.deepEqual(readMark('send /queue/x#1 at a#17'), { producer: 'send /queue/x#1 at a', number: 17 })
  t.is(readMark('no mark'), undefined)
  t.is(readMark(undefined), undefined)
})

test('rates are what a bridge sent between two reports', (t) => {
  const rates = new BridgeRates()
  const report = (sent: number) => [{ peer: 'b', messagesSent: sent }] as never
  rates.update('a', report(100), 0)
  t.deepEqual(rates.all(), [{ from: 'a', to: 'b', perSecond: 0 }])
  rates.update('a', report(150), 500)
  t.deepEqual(rates.all(), [{ from: 'a', to: 'b', perSecond: 100 }])
  // The bridge broke, and its successor counts from zero.
  rates.update('a', report(20), 1_500)
  t.deepEqual(rates.all(), [{ from: 'a', to: 'b', perSecond: 20 }])
  rates.forget('a')
  t.deepEqual(rates.all(), [])
})

const totals = {
  sent: 1_500,
  due: 2_000,
  received: 1_990,
  underWay: 10,
  lost: 0,
  duplicated: 0,
  silent: 0
}
const snapshot: TrafficSnapshot = {
  seconds: 7,
  totals,
  brokers: [
    { name: 'a', pid: 11, restarts: 0, sentPerSecond: 100, receivedPerSecond: 0 },
    { name: 'b', pid: 12, restarts: 1, sentPerSecond: 0, receivedPerSecond: 98 }
  ],
  bridges: [
    { from: 'a', to: 'b', perSecond: 98.4 },
    { from: 'b', to: 'a', perSecond: 0 }
  ]
}

test('the live view has a line per broker, its bridges and something to try', (t) => {
  const view = trafficView(snapshot).join('\n')
  t.regex(view, /traffic 7 s: sent 1,500, received 1,990 of 2,000 due, under way 10, lost 0/)
  t.regex(view, /a +11 +0 +100 +0 +b 98/)
  t.regex(view, /kill -9 12 \(broker b\)/)
})

test('the plain line names busy bridges only', (t) => {
  t.regex(trafficLine(snapshot), /a in 100\/s out 0\/s, b in 0\/s out 98\/s \| a>b 98\/s$/)
})

test('the summary tells a clean run from a disturbed one and from a failed one', (t) => {
  t.regex(trafficSummary(snapshot, false), /every message arrived once$/)
  const worse = { ...snapshot, totals: { ...totals, lost: 2 } }
  t.regex(trafficSummary(worse, true), /brokers died meanwhile \(restarts: 1\)/)
  t.regex(trafficSummary(worse, false), /lost or doubled though no broker died$/)
})
