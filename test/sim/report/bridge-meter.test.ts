// Counters that start again with each bridge, and go on in the report.

import test from 'ava'
import { BridgeMeter } from '../../../sim/report/bridge-meter.ts'
import type { BrokerSample } from '../../../sim/report/observed-world.ts'
import { chain } from '../../../sim/topologies.ts'

test('counters of successive bridges are added up, the last reading of each included', (t) => {
  const meter = new BridgeMeter(chain(2).links)
  both(meter, true, 0)
  meter.begin(0)
  meter.read([sample('a', 'b', 10, 1_000)])
  const last = { peer: 'b', messagesSent: 15, bytesSent: 1_500 }
  meter.onBridge({ broker: 'a', peer: 'b', isUp: false }, 100, last)
  // A list made before may still name the bridge that is gone.
  meter.read([sample('a', 'b', 15, 1_500)])
  meter.onBridge({ broker: 'a', peer: 'b', isUp: true }, 300)
  meter.read([sample('a', 'b', 20, 2_000)])
  const [report] = meter.report(1_000)
  t.like(report, { messagesToB: 35, bytesToB: 3_500, messagesToA: 0 })
  t.like(report, { bridgesMade: 2, downMs: 200 })
  t.is(meter.bytes, 3_500)
})

test('a counter that goes back is of another bridge, though nobody said so', (t) => {
  const meter = new BridgeMeter(chain(2).links)
  meter.read([sample('b', 'a', 100, 900)])
  meter.read([sample('b', 'a', 7, 60)])
  t.like(meter.report(0)[0], { messagesToA: 107, bytesToA: 960 })
})

test('what was sent before the network was at work does not count', (t) => {
  const meter = new BridgeMeter(chain(2).links)
  meter.read([sample('a', 'b', 10, 1_000)])
  meter.begin(0)
  meter.read([sample('a', 'b', 12, 1_200)])
  t.like(meter.report(0)[0], { messagesToB: 2, bytesToB: 200 })
})

test('a bridge stands while both ends have it, and a dead broker has none', (t) => {
  const meter = new BridgeMeter(chain(3).links)
  for (const [a, b] of [
    ['a', 'b'],
    ['b', 'c']
  ] as const) {
    meter.onBridge({ broker: a, peer: b, isUp: true }, 0)
    t.is(meter.isInReach(a), a === 'b')
    meter.onBridge({ broker: b, peer: a, isUp: true }, 0)
    t.true(meter.isInReach(a))
  }
  meter.onCrash('b', 500)
  t.deepEqual(
    ['a', 'b', 'c'].map((broker) => meter.isInReach(broker)),
    [false, false, false]
  )
  t.is(meter.isInReach('elsewhere'), undefined)
  t.deepEqual(
    meter.report(2_000).map(({ downMs }) => downMs),
    [1_500, 1_500]
  )
})

function both(meter: BridgeMeter, isUp: boolean, atMs: number): void {
  meter.onBridge({ broker: 'a', peer: 'b', isUp }, atMs)
  meter.onBridge({ broker: 'b', peer: 'a', isUp }, atMs)
}

function sample(broker: string, peer: string, messages: number, bytes: number): BrokerSample {
  const nothing = { waiting: 0, waitingBytes: 0, storeBytes: 0, queues: [] }
  return {
    ...{ broker, isUp: true, ...nothing },
    bridges: [{ peer, messagesSent: messages, bytesSent: bytes }]
  }
}
