// What became of each message: one fate each, and together all that was taken.

import test, { type ExecutionContext } from 'ava'
import type { DestinationReport, Fates, Report } from '../../../sim/report/report.ts'
import { drawPlan } from '../../../sim/run-scenario.ts'
import { randomFaults } from '../../../sim/scenarios/index.ts'
import { chain } from '../../../sim/topologies.ts'
import { aConsumer, aProducer, plainSettings } from '../small-world.ts'
import { MadeUpWorld } from './made-up-world.ts'
import { aPlan, record, step } from './observed.ts'

const queue = '/queue/orders'
const topic = '/topic/prices'

test('a queue without consumers keeps all it took, and says where', (t) => {
  const { report } = record(
    aPlan({ topology: chain(2), producers: [aProducer({ at: 'a', destination: queue })] })
  )
  const { accepted } = assertFates(t, report, { waiting: report.destinations[0]!.accepted })
  t.true(accepted > 200)
  const [a, b] = report.brokers
  // Some came before the network was at work: they wait as well, and are not counted as taken.
  const { waiting } = a!
  t.true(waiting >= accepted && waiting < accepted + 10)
  t.deepEqual(a!.waitingIn, [{ queue: 'orders', messages: waiting }])
  t.is(a!.peakBacklog, waiting)
  t.is(b!.waiting, 0)
  t.is(report.destinations[0]!.longestGapMs, 0, 'nobody waits for them')
})

test('what waits in a broker without a disk dies with it', (t) => {
  const { report } = record(
    aPlan({
      topology: chain(2),
      producers: [aProducer({ at: 'a', destination: queue, everyMs: 50 })],
      consumers: [aConsumer({ at: 'a', destination: queue, prefetch: 1, workMs: 200 })],
      timeline: [
        step(4_000, { kind: 'kill', broker: 'a' }),
        step(500, { kind: 'start', broker: 'a' })
      ],
      thenMs: 500
    })
  )
  const [{ fates, accepted }] = report.destinations as [DestinationReport]
  assertSum(t, report)
  // 20 a second come, 5 go: after 4 seconds some 60 wait.
  t.true(fates.diedWithBroker > 40 && fates.diedWithBroker < 70, `${fates.diedWithBroker}`)
  t.is(fates.lost, 0)
  t.is(fates.delivered + fates.diedWithBroker, accepted)
})

test('expired messages are found by the reason the broker gave', (t) => {
  const world = new MadeUpWorld(queue)
  world.subscribe('c')
  const [first, second] = [world.accept(), world.accept()]
  world.pass(100)
  world.deliver(first)
  world.giveUp(second, 'a', 'expired')
  assertFates(t, world.finish(), { delivered: 1, expired: 1 })
})

test('what is given up is counted by reason, most frequent first', (t) => {
  const world = new MadeUpWorld(topic)
  world.subscribe('c')
  world.subscribe('d')
  for (const reason of ['no-route', 'bridge-full', 'no-route'])
    world.giveUp(world.accept(), 'a', reason)
  const { reasons } = assertFates(t, world.finish(), { givenUp: 6 })
  t.deepEqual(reasons, [
    { reason: 'no-route', count: 4 },
    { reason: 'bridge-full', count: 2 }
  ])
})

test('a topic message too large for the way on is given up for that reason', (t) => {
  const { network } = plainSettings
  const settings = {
    ...plainSettings,
    network: { ...network, bridges: { ...network.bridges, frameBytesMax: 66_000 } }
  }
  const { report } = record(
    aPlan({
      topology: chain(2),
      settings,
      producers: [aProducer({ at: 'a', destination: topic, bodyBytes: 70_000, everyMs: 200 })],
      consumers: [aConsumer({ at: 'b', destination: topic })],
      thenMs: 1_000
    })
  )
  const { accepted, reasons } = report.destinations[0]!
  t.true(accepted > 0)
  assertFates(t, report, { givenUp: accepted })
  t.deepEqual(reasons, [{ reason: 'too-large', count: accepted }])
})

test('a message that is given up concerns only subscriptions it was held for', (t) => {
  const world = new MadeUpWorld(topic)
  world.subscribe('c')
  world.subscribe('d')
  const message = world.accept()
  world.deliver(message, { consumer: 'c' })
  world.giveUp(message, 'b', 'slow-consumer')
  assertFates(t, world.finish(), { delivered: 1, waiting: 0, lost: 1 })
  const other = new MadeUpWorld(topic)
  other.subscribe('c')
  other.subscribe('d')
  const one = other.accept()
  other.deliver(one, { consumer: 'c' })
  other.giveUp(one, 'a', 'no-route')
  assertFates(t, other.finish(), { delivered: 1, givenUp: 1 })
})

test('subscribers that leave, or that nobody knew of, are told apart from losses', (t) => {
  const world = new MadeUpWorld(topic)
  world.subscribe('c')
  world.accept()
  world.unsubscribe('c')
  world.subscribe('d')
  world.accept(false)
  world.accept()
  const { reasons } = assertFates(t, world.finish(), { subscriberLeft: 1, givenUp: 1, lost: 1 })
  t.deepEqual(reasons, [{ reason: 'not-known-yet', count: 1 }])
})

test('one topic message that is parked for two subscribers waits twice, and hides no loss', (t) => {
  const world = new MadeUpWorld(topic)
  world.subscribe('c')
  world.subscribe('d')
  world.accept()
  world.parks('a', 1)
  assertFates(t, world.finish(), { waiting: 2 })

  const other = new MadeUpWorld(topic)
  other.subscribe('c')
  other.subscribe('d')
  other.accept()
  other.accept()
  other.parks('a', 1)
  assertFates(t, other.finish(), { waiting: 2, lost: 2 })
})

