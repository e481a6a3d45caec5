// Whole runs of small networks: figures against what must be.

import test from 'ava'
import type { ScenarioPlan } from '../../../sim/plan/index.ts'
import { chain, hubSpoke, ring, type SimTopology } from '../../../sim/topologies.ts'
import { aConsumer, aProducer } from '../small-world.ts'
import { MadeUpWorld } from './made-up-world.ts'
import { aPlan, record, step } from './observed.ts'

const queue = '/queue/orders'

test('a healthy chain: all is delivered, at the pace it was sent, over both bridges', (t) => {
  const { report } = record(
    aPlan({
      topology: chain(3),
      qualities: [{ latencyMs: 10 }, { latencyMs: 20 }],
      producers: [aProducer({ at: 'a', destination: queue, bodyBytes: 200 })],
      consumers: [aConsumer({ at: 'c', destination: queue })],
      thenMs: 10_000
    })
  )
  const { destinations, brokers, bridges, series, faults, endedMs, runMs } = report
  t.is(destinations.length, 1)
  const { accepted, deliveries, fates, latencyMs, longestGapMs } = destinations[0]!
  t.true(accepted > 450 && accepted < 550, `${accepted} at 50 a second`)
  t.is(fates.delivered, accepted)
  t.is(deliveries, accepted)
  t.is(fates.late + fates.lost + fates.waiting, 0)
  t.is(latencyMs.count, accepted)
  t.true(latencyMs.p50 >= 30 && latencyMs.max < 45, JSON.stringify(latencyMs))
  t.true(longestGapMs > 20 && longestGapMs < 80, `${longestGapMs}`)
  t.is(endedMs, 10_000)
  t.true(runMs > endedMs)
  t.deepEqual(faults, [])
  t.is(brokers[0]!.accepted, accepted)
  t.is(brokers[2]!.delivered, accepted)
  for (const { messagesToB, messagesToA, bytesToB, downMs, bridgesMade } of bridges) {
    // What was sent before the network was at work may cross after it.
    t.true(messagesToB >= accepted && messagesToB < accepted + 5)
    t.is(messagesToA, 0)
    t.true(bytesToB > accepted * 200)
    t.deepEqual({ downMs, bridgesMade }, { downMs: 0, bridgesMade: 1 })
  }
  const seconds = series.atMs.map((end, at) => (end - (series.atMs[at - 1] ?? 0)) / 1_000)
  const total = (rates: readonly number[]): number =>
    Math.round(rates.reduce((sum, rate, at) => sum + rate * seconds[at]!, 0))
  t.is(total(series.accepted), accepted)
  t.is(total(series.delivered), accepted)
  t.is(series.atMs.at(-1), runMs)
  t.true(series.atMs.length > 200 && series.atMs.length <= 400)
  for (const values of Object.values(series.backlog)) t.is(values.length, series.atMs.length)
})

test('a broker that is killed and started: noticed, and down as long as it was', (t) => {
  const { report } = record(
    aPlan({
      topology: hubSpoke(2),
      producers: [aProducer({ at: 's1', destination: queue })],
      consumers: [aConsumer({ at: 's2', destination: queue })],
      timeline: [
        step(3_000, { kind: 'kill', broker: 'hub' }),
        step(4_000, { kind: 'start', broker: 'hub' })
      ],
      faults: [{ text: 'kill hub', fromMs: 3_000, toMs: 7_000, brokers: ['hub'] }]
    })
  )
  const [fault] = report.faults
  t.true(fault!.detectMs! > 0 && fault!.detectMs! < 50, `${fault!.detectMs}`)
  t.is(fault!.rerouteMs, undefined, 'there is no other way')
  t.true(fault!.recoverMs! > 0 && fault!.recoverMs! < 5_000, `${fault!.recoverMs}`)
  const [{ fates, longestGapMs }] = report.destinations as [(typeof report.destinations)[number]]
  t.true(fates.late > 100, `${fates.late} of some 200 that were sent meanwhile`)
  t.true(longestGapMs > 4_000 && longestGapMs < 8_000, `${longestGapMs}`)
  const [hub, s1] = report.brokers
  t.true(hub!.downMs >= 4_000 && hub!.downMs < 6_000, `${hub!.downMs}`)
  t.true(s1!.downMs >= 4_000, 'nobody is in reach of it')
  t.true(s1!.peakBacklog > 100)
  t.true(s1!.peakBacklogAtMs > 6_000 && s1!.peakBacklogAtMs < 9_000)
  for (const { bridgesMade } of report.bridges) t.is(bridgesMade, 2)
})

test('a cut link without another way: silence is noticed, and what came late recovers', (t) => {
  const { report } = record(cutPlan(chain(2), { a: 'a', b: 'b' }))
  const [fault] = report.faults
  t.true(fault!.detectMs! > 500 && fault!.detectMs! < 6_000, `${fault!.detectMs}`)
  t.is(fault!.rerouteMs, undefined)
  t.true(fault!.recoverMs! > 0 && fault!.recoverMs! < 5_000, `${fault!.recoverMs}`)
  const [bridge] = report.bridges
  t.true(bridge!.downMs > 8_000 - fault!.detectMs! - 100, `${bridge!.downMs}`)
  t.is(report.destinations[0]!.fates.lost, 0)
})

