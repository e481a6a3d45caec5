// Each seed draws its own world and its own misfortune: topology, distances, bounds, workload,
// which kinds of fault there are and when. Faults stay within what brokers promise to survive.

import type { SimEvent, TimelineStep, WorldPlan } from '../plan/index.ts'
import type { Prng } from '../prng.ts'
import { randomGraph, type SimTopology } from '../topologies.ts'
import { planOf, type Scenario, step, worldFor } from './scenario.ts'

/** Draws one fault: the steps that make it. */
type Fault = (random: Prng, plan: WorldPlan) => TimelineStep[]

const faults: Readonly<Record<string, Fault>> = {
  cut: (random, plan) => now({ kind: 'cut', ...linkOf(random, plan) }),
  cutOneWay(random, plan) {
    const { a, b } = linkOf(random, plan)
    const [from, to] = random.chance(0.5) ? [a, b] : [b, a]
    return now({ kind: 'cut-one-way', from, to })
  },
  flap(random, plan) {
    const { a, b } = linkOf(random, plan)
    const spanMs = random.pick([100, 1_000, 4_000])
    const steps: TimelineStep[] = []
    let afterMs = 0
    for (let times = random.integer(2, 6); times > 0; times -= 1) {
      steps.push(step(afterMs, { kind: 'cut', a, b }))
      steps.push(step(random.integer(0, spanMs), { kind: 'heal', a, b }))
      afterMs = random.integer(0, spanMs)
    }
    return steps
  },
  heal: () => now({ kind: 'heal-all' }),
  reset: (random, plan) => now({ kind: 'reset', ...linkOf(random, plan) }),
  halfOpen(random, plan) {
    const { a, b } = linkOf(random, plan)
    return now(random.chance(0.5) ? { kind: 'half-open', a, b } : { kind: 'half-open', a: b, b: a })
  },
  isolate(random, { topology }) {
    const name = random.pick(topology.brokers)
    const links = topology.links.filter(({ a, b }) => a === name || b === name)
    return links.flatMap(({ a, b }) => now({ kind: 'cut', a, b }))
  },
  crash: (random, { topology }) => now({ kind: 'kill', broker: random.pick(topology.brokers) }),
  losePower: (random, { topology }) =>
    now({ kind: 'power-off', broker: random.pick(topology.brokers) }),
  stop: (random, { topology }) => now({ kind: 'stop', broker: random.pick(topology.brokers) }),
  restart: () => now({ kind: 'start-all' }),
  move(random, { consumers, topology }) {
    const { name, ack, destination } = random.pick(consumers)
    const mayDrop = ack !== 'auto' || destination.startsWith('/topic/')
    const leaving = mayDrop && random.chance(0.5) ? 'abrupt' : 'orderly'
    return now({ kind: 'move', client: name, to: random.pick(topology.brokers), leaving })
  }
}

/** A random scenario; on a topology of its own for each seed, or on a given one. */
export function randomFaults(name: string, given?: SimTopology): Scenario {
  const about =
    given === undefined ? 'everything drawn from the seed' : `random faults on ${given.name}`
  return {
    name,
    about,
    plan(random) {
      const graph = random.fork('topology')
      const world = worldFor(random, given ?? randomGraph(graph, graph.integer(3, 12)))
      return planOf({ name, about }, world, drawTimeline(random.fork('faults'), world))
    }
  }
}

function drawTimeline(random: Prng, world: WorldPlan): TimelineStep[] {
  const kinds = drawKinds(random)
  const phases = random.integer(1, 3)
  const timeline: TimelineStep[] = []
  for (let phase = 0; phase < phases; phase += 1) {
    let afterMs = random.integer(200, 1_500)
    const count = random.integer(1, 5)
    for (let i = 0; i < count; i += 1) {
      const [first, ...others] = faults[random.pick(kinds)]!(random, world)
      timeline.push({ ...first!, afterMs: first!.afterMs + afterMs }, ...others)
      afterMs = Math.ceil(random.pick([0, 1, 20, 300, 2_500, 5_000]) * random.float())
    }
    timeline.push(step(afterMs, { kind: 'settle' }))
  }
  return timeline
}

function now(event: SimEvent): TimelineStep[] {
  return [step(0, event)]
}

function linkOf(random: Prng, { topology }: WorldPlan): { readonly a: string; readonly b: string } {
  const { a, b } = random.pick(topology.links)
  return { a, b }
}

/** A random subset of the kinds of fault, some more often than others. */
function drawKinds(random: Prng): string[] {
  const all = Object.keys(faults)
  const kinds: string[] = []
  for (const kind of all) {
    if (!random.chance(0.5)) continue
    const weight = random.integer(1, 4)
    for (let i = 0; i < weight; i += 1) kinds.push(kind)
  }
  return kinds.length > 0 ? kinds : all
}