test('in a run that is called off, what is not accounted for may be on its way', (t) => {
  const world = new MadeUpWorld(queue)
  world.subscribe('c')
  const [first, second] = [world.accept(), world.accept()]
  world.accept()
  world.deliver(first)
  world.giveUp(second, 'a', 'expired')
  const report = world.finish({ wasCalledOff: true })
  assertFates(t, report, { delivered: 1, expired: 1, waiting: 1 })
  t.true(report.wasCalledOff)
})

test('what nobody got and nobody holds is lost', (t) => {
  const world = new MadeUpWorld(queue)
  for (let i = 0; i < 5; i += 1) world.accept()
  world.holds('a', 'orders', 3)
  assertFates(t, world.finish(), { waiting: 3, lost: 2 })
})

test('what a consumer has not acknowledged is no hiding place for a loss', (t) => {
  const world = new MadeUpWorld(queue)
  world.subscribe('c')
  world.deliver(world.accept())
  world.accept()
  world.holds('b', 'orders', 1)
  assertFates(t, world.finish(), { delivered: 1, lost: 1 })
})

test('a refused message has the fate of a dead letter, read or not', (t) => {
  const world = new MadeUpWorld(queue)
  world.subscribe('c')
  const [refused, read] = [world.accept(), world.accept()]
  for (const message of [refused, read]) {
    world.deliver(message)
    world.recorder.onDeadLettered(message, 'b')
  }
  world.deliver(read, { consumer: 'd' })
  world.holds('b', 'DLQ', 1)
  const { duplicates, deliveries } = assertFates(t, world.finish(), { deadLettered: 2 })
  t.deepEqual({ duplicates, deliveries }, { duplicates: 0, deliveries: 2 })
})

test('dead letters nobody told of are found in their queue', (t) => {
  const world = new MadeUpWorld(queue)
  world.subscribe('c')
  const [refused, taken] = [world.accept(), world.accept()]
  world.deliver(refused)
  world.deliver(taken)
  world.acknowledge(taken)
  world.holds('b', 'DLQ', 1)
  assertFates(t, world.finish(), { delivered: 1, deadLettered: 1 })
})

test('a message that comes after it was taken for gone is delivered all the same', (t) => {
  const world = new MadeUpWorld(queue)
  world.subscribe('c')
  const message = world.accept()
  world.giveUp(message, 'a', 'no-route')
  world.pass(100_000)
  world.deliver(message)
  const { reasons, latencyMs } = assertFates(t, world.finish(), { delivered: 1, late: 1 })
  t.deepEqual(reasons, [])
  t.is(latencyMs.max, 100_000)
})

test('what was taken before the network was at work does not count', (t) => {
  const world = new MadeUpWorld(queue)
  world.subscribe('c')
  world.nowMs = 900
  const early = world.accept()
  world.nowMs = 1_100
  world.deliver(early)
  t.deepEqual(world.finish().destinations, [])
})

test('what was taken earlier and still waits hides no loss', (t) => {
  const world = new MadeUpWorld(queue)
  world.nowMs = 900
  world.accept()
  world.nowMs = 1_100
  world.accept()
  world.holds('a', 'orders', 1)
  assertFates(t, world.finish(), { lost: 1 })
})

test('memory is needed only for messages whose fate is open', (t) => {
  const world = new MadeUpWorld(topic)
  world.subscribe('c')
  world.subscribe('d')
  const open = (): number => Reflect.get(world.recorder, 'fates').size
  for (let i = 0; i < 100; i += 1) {
    const message = world.accept()
    world.deliver(message, { consumer: 'c' })
    if (i % 2 === 0) world.deliver(message, { consumer: 'd' })
  }
  t.is(open(), 50)
  world.crash('a')
  world.pass(61_000)
  t.is(open(), 0)
  assertFates(t, world.finish(), { delivered: 150, diedWithBroker: 50 })
})

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`fates add up to what was taken under random faults, seed ${seed}`, (t) => {
    const { report, result } = record(drawPlan(randomFaults('random'), seed), seed)
    t.deepEqual([...result.complaints], [])
    assertSum(t, report)
    for (const { destination, fates } of report.destinations) t.is(fates.lost, 0, destination)
    const delivered = report.brokers.reduce((sum, broker) => sum + broker.delivered, 0)
    const deliveries = report.destinations.reduce((sum, one) => sum + one.deliveries, 0)
    t.is(delivered, deliveries)
    t.true(deliveries > 0)
    for (const { messagesToA, messagesToB, downMs } of report.bridges) {
      t.true(messagesToA >= 0 && messagesToB >= 0)
      t.true(downMs >= 0 && downMs <= report.runMs)
    }
  })
}

const none: Fates = {
  ...{ delivered: 0, late: 0, waiting: 0, expired: 0, deadLettered: 0 },
  ...{ givenUp: 0, diedWithBroker: 0, subscriberLeft: 0, lost: 0 }
}

/** The only destination has these fates and no others. */
function assertFates(
  t: ExecutionContext,
  report: Report,
  fates: Partial<Fates>
): DestinationReport {
  t.is(report.destinations.length, 1)
  const [only] = report.destinations
  t.deepEqual(only!.fates, { ...none, ...fates })
  assertSum(t, report)
  return only!
}

/** Each message of a queue has one fate. */
function assertSum(t: ExecutionContext, { destinations }: Report): void {
  for (const { destination, accepted, fates } of destinations) {
    const { late, ...others } = fates
    t.true(late <= fates.delivered)
    const values = Object.values(others)
    t.true(values.every((count) => count >= 0))
    if (!destination.startsWith('/queue/')) continue
    t.is(
      values.reduce((sum, count) => sum + count, 0),
      accepted,
      destination
    )
  }
}
