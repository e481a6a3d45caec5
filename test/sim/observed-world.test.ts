// What those who measure see of a simulated world.

import test from 'ava'
import type { BrokerSample } from '../../sim/report/observed-world.ts'
import { chain, hubSpoke, mesh } from '../../sim/topologies.ts'
import { aConsumer, aProducer, plainSettings } from './small-world.ts'
import { onStage, type Stage } from './timeline-world.ts'

function sampleOf({ world }: Stage, broker: string): BrokerSample {
  return world.samples().find((sample) => sample.broker === broker)!
}

test('samples tell what waits in queues, deepest first, and what is stored', (t) => {
  const producers = Array.from({ length: 12 }, (_, at) =>
    aProducer({ name: `p${at}`, at: 'a', destination: `/queue/q${at}`, everyMs: 20 + 10 * at })
  )
  const persistent = producers.map((plan) => ({ ...plan, isPersistent: true }))
  onStage(t, { topology: chain(2), producers: persistent }, (stage) => {
    stage.world.runFor(2_000)
    const { waiting, waitingBytes, storeBytes, queues, isUp } = sampleOf(stage, 'a')
    t.true(isUp)
    t.is(waiting, stage.world.ledger.size)
    t.true(waitingBytes > waiting * 50)
    t.true(storeBytes > waiting * 40)
    t.is(queues.length, 10)
    t.is(queues[0]!.queue, 'q0')
    const depths = queues.map(({ messages }) => messages)
    t.deepEqual(
      depths,
      [...depths].sort((a, b) => b - a)
    )
    t.deepEqual(sampleOf(stage, 'b').queues, [])
  })
})

test('samples tell what waits for subscriptions of topics and for acknowledgements', (t) => {
  const consumers = [aConsumer({ at: 'a', prefetch: 1, workMs: 10_000 })]
  const producers = [aProducer({ at: 'a' })]
  onStage(t, { topology: chain(2), producers, consumers }, (stage) => {
    stage.world.runFor(1_000)
    t.true(sampleOf(stage, 'a').waiting > 30)
    stage.happen({ kind: 'leave', client: 'c', leaving: 'orderly' })
  })
})

test('samples tell what waits in channels of bridges, and what is parked', (t) => {
  const consumers = [aConsumer({ at: 'b' })]
  const producers = [aProducer({ at: 'a' })]
  onStage(t, { topology: chain(2), producers, consumers }, (stage) => {
    stage.happen({ kind: 'cut', a: 'a', b: 'b' })
    stage.world.runFor(1_000)
    const inChannel = sampleOf(stage, 'a')
    t.true(inChannel.waiting > 30 && inChannel.waitingBytes > 30 * 50)
    t.is(stage.world.broker('a').running.network.parking.length, 0)
    stage.world.runFor(8_000)
    t.true(stage.world.broker('a').running.network.parking.length > 100)
    t.true(sampleOf(stage, 'a').waiting > inChannel.waiting)
  })
})

test('samples count what crosses bridges, and know a broker that is down', (t) => {
  const producers = [aProducer({ at: 's1' })]
  const consumers = [aConsumer({ at: 's2' })]
  onStage(t, { topology: hubSpoke(2), producers, consumers }, (stage) => {
    stage.world.runFor(1_000)
    const { bridges } = sampleOf(stage, 'hub')
    t.deepEqual(bridges.map(({ peer }) => peer).sort(), ['s1', 's2'])
    const toS2 = bridges.find(({ peer }) => peer === 's2')!
    t.true(toS2.messagesSent > 30 && toS2.bytesSent > 30 * 50)
    t.is(bridges.find(({ peer }) => peer === 's1')!.messagesSent, 0)
    stage.happen({ kind: 'kill', broker: 'hub' })
    t.deepEqual(sampleOf(stage, 'hub'), {
      ...{ broker: 'hub', isUp: false, waiting: 0, waitingBytes: 0, storeBytes: 0 },
      ...{ queues: [], bridges: [] }
    })
  })
})

test('time counts from when the network was at work', (t) => {
  onStage(t, { topology: chain(2) }, ({ world }) => {
    t.is(world.atWorkMs, world.nowMs)
    const { atWorkMs } = world
    world.runFor(1_000)
    world.settle()
    t.is(world.atWorkMs, atWorkMs)
  })
})

test('a network of twenty brokers, each joined to each, starts, works and ends', (t) => {
  const topology = mesh(20)
  const producers = [aProducer({ at: topology.brokers[0]!, everyMs: 100 })]
  const consumers = [aConsumer({ at: topology.brokers[19]! })]
  const settings = plainSettings
  const result = onStage(t, { topology, producers, consumers, settings }, ({ world }) => {
    world.runFor(1_000)
    t.is(world.samples().length, 20)
  })
  t.true(result.deliveries > 5)
})
