// What one broker tells of the map to its neighbours, and when it keeps quiet.

import test from 'ava'
import { SimClock, SimLogger } from '../../sim/fakes/index.ts'
import { SimScheduler } from '../../sim/scheduler.ts'
import type { Bridge, Bridges } from '../../src/network/bridge/index.ts'
import type { BrokerRecord } from '../../src/network/map/index.ts'
import { NetworkMap } from '../../src/network/map/index.ts'
import { MapSync } from '../../src/network/map-sync.ts'
import { aBridge, aRecord } from './map/map-builders.ts'

/** A bridge that only notes what is sent over it. */
class NotedBridge {
  readonly peer: string
  readonly sinceMs: number
  readonly cost = 1
  readonly maySend = true
  readonly filter = undefined
  readonly sent: BrokerRecord[] = []

  constructor(peer: string, sinceMs: number) {
    this.peer = peer
    this.sinceMs = sinceMs
  }

  sendRecord(record: BrokerRecord): void {
    this.sent.push(record)
  }

  get real(): Bridge {
    return this as unknown as Bridge
  }
}

function brokerWithBridges() {
  const scheduler = new SimScheduler({ seed: 1 })
  const clock = new SimClock(scheduler, { name: 'a' })
  const standing: NotedBridge[] = []
  const bridges = { all: () => standing } as unknown as Bridges
  const map = new NetworkMap({ broker: 'a', brokerId: 'id-a', incarnation: 1, isTransit: true })
  const logger = new SimLogger({ nowMs: () => scheduler.nowMs })
  const sync = new MapSync(
    { map, bridges: () => bridges, clock, logger },
    { onMapChanged: () => {}, onNameTaken: () => {} }
  )
  const join = (peer: string): NotedBridge => {
    const bridge = new NotedBridge(peer, clock.monotonicMs())
    standing.push(bridge)
    sync.onBridgeUp()
    return bridge
  }
  const lose = (bridge: NotedBridge): void => {
    standing.splice(standing.indexOf(bridge), 1)
    sync.onBridgeDown()
  }
  const run = (spanMs: number): void => scheduler.runFor(spanMs)
  return { sync, map, join, lose, run }
}

const peersOf = ({ bridges }: BrokerRecord): string[] => bridges.map(({ peer }) => peer)

test('bridges that come together are told together, soon', (t) => {
  const { map, join, run } = brokerWithBridges()
  const b = join('b')
  run(10)
  join('c')
  t.deepEqual(b.sent, [])
  t.deepEqual(peersOf(map.ownRecord), ['b', 'c'], 'here it is known at once')
  run(10)
  t.deepEqual(b.sent.map(peersOf), [['b', 'c']])
  run(20)
  join('d')
  run(25)
  t.is(b.sent.length, 1, 'one record after the other takes its time')
  run(10)
  t.deepEqual(b.sent.map(peersOf), [
    ['b', 'c'],
    ['b', 'c', 'd']
  ])
  run(1_000)
  t.is(b.sent.length, 2)
})

test('a bridge that is lost is told at once, with what has come before', (t) => {
  const { join, lose, run } = brokerWithBridges()
  const [b, c] = [join('b'), join('c')]
  run(1_000)
  join('d')
  lose(c)
  t.deepEqual(b.sent.map(peersOf), [
    ['b', 'c'],
    ['b', 'd']
  ])
  run(1_000)
  t.is(b.sent.length, 2)
})

test('a broker that stops tells nothing more', (t) => {
  const { sync, join, run } = brokerWithBridges()
  const b = join('b')
  sync.stop()
  run(1_000)
  t.deepEqual(b.sent, [])
})

test('an older record that crosses ours in a flood is not answered; a lone one is', (t) => {
  const { sync, join, run } = brokerWithBridges()
  const [b, c] = [join('b'), join('c')]
  run(100)
  for (const bridge of [b, c]) bridge.sent.length = 0
  const newer = aRecord('x', { sequence: 5, bridges: [aBridge('b')] })
  sync.onRecord(b.real, newer)
  t.deepEqual([b.sent, c.sent], [[], [newer]])
  sync.onRecord(c.real, aRecord('x', { sequence: 4 }))
  sync.onRecord(b.real, aRecord('x', { sequence: 4 }))
  t.deepEqual([b.sent, c.sent], [[], [newer]])
  // One that came later did not hear the flood.
  const d = join('d')
  sync.onRecord(d.real, aRecord('x', { sequence: 4 }))
  t.deepEqual(
    d.sent.filter(({ broker }) => broker === 'x'),
    [newer]
  )
  // A flood is forgotten with the next one that is seconds later.
  run(5_000)
  sync.onRecord(b.real, aRecord('y'))
  sync.onRecord(c.real, aRecord('x', { sequence: 4 }))
  t.is(c.sent.filter((record) => record === newer).length, 2)
})

test('the longer our record, the longer the pause before the next', (t) => {
  const { join, lose, run } = brokerWithBridges()
  const bridges = Array.from({ length: 400 }, (_, at) => join(`spoke-${at}`))
  run(1_000)
  const [first, second, third] = bridges
  const before = first!.sent.length
  lose(second!)
  t.is(first!.sent.length, before + 1, 'after a pause at once')
  lose(third!)
  run(240)
  t.is(first!.sent.length, before + 1)
  run(20)
  t.is(first!.sent.length, before + 2)
})
