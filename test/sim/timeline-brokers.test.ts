// Events of the timeline that happen to brokers: each does what it says, and the judges stay quiet.

import test from 'ava'
import { chain, hubSpoke, ring } from '../../sim/topologies.ts'
import { aConsumer, aProducer, assertGood, plainSettings, runSmall } from './small-world.ts'
import { onStage, stageOf } from './timeline-world.ts'

const topicAcross = {
  topology: chain(3),
  producers: [aProducer({ at: 'a' })],
  consumers: [aConsumer({ at: 'c' })]
}
const destination = '/queue/q'

test('kill: neighbours are told at once and the memory is gone; start: it comes back', (t) => {
  onStage(t, topicAcross, ({ world, happen, isBridged }) => {
    happen({ kind: 'kill', broker: 'b' })
    t.false(world.broker('b').isUp)
    world.runFor(50)
    t.is(world.broker('a').running.network.bridges.get('b'), undefined)
    happen({ kind: 'start', broker: 'b' })
    world.runFor(2_000)
    t.true(isBridged('a', 'b'))
    t.is(world.broker('b').lifeCount, 2)
  })
})

test('power-off: neighbours find out by silence only', (t) => {
  onStage(t, topicAcross, ({ world, happen }) => {
    happen({ kind: 'power-off', broker: 'b' })
    t.false(world.broker('b').isUp)
    world.runFor(500)
    t.truthy(world.broker('a').running.network.bridges.get('b'))
    world.runFor(6_000)
    t.is(world.broker('a').running.network.bridges.get('b'), undefined)
  })
})

test('stop: it says goodbye first; start-all: everybody that is down comes back', (t) => {
  onStage(t, topicAcross, ({ world, happen }) => {
    happen({ kind: 'stop', broker: 'b' })
    happen({ kind: 'stop', broker: 'c' })
    t.true(world.broker('b').isStopping)
    world.runFor(5_000)
    t.deepEqual(
      world.upBrokers().map(({ name }) => name),
      ['a']
    )
    happen({ kind: 'start-all' })
    world.settle()
    t.is(world.upBrokers().length, 3)
  })
})

test('pause: a broker does nothing and others find out by silence; resume: it goes on', (t) => {
  onStage(t, topicAcross, ({ world, happen, isBridged, deliveries }) => {
    const paused = world.broker('b')
    happen({ kind: 'pause', broker: 'b' })
    world.runFor(10)
    const before = deliveries()
    const counters = paused.running.network.bridges.get('a')!.counters
    world.runFor(1_000)
    t.is(deliveries(), before)
    t.deepEqual(paused.running.network.bridges.get('a')!.counters, counters)
    t.truthy(world.broker('a').running.network.bridges.get('b'), 'nobody was told')
    world.runFor(6_000)
    t.is(world.broker('a').running.network.bridges.get('b'), undefined)
    // Others agree among themselves; what the frozen one believes does not count.
    world.settle()
    happen({ kind: 'resume', broker: 'b' })
    world.settle()
    t.true(isBridged('a', 'b'))
    t.is(paused.lifeCount, 1)
    world.runFor(2_000)
    t.true(deliveries() > before + 50)
  })
})

test('pause: the kernel takes connections and bytes, up to the window', (t) => {
  const producers = [aProducer({ at: 'b', destination, bodyBytes: 10_000 })]
  const consumers = [aConsumer({ at: 'b', destination })]
  onStage(t, { topology: chain(2), producers, consumers }, ({ world, happen }) => {
    world.runFor(100)
    happen({ kind: 'pause', broker: 'b' })
    const producer = world.producers.get('p')!
    const sent = producer.sent
    const taken = world.ledger.size
    world.runFor(2_000)
    // 128 KiB in the kernels and 64 KiB before the producer waits: some twenty messages.
    t.true(producer.sent - sent > 10 && producer.sent - sent < 40, `${producer.sent - sent} sent`)
    t.is(world.ledger.size, taken)
    const late = aConsumer({ name: 'late', at: 'b', destination })
    const { client } = { client: world.addConsumer(late) }
    world.runFor(500)
    t.false(client.isSubscribed)
    happen({ kind: 'resume', broker: 'b' })
    world.runFor(500)
    t.true(client.isSubscribed)
    t.true(world.ledger.size > taken)
  })
})

test('pause: shorter than the silence that ends a bridge it breaks nothing', (t) => {
  onStage(t, topicAcross, ({ world, happen }) => {
    const bridge = world.broker('a').running.network.bridges.get('b')
    happen({ kind: 'pause', broker: 'b' })
    world.runFor(1_500)
    happen({ kind: 'resume', broker: 'b' })
    world.runFor(2_000)
    t.is(world.broker('a').running.network.bridges.get('b'), bridge)
  })
})

test('stop: a frozen broker hears of it when it goes on', (t) => {
  onStage(t, topicAcross, ({ world, happen }) => {
    happen({ kind: 'pause', broker: 'b' })
    happen({ kind: 'stop', broker: 'b' })
    world.runFor(10_000)
    t.true(world.broker('b').isUp)
    happen({ kind: 'resume', broker: 'b' })
    world.runFor(5_000)
    t.false(world.broker('b').isUp)
  })
})

