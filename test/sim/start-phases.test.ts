// Brokers that start at times of their own ping at times of their own, and so notice at different
// times what fails at one instant.

import test from 'ava'
import { playEvent, startPlan } from '../../sim/play-timeline.ts'
import { hubSpoke } from '../../sim/topologies.ts'
import type { SimWorld } from '../../sim/world.ts'
import { assertGood, runSmall } from './small-world.ts'

const spokes = 8

interface Seen {
  /** When each broker started. */
  readonly startsMs: readonly number[]
  /** How long after the cut each bridge of the hub went down. */
  readonly noticedMs: readonly number[]
}

/** Cuts all links of a hub at a whole second and sees what its brokers make of it. */
function cutAll(t: Parameters<typeof assertGood>[0], startSpreadMs: number, seed = 1): Seen {
  const topology = hubSpoke(spokes)
  const startsMs: number[] = []
  const noticedMs: number[] = []
  let cutAtMs = Number.POSITIVE_INFINITY
  const result = runSmall({
    topology,
    seed,
    latencyMs: 1,
    plan: startSpreadMs === 0 ? {} : { startSpreadMs },
    sabotage: (_station, _name, world) => startsMs.push(world.nowMs),
    watch: (world: SimWorld) => [
      {
        onBridge(broker, _peer, isUp) {
          const isFirst = noticedMs.length < spokes
          if (broker === 'hub' && !isUp && isFirst) noticedMs.push(world.nowMs - cutAtMs)
        }
      }
    ],
    play(world, plan) {
      startPlan(world, plan)
      world.runFor(Math.ceil(world.nowMs / 1_000) * 1_000 + 2_000 - world.nowMs)
      cutAtMs = world.nowMs
      for (const { a, b } of topology.links) playEvent(world, { kind: 'cut', a, b })
      world.runFor(8_000)
      playEvent(world, { kind: 'heal-all' })
      world.finish(plan)
    }
  })
  assertGood(t, result)
  return { startsMs, noticedMs }
}

test('brokers with a spread start within it, each at a time of its own, the same each run', (t) => {
  const { startsMs } = cutAll(t, 1_000)
  t.is(new Set(startsMs).size, spokes + 1)
  t.true(startsMs.every((ms) => ms >= 0 && ms <= 1_000))
  t.deepEqual(cutAll(t, 1_000).startsMs, startsMs)
  t.notDeepEqual(cutAll(t, 1_000, 2).startsMs, startsMs)
})

test('without one all start at once', (t) => {
  t.deepEqual(new Set(cutAll(t, 0).startsMs), new Set([0]))
})

test('one instant is noticed by each at a time of its own, within five seconds', (t) => {
  const spread = cutAll(t, 1_000).noticedMs
  t.is(spread.length, spokes)
  t.true(Math.min(...spread) > 3_000 && Math.max(...spread) < 5_100, spread.join(' '))
  t.true(Math.max(...spread) - Math.min(...spread) > 300, spread.join(' '))
  const together = cutAll(t, 0).noticedMs
  t.true(Math.max(...together) - Math.min(...together) < 100, together.join(' '))
})
