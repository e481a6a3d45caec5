// Events of the timeline that happen to links: each does what it says, and the judges stay quiet.

import test from 'ava'
import { chain, mesh, ring } from '../../sim/topologies.ts'
import { aConsumer, aProducer } from './small-world.ts'
import { onStage, type Stage } from './timeline-world.ts'

const a = 'a'
const b = 'b'
const topicAcross = {
  topology: chain(2),
  producers: [aProducer({ at: a })],
  consumers: [aConsumer({ at: b })]
}

/** Messages delivered in the next so many milliseconds. */
function deliveredIn({ world, deliveries }: Stage, spanMs: number): number {
  const before = deliveries()
  world.runFor(spanMs)
  return deliveries() - before
}

test('cut: nothing gets through and nobody is told; heal: all of it arrives', (t) => {
  onStage(t, topicAcross, (stage) => {
    const { world, happen, isBridged } = stage
    happen({ kind: 'cut', a, b })
    world.runFor(20)
    t.is(deliveredIn(stage, 1_000), 0)
    t.true(isBridged(a, b), 'nobody was told')
    world.runFor(5_000)
    t.false(isBridged(a, b))
    happen({ kind: 'heal', a, b })
    world.settle()
    t.true(deliveredIn(stage, 1_000) > 30)
  })
})

test('cut-one-way: one end hears nothing, the other one everything', (t) => {
  onStage(t, topicAcross, (stage) => {
    const { world, happen } = stage
    happen({ kind: 'cut-one-way', from: b, to: a })
    t.true(deliveredIn(stage, 1_000) > 30, 'from a to b the way is whole')
    happen({ kind: 'heal', a, b })
    world.settle()
    happen({ kind: 'cut-one-way', from: a, to: b })
    world.runFor(20)
    t.is(deliveredIn(stage, 1_000), 0)
    happen({ kind: 'cut-one-way', from: a, to: b })
    happen({ kind: 'heal-all' })
    world.settle()
  })
})

test('cut after cut-one-way cuts the other way, too', (t) => {
  const producers = [aProducer({ at: b })]
  const consumers = [aConsumer({ at: a })]
  onStage(t, { topology: chain(2), producers, consumers }, (stage) => {
    stage.happen({ kind: 'cut-one-way', from: a, to: b })
    t.true(deliveredIn(stage, 500) > 10)
    stage.happen({ kind: 'cut', a, b })
    stage.world.runFor(20)
    t.is(deliveredIn(stage, 500), 0)
  })
})

test('heal-all: every link is whole again', (t) => {
  onStage(t, { topology: ring(4) }, ({ world, happen, isBridged }) => {
    happen({ kind: 'cut', a, b })
    happen({ kind: 'cut', a: 'c', b: 'd' })
    world.settle()
    t.false(isBridged('c', 'd'))
    happen({ kind: 'heal-all' })
    world.settle()
    t.true(isBridged(a, b) && isBridged('c', 'd'))
  })
})

test('partition: groups are apart, and brokers in none are one more group', (t) => {
  onStage(t, { topology: mesh(5) }, ({ world, happen, isBridged }) => {
    happen({ kind: 'partition', groups: [['a', 'b']] })
    world.settle()
    t.true(isBridged('a', 'b'))
    t.true(isBridged('c', 'd') && isBridged('d', 'e'))
    t.false(isBridged('b', 'c'))
    t.deepEqual([...world.reachableFrom('e')].sort(), ['c', 'd', 'e'])
    happen({ kind: 'partition', groups: [['a'], ['b', 'c', 'd', 'e']] })
    world.settle()
    t.true(isBridged('b', 'c'))
    t.false(isBridged('a', 'b'))
  })
})

test('reset: the bridge breaks at once at both ends and comes back', (t) => {
  onStage(t, topicAcross, ({ world, happen, isBridged }) => {
    const bridge = world.broker(a).running.network.bridges.get(b)
    happen({ kind: 'reset', a, b })
    world.runFor(1)
    t.false(isBridged(a, b))
    world.settle()
    t.not(world.broker(a).running.network.bridges.get(b), bridge)
    t.true(isBridged(a, b))
  })
})

test('half-open: one end knows and the other does not', (t) => {
  onStage(t, { topology: chain(2) }, ({ world, happen, isBridged }) => {
    happen({ kind: 'half-open', a: b, b: a })
    world.runFor(1)
    const bridges = (name: string) => world.broker(name).running.network.bridges
    t.is(bridges(b).get(a), undefined)
    t.truthy(bridges(a).get(b))
    world.settle()
    t.true(isBridged(a, b))
  })
})