test('slow: a factor of 100 is felt by producers and in what crosses; 1 ends it', (t) => {
  const producers = [1, 2, 3].map((at) => aProducer({ name: `p${at}`, at: 'a', everyMs: 1 }))
  const consumers = [aConsumer({ at: 'c', ack: 'auto' })]
  const world = { ...topicAcross, producers, consumers }
  onStage(t, world, ({ world, happen }) => {
    const takenIn = (spanMs: number): number => {
      const { size } = world.ledger
      world.runFor(spanMs)
      return world.ledger.size - size
    }
    const before = takenIn(500)
    t.true(before > 1_200, `${before} taken`)
    happen({ kind: 'slow', broker: 'a', factor: 100 })
    world.runFor(500)
    const slow = takenIn(1_000)
    t.true(slow > 50 && slow < before * 1.4, `${slow} in a second, ${before} in half of one`)
    happen({ kind: 'slow', broker: 'a', factor: 1 })
    world.settle()
    world.runFor(1_000)
    const after = takenIn(500)
    t.true(after > before * 0.8, `${after} taken`)
  })
})

test('slow: it outlives the process, as a slow machine does', (t) => {
  onStage(t, topicAcross, ({ world, happen }) => {
    happen({ kind: 'slow', broker: 'b', factor: 100 })
    happen({ kind: 'kill', broker: 'b' })
    happen({ kind: 'start', broker: 'b' })
    t.is(world.broker('b').slowness, 100)
    world.settle()
  })
})

test('remove: a broker leaves for good, and nobody misses it', (t) => {
  const world = { ...topicAcross, topology: ring(4) }
  const result = onStage(t, world, ({ world, happen }) => {
    happen({ kind: 'remove', broker: 'b' })
    world.settle()
    t.false(world.broker('b').isUp)
    happen({ kind: 'start', broker: 'b' })
    happen({ kind: 'start-all' })
    t.false(world.broker('b').isUp)
    world.runFor(1_000)
  })
  t.false(result.world.broker('b').isUp)
  t.true(result.deliveries > 50)
})

test('remove: a consumer of a removed broker is not waited for, nor are messages for it', (t) => {
  const consumers = [aConsumer({ at: 's1', destination })]
  const producers = [aProducer({ at: 's2', destination })]
  onStage(t, { topology: hubSpoke(2), producers, consumers }, ({ world, happen }) => {
    world.runFor(500)
    happen({ kind: 'remove', broker: 's1' })
    world.runFor(3_000)
    t.true(world.samples().find(({ broker }) => broker === 's2')!.waiting > 50)
  })
})

test('clock-step: the wall clock of a broker jumps, and of all its lives to come', (t) => {
  onStage(t, topicAcross, ({ world, happen }) => {
    const wallMs = (name: string): number => world.broker(name).wallMs
    happen({ kind: 'clock-step', broker: 'b', byMs: -3_600_000 })
    t.is(wallMs('a') - wallMs('b'), 3_600_000)
    world.runFor(1_000)
    happen({ kind: 'kill', broker: 'b' })
    happen({ kind: 'start', broker: 'b' })
    t.is(wallMs('a') - wallMs('b'), 3_600_000)
    world.settle()
    world.runFor(500)
  })
})

test('clock-step: a broker that keeps nothing is out until others forget it', (t) => {
  const settings = { ...plainSettings, keepsId: false }
  onStage(t, { ...topicAcross, settings }, ({ world, happen, isBridged }) => {
    happen({ kind: 'clock-step', broker: 'b', byMs: -86_400_000 })
    happen({ kind: 'kill', broker: 'b' })
    happen({ kind: 'start', broker: 'b' })
    world.runFor(5_000)
    t.false(isBridged('a', 'b'))
    // Others forget it within two rounds of repair.
    world.runFor(60_000)
    world.settle()
    t.true(isBridged('a', 'b'))
  })
})

test('events that make no sense at the moment do nothing', (t) => {
  onStage(t, topicAcross, ({ world, happen }) => {
    t.true(world.isStable)
    const [a, b] = ['a', 'b']
    for (const broker of ['a', 'b']) {
      happen({ kind: 'start', broker })
      happen({ kind: 'resume', broker })
      happen({ kind: 'disk-ok', broker })
      happen({ kind: 'slow', broker, factor: 1 })
    }
    happen({ kind: 'start-all' })
    happen({ kind: 'heal-all' })
    happen({ kind: 'heal', a, b })
    happen({ kind: 'move', client: 'nobody', to: 'a', leaving: 'abrupt' })
    happen({ kind: 'drop-client', client: 'nobody' })
    happen({ kind: 'arrive', client: 'c' })
    t.true(world.isStable)
    happen({ kind: 'kill', broker: 'b' })
    world.settle()
    const { lifeCount } = world.broker('b')
    for (const kind of ['kill', 'stop', 'power-off', 'pause'] as const) happen({ kind, broker: b })
    happen({ kind: 'poison', from: 'a', to: 'b' })
    t.true(world.isStable)
    t.is(world.broker('b').lifeCount, lifeCount)
  })
})

test('an event for a broker that does not exist is a finding', (t) => {
  const result = runSmall({
    ...topicAcross,
    play: (world) => stageOf(world).happen({ kind: 'kill', broker: 'nobody' })
  })
  t.regex(result.complaints[0]!, /no broker is called "nobody"/)
  assertGood(t, runSmall(topicAcross))
})
