// How runs end: healed, as they are, cut short, or with a complaint that names what is pending.

import test from 'ava'
import type { ScenarioPlan, SimEvent } from '../../sim/plan/index.ts'
import { playPlan } from '../../sim/play-timeline.ts'
import type { RunResult } from '../../sim/run-scenario.ts'
import { chain, ring } from '../../sim/topologies.ts'
import type { SimWorld } from '../../sim/world.ts'
import {
  aConsumer,
  aProducer,
  assertComplaint,
  assertGood,
  runSmall,
  type SmallWorld
} from './small-world.ts'

const destination = '/queue/q'
const queueAcross = {
  topology: chain(3),
  producers: [aProducer({ at: 'a', destination })],
  consumers: [aConsumer({ at: 'c', destination })]
}

/** Plays a timeline of events, half a second after each other, to the end of the plan. */
function play(small: SmallWorld, events: SimEvent[], plan: Partial<ScenarioPlan>): RunResult {
  const timeline = events.map((event) => ({ afterMs: 500, event }))
  return runSmall({ ...small, play: playPlan, plan: { timeline, thenMs: 1_000, ...plan } })
}

function waitingAt({ world }: RunResult, broker: string): number {
  return world.samples().find((sample) => sample.broker === broker)!.waiting
}

test('healed: everything is started, whole, as good and as fast as planned, and delivered', (t) => {
  const quality = { latencyMs: 50, bytesPerSecond: 2_000, resetsPerMinute: 60 }
  const result = play(
    queueAcross,
    [
      { kind: 'quality', a: 'a', b: 'b', quality },
      { kind: 'kill', broker: 'c' },
      { kind: 'cut', a: 'a', b: 'b' },
      { kind: 'slow', broker: 'a', factor: 50 },
      { kind: 'pause', broker: 'b' },
      { kind: 'disk-full', broker: 'a' }
    ],
    { ending: 'heal' }
  )
  assertGood(t, result)
  const { world } = result
  t.is(world.upBrokers().length, 3)
  t.is(world.broker('a').slowness, 1)
  t.false(world.broker('a').hasBadDisk)
  t.deepEqual(world.links.cut(), [])
  const { bytesPerSecond, latencyMs } = world.network.path('a', 'b').quality
  t.deepEqual([bytesPerSecond, latencyMs], [Infinity, 0.2])
  t.is(waitingAt(result, 'a'), 0)
})

test('as-is: nothing is healed, and what waits for what is cut off is no fault', (t) => {
  const result = play(queueAcross, [{ kind: 'cut', a: 'b', b: 'c' }], { ending: 'as-is' })
  assertGood(t, result)
  t.is(result.world.links.cut().length, 1)
  t.true(waitingAt(result, 'a') + waitingAt(result, 'b') > 40)
  t.false(result.world.isCutShort)
})

test('as-is: brokers that are down stay so, and what died with them is excused', (t) => {
  for (const kind of ['kill', 'stop', 'power-off', 'disk-loss'] as const) {
    const result = play(queueAcross, [{ kind, broker: 'b' }], { ending: 'as-is' })
    assertGood(t, result)
    t.false(result.world.broker('b').isUp, kind)
  }
})

test('as-is: what a frozen broker holds is frozen, not lost', (t) => {
  const topics = {
    topology: ring(4),
    producers: [aProducer({ at: 'a' }), aProducer({ name: 'p2', at: 'a', destination })],
    consumers: [aConsumer({ at: 'c' }), aConsumer({ name: 'c2', at: 'c', destination })]
  }
  for (const broker of ['a', 'b', 'c']) {
    const result = play(topics, [{ kind: 'pause', broker }], { ending: 'as-is' })
    assertGood(t, result)
    t.true(result.world.broker(broker).isPaused)
  }
})

test('as-is: a slow broker has the time it needs', (t) => {
  const events: SimEvent[] = [{ kind: 'slow', broker: 'b', factor: 3_000 }]
  const result = play(queueAcross, events, { ending: 'as-is' })
  assertGood(t, result)
  t.is(waitingAt(result, 'a') + waitingAt(result, 'b'), 0)
  t.is(result.deliveries, result.messages)
})

test('as-is: a message that could be delivered and is not is a fault', (t) => {
  const result = play(
    {
      ...queueAcross,
      sabotage: (station, broker) => {
        if (broker === 'a') station.network.onQueueAdded = () => {}
      }
    },
    [],
    { ending: 'as-is' }
  )
  assertComplaint(t, result, /^no-stuck: nothing new was delivered for 1\d{5} ms, and a: \d+ mess/)
})

test('as-is: an end that comes while messages move is cut short, and nobody is blamed', (t) => {
  const consumers = [aConsumer({ at: 'c', destination, prefetch: 1, workMs: 2_000 })]
  const result = play({ ...queueAcross, consumers }, [], { ending: 'as-is', drainMsMax: 20_000 })
  assertGood(t, result)
  t.true(result.world.isCutShort)
  t.true(waitingAt(result, 'c') + waitingAt(result, 'a') > 10)
})

test('as-is: links that are reset again and again do not keep it from its end', (t) => {
  const qualities = [{ resetsPerMinute: 60 }, { resetsPerMinute: 60 }]
  const result = play({ ...queueAcross, qualities }, [], { ending: 'as-is' })
  assertGood(t, result)
})

test('a full queue that nobody takes from holds its producers back, and that is no fault', (t) => {
  const overrides = { a: { limits: { queueMessagesMax: 20 } } }
  for (const ending of ['as-is', 'heal'] as const) {
    const result = play({ ...queueAcross, consumers: [] }, [], { ending, overrides })
    assertGood(t, result)
    t.true(waitingAt(result, 'a') >= 20 && waitingAt(result, 'a') <= 21)
  }
})

test('a network that never comes to rest ends with a complaint that names what is pending', (t) => {
  const sabotage: SmallWorld['sabotage'] = ({ network }, _name, world) => {
    const onBridgeUp = network.onBridgeUp.bind(network)
    network.onBridgeUp = (bridge) => {
      onBridgeUp(bridge)
      const delayMs = Math.max(1, 5_000 - world.nowMs)
      world.scheduler.after(delayMs, () => bridge.close('withdrawn', 'flapping'))
    }
  }
  for (const ending of ['as-is', 'heal'] as const) {
    const result = play({ ...queueAcross, sabotage }, [], { ending, thenMs: 6_000 })
    assertComplaint(t, result, /^liveness: .*\w has no bridge to \w/)
    t.true(result.virtualMs < 200_000)
  }
})

test('stable phases begin by themselves if the plan says so', (t) => {
  const stable: number[] = []
  const watch = (world: SimWorld) => [{ onStable: () => void stable.push(world.nowMs) }]
  const events: SimEvent[] = [
    { kind: 'cut', a: 'a', b: 'b' },
    { kind: 'heal', a: 'a', b: 'b' }
  ]
  const run = (isAutoSettling: boolean): RunResult => {
    stable.length = 0
    const timeline = events.map((event) => ({ afterMs: 10_000, event }))
    const plan = { timeline, thenMs: 10_000, isAutoSettling }
    return runSmall({ ...queueAcross, watch, play: playPlan, plan })
  }
  const result = run(true)
  assertGood(t, result)
  // At the start, apart, together again.
  t.is(stable.length, 3)
  t.true(stable[1]! > 10_000 && stable[1]! < 17_000, `apart at ${stable[1]}`)
  t.true(stable[2]! > 20_000 && stable[2]! < 25_000, `together at ${stable[2]}`)
  assertGood(t, run(false))
  t.is(stable.length, 2)
})