test('quality: bytes take as long as the latency says', (t) => {
  onStage(t, topicAcross, (stage) => {
    const { world, happen } = stage
    const slowest = (): number => {
      const firstSeen = new Map<string, number>()
      const endMs = world.nowMs + 2_000
      let longestMs = 0
      while (world.nowMs < endMs) {
        world.runFor(5)
        for (const { key, deliveries, acceptedAtMs } of world.ledger.all()) {
          if (deliveries === 0 || firstSeen.has(key) || acceptedAtMs < endMs - 2_000) continue
          firstSeen.set(key, world.nowMs)
          longestMs = Math.max(longestMs, world.nowMs - acceptedAtMs)
        }
      }
      return longestMs
    }
    t.true(slowest() < 20)
    happen({ kind: 'quality', a, b, quality: { latencyMs: 200, jitterMs: 0 } })
    const longestMs = slowest()
    t.true(longestMs >= 200 && longestMs < 300, `${longestMs} ms`)
  })
})

test('quality: no more bytes get through than the width says', (t) => {
  const producers = [aProducer({ at: a, bodyBytes: 10_000 })]
  onStage(t, { ...topicAcross, producers }, (stage) => {
    t.true(deliveredIn(stage, 2_000) > 80)
    const quality = { bytesPerSecond: 100_000 }
    stage.happen({ kind: 'quality', a, b, quality })
    const count = deliveredIn(stage, 4_000)
    t.true(count > 20 && count < 45, `${count} of 200 messages`)
  })
})

test('quality: connections are reset at the mean rate that was asked for, until it is 0', (t) => {
  onStage(t, topicAcross, ({ world, happen }) => {
    const bridges = new Set<unknown>()
    const look = (spanMs: number): number => {
      bridges.clear()
      const endMs = world.nowMs + spanMs
      while (world.nowMs < endMs) {
        world.runFor(50)
        const bridge = world.broker(a).running.network.bridges.get(b)
        if (bridge !== undefined) bridges.add(bridge)
      }
      return bridges.size - 1
    }
    t.is(look(10_000), 0)
    happen({ kind: 'quality', a, b, quality: { resetsPerMinute: 20 } })
    const resets = look(60_000)
    t.true(resets >= 8 && resets <= 32, `${resets} resets in a minute`)
    happen({ kind: 'quality', a, b, quality: { resetsPerMinute: 0 } })
    world.settle()
    t.is(look(30_000), 0)
  })
})

test('a plan that says so resets connections from the time the network is at work', (t) => {
  const qualities = [{ resetsPerMinute: 30 }]
  onStage(t, { ...topicAcross, qualities }, ({ world, isBridged }) => {
    let breaks = 0
    let wasBridged = true
    for (let i = 0; i < 1_200; i += 1) {
      world.runFor(50)
      const is = isBridged(a, b)
      if (wasBridged && !is) breaks += 1
      wasBridged = is
    }
    t.true(breaks >= 10, `${breaks} breaks in a minute`)
  })
})

test('poison: the receiver closes the bridge, which comes back by itself', (t) => {
  for (const carrier of ['tcp', 'ws'] as const) {
    const topology = { ...chain(2), links: [{ ...chain(2).links[0]!, carrier }] }
    onStage(t, { ...topicAcross, topology, latencyMs: 100 }, ({ world, happen, isBridged }) => {
      const bridge = world.broker(b).running.network.bridges.get(a)
      happen({ kind: 'poison', from: a, to: b })
      t.false(world.isStable)
      world.runFor(150)
      t.not(world.broker(b).running.network.bridges.get(a), bridge)
      const { lines } = world.broker(b).logger
      t.true(lines.some(({ fields }) => /frame length is 4294967295/.test(JSON.stringify(fields))))
      world.settle()
      t.true(isBridged(a, b))
      t.not(world.broker(b).running.network.bridges.get(a), bridge)
    })
  }
})

test('an event for a link that does not exist is refused by name', (t) => {
  onStage(t, { topology: chain(3) }, ({ happen }) => {
    const message = 'chain-3 has no link a-c'
    for (const kind of ['cut', 'heal', 'reset', 'half-open'] as const) {
      t.throws(() => happen({ kind, a: 'a', b: 'c' }), { message })
    }
    t.throws(() => happen({ kind: 'poison', from: 'a', to: 'c' }), { message })
  })
})