test('a cut link with another way: served again once it is noticed, not before', (t) => {
  const { report } = record(cutPlan(ring(4), { a: 'a', b: 'b' }))
  const [fault] = report.faults
  t.true(fault!.rerouteMs! >= fault!.detectMs!, JSON.stringify(fault))
  t.true(fault!.rerouteMs! < 8_000)
  const others = report.bridges.filter(({ a, b }) => `${a}${b}` !== 'ab')
  for (const { messagesToA, messagesToB } of others) t.true(messagesToA + messagesToB > 50)
})

test('a fault beside the way of all messages has nothing to re-route or to recover', (t) => {
  const plan = cutPlan(ring(4), { a: 'c', b: 'd' })
  const [fault] = record(plan).report.faults
  t.true(fault!.detectMs! > 0)
  t.is(fault!.rerouteMs, undefined)
  t.is(fault!.recoverMs, 0)
})

test('a fault that nobody notices is not detected', (t) => {
  const plan = cutPlan(chain(2), { a: 'a', b: 'b' }, 200)
  const [fault] = record(plan).report.faults
  t.is(fault!.detectMs, undefined)
  t.true(fault!.recoverMs! >= 0)
})

test('a message that should have found another way counts until the end', (t) => {
  const span = { text: 'kill x', fromMs: 2_000, toMs: undefined, brokers: ['b'] }
  const world = new MadeUpWorld('/queue/q', { faults: [span] })
  world.subscribe('c')
  world.pass(1_500)
  world.deliver(world.accept())
  world.pass(600)
  world.accept()
  world.pass(3_000)
  const [fault] = world.finish().faults
  t.is(fault!.rerouteMs, 3_100)
})

test('copies are counted, and those without a mark apart', (t) => {
  const world = new MadeUpWorld('/topic/t')
  world.subscribe('c')
  const [one, two, three] = [world.accept(), world.accept(), world.accept()]
  world.deliver(one)
  world.deliver(one, { isRedelivered: true })
  world.deliver(three)
  world.deliver(two)
  world.deliver(two)
  const [only] = world.finish().destinations
  const { duplicates, unmarkedDuplicates, outOfOrder, deliveries } = only!
  t.deepEqual(
    { duplicates, unmarkedDuplicates, outOfOrder, deliveries },
    { duplicates: 2, unmarkedDuplicates: 1, outOfOrder: 1, deliveries: 5 }
  )
})

test('of two copies of a queue message one may be without a mark, whichever comes first', (t) => {
  const world = new MadeUpWorld('/queue/q')
  world.subscribe('c')
  const message = world.accept()
  world.deliver(message, { isRedelivered: true })
  world.deliver(message)
  const [only] = world.finish().destinations
  t.is(only!.duplicates, 1)
  t.is(only!.unmarkedDuplicates, 0)
})

test('the longest gap is time in which something was due', (t) => {
  const world = new MadeUpWorld('/queue/q')
  world.subscribe('c')
  world.deliver(world.accept())
  world.pass(5_000)
  const message = world.accept()
  world.pass(700)
  world.deliver(message)
  world.pass(9_000)
  t.is(world.finish().destinations[0]!.longestGapMs, 700)
})

test('a run that lasts much longer than planned has slices of twice the length', (t) => {
  const world = new MadeUpWorld('/queue/q', { thenMs: 1_000 })
  world.subscribe('c')
  for (let i = 0; i < 300; i += 1) {
    world.deliver(world.accept())
    world.pass(1_000)
  }
  const { series, runMs } = world.finish()
  t.is(runMs, 300_000)
  t.true(series.atMs.length >= 200 && series.atMs.length <= 400, `${series.atMs.length}`)
  const intervalMs = series.atMs[0]!
  const sum = series.accepted.reduce((total, rate) => total + (rate * intervalMs) / 1_000, 0)
  t.true(Math.abs(sum - 300) < 1, `${sum}`)
})

test('the same seed gives the same report', (t) => {
  const plan = cutPlan(ring(4), { a: 'a', b: 'b' })
  t.deepEqual(record(plan, 3).report, record(plan, 3).report)
})

/** Producer at a, consumer at b; a link is cut from the second second on, for eight. */
function cutPlan(
  topology: SimTopology,
  { a, b }: { a: string; b: string },
  spanMs = 8_000
): ScenarioPlan {
  return aPlan({
    topology,
    producers: [aProducer({ at: 'a', destination: queue })],
    consumers: [aConsumer({ at: 'b', destination: queue })],
    timeline: [step(2_000, { kind: 'cut', a, b }), step(spanMs, { kind: 'heal', a, b })],
    faults: [{ text: `cut ${a}-${b}`, fromMs: 2_000, toMs: 2_000 + spanMs, brokers: [a, b] }]
  })
}
