// Each seed draws its own world and its own misfortune: topology, distances, bounds, workload,
// which kinds of fault there are and when. Faults stay within what brokers promise to survive.

import type { Prng } from '../prng.ts'
import { randomGraph, type SimTopology } from '../topologies.ts'
import type { SimWorld } from '../world.ts'
import type { WorldPlan } from '../world-plan.ts'
import { planFor, type Scenario, startAll } from './scenario.ts'

type Fault = (world: SimWorld, plan: WorldPlan, random: Prng) => void

const faults: Readonly<Record<string, Fault>> = {
  cut(world, { topology }, random) {
    const { a, b } = random.pick(topology.links)
    world.cut(a, b)
  },
  cutOneWay(world, { topology }, random) {
    const { a, b } = random.pick(topology.links)
    if (random.chance(0.5)) world.cutOneWay(a, b)
    else world.cutOneWay(b, a)
  },
  flap(world, { topology }, random) {
    const { a, b } = random.pick(topology.links)
    const spanMs = random.pick([100, 1_000, 4_000])
    for (let times = random.integer(2, 6); times > 0; times -= 1) {
      world.cut(a, b)
      world.runFor(spanMs * random.float())
      world.heal(a, b)
      world.runFor(spanMs * random.float())
    }
  },
  heal: (world) => world.healAll(),
  reset(world, { topology }, random) {
    const { a, b } = random.pick(topology.links)
    world.reset(a, b)
  },
  halfOpen(world, { topology }, random) {
    const { a, b } = random.pick(topology.links)
    if (random.chance(0.5)) world.halfOpen(a, b)
    else world.halfOpen(b, a)
  },
  isolate: (world, { topology }, random) => world.isolate(random.pick(topology.brokers)),
  crash: (world, { topology }, random) => world.crash(random.pick(topology.brokers)),
  losePower: (world, { topology }, random) => world.losePower(random.pick(topology.brokers)),
  stop: (world, { topology }, random) => world.stop(random.pick(topology.brokers)),
  restart(world) {
    for (const broker of world.brokers.values()) if (!broker.isUp) world.start(broker.name)
  },
  move(world, { consumers, topology }, random) {
    const { name, ack, destination } = random.pick(consumers)
    const mayDrop = ack !== 'auto' || destination.startsWith('/topic/')
    const leaving = mayDrop && random.chance(0.5) ? 'abrupt' : 'orderly'
    world.move(name, random.pick(topology.brokers), leaving)
  }
}

/** A random scenario; on a topology of its own for each seed, or on a given one. */
export function randomFaults(name: string, given?: SimTopology): Scenario {
  return {
    name,
    about:
      given === undefined ? 'everything drawn from the seed' : `random faults on ${given.name}`,
    plan(random) {
      const graph = random.fork('topology')
      return planFor(random, given ?? randomGraph(graph, graph.integer(3, 12)))
    },
    play(world, plan, random) {
      startAll(world, plan)
      const kinds = drawKinds(random)
      const phases = random.integer(1, 3)
      for (let phase = 0; phase < phases; phase += 1) {
        world.runFor(random.integer(200, 1_500))
        const count = random.integer(1, 5)
        for (let i = 0; i < count; i += 1) {
          faults[random.pick(kinds)]!(world, plan, random)
          world.runFor(random.pick([0, 1, 20, 300, 2_500, 5_000]) * random.float())
        }
        world.settle()
      }
      world.runFor(1_000)
      world.finish()
    }
  }
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
