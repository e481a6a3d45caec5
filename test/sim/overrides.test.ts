// What a plan says of single brokers, and of brokers that come late.

import test from 'ava'
import { effectiveSettings } from '../../sim/effective-settings.ts'
import { chain, ring } from '../../sim/topologies.ts'
import { aConsumer, aProducer, assertComplaint, plainSettings, runSmall } from './small-world.ts'
import { onStage } from './timeline-world.ts'

const destination = '/queue/q'
const backlog = {
  topology: chain(2),
  producers: [
    aProducer({ at: 'a', destination, isPersistent: true }),
    aProducer({ name: 'p2', at: 'b', destination, isPersistent: true })
  ]
}

test('a broker is set to what all are, and on top to what is its own', (t) => {
  const { window } = plainSettings.network.bridges
  const found = effectiveSettings(plainSettings, {
    limits: { queueMessagesMax: 5 },
    stompLimits: { prefetchDefault: 7 },
    bridges: { pingMisses: 9 },
    hopsMax: 3,
    storeBytesMax: 1_000
  })
  t.is(found.limits.queueMessagesMax, 5)
  t.is(found.limits.refusalsMax, plainSettings.limits.refusalsMax)
  t.is(found.stompLimits.prefetchDefault, 7)
  t.is(found.stompLimits.connectionsMax, 10_000)
  t.is(found.network.bridges.pingMisses, 9)
  t.is(found.network.bridges.window, window)
  t.is(found.network.hopsMax, 3)
  t.is(found.storeBytesMax, 1_000)
  t.is(effectiveSettings(plainSettings).network.hopsMax, 32)
})

test('limits of one broker bound that broker only', (t) => {
  const overrides = { a: { limits: { queueMessagesMax: 20 } } }
  onStage(t, { ...backlog, plan: { overrides } }, ({ world }) => {
    world.runFor(3_000)
    const waiting = new Map(world.samples().map((sample) => [sample.broker, sample.waiting]))
    t.is(waiting.get('a'), 20)
    t.true(waiting.get('b')! > 100)
  })
})

test('bounded: a broker over a bound of its own is found out', (t) => {
  const overrides = { a: { limits: { queueMessagesMax: 20 } } }
  const result = runSmall({
    ...backlog,
    plan: { overrides },
    sabotage: ({ broker }) => {
      const publish = broker.publish.bind(broker)
      broker.publish = (message) => {
        publish(message)
        return undefined
      }
    }
  })
  assertComplaint(t, result, /^bounded: a: queue q holds \d+, over 2\d/)
})

test('STOMP limits of a broker are those of its listeners', (t) => {
  const overrides = { a: { stompLimits: { frameBytesMax: 1_000 } } }
  const producers = [
    aProducer({ at: 'a', bodyBytes: 2_000 }),
    aProducer({ name: 'p2', at: 'b', bodyBytes: 2_000 })
  ]
  const world = { topology: chain(2), producers, consumers: [aConsumer({ at: 'b' })] }
  onStage(t, { ...world, plan: { overrides } }, ({ world }) => {
    world.runFor(1_000)
    const origins = new Set([...world.ledger.all()].map(({ origin }) => origin))
    t.deepEqual([...origins], ['b'])
  })
})

test('pings of a broker come as often as it is set to', (t) => {
  const overrides = { a: { bridges: { pingIntervalMs: 200, pingMisses: 2 } } }
  onStage(t, { topology: chain(2), plan: { overrides } }, ({ world, happen }) => {
    happen({ kind: 'cut', a: 'a', b: 'b' })
    world.runFor(1_000)
    t.is(world.broker('a').running.network.bridges.get('b'), undefined)
    t.truthy(world.broker('b').running.network.bridges.get('a'))
  })
})

test('hop-bound: the bound of the broker that sends counts', (t) => {
  const overrides = { b: { hopsMax: 1 } }
  const result = runSmall({
    topology: chain(3),
    producers: [aProducer({ at: 'a' })],
    consumers: [aConsumer({ at: 'c' })],
    plan: { overrides },
    sabotage: (station) => {
      Object.assign(station.network.router, { isBeenThrough: () => false })
    }
  })
  assertComplaint(t, result, /^hop-bound: .* reached c over 2 bridges, 1 are allowed$/)
})

test('a store holds no more than a broker is given', (t) => {
  const overrides = { a: { storeBytesMax: 2_000 } }
  onStage(t, { ...backlog, plan: { overrides } }, ({ world }) => {
    world.runFor(2_000)
    t.true(world.broker('a').storeBytes <= 2_000)
    t.true(world.broker('b').storeBytes > 4_000)
  })
})

test('a late broker is not there, and nobody expects it, until it is started', (t) => {
  const overrides = { b: { isLate: true } }
  const world = {
    topology: ring(4),
    producers: [aProducer({ at: 'a' })],
    consumers: [aConsumer({ at: 'c' })],
    plan: { overrides }
  }
  const apart = onStage(t, world, ({ world, happen }) => {
    t.true(world.isStable)
    happen({ kind: 'start-all' })
    t.is(world.broker('b').lifeCount, 0)
    world.runFor(1_000)
  })
  t.false(apart.world.broker('b').isUp, 'the end does not bring it either')
  onStage(t, world, ({ world, happen, isBridged }) => {
    happen({ kind: 'start', broker: 'b' })
    world.settle()
    t.true(isBridged('a', 'b') && isBridged('b', 'c'))
    happen({ kind: 'kill', broker: 'b' })
    // Now it is one of the others, and comes back in the end as they do.
    happen({ kind: 'start-all' })
    t.true(world.broker('b').isUp)
  })
})
