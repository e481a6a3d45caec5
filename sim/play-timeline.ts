// Lets a plan's timeline happen to a world, step by step, to the end of the run.

import type { ScenarioPlan, SimEvent } from './plan/index.ts'
import type { SimWorld } from './world.ts'

type Handler<K extends SimEvent['kind']> = (
  world: SimWorld,
  event: Extract<SimEvent, { kind: K }>
) => void

/** What each kind of event does. */
const handlers: { readonly [K in SimEvent['kind']]?: Handler<K> } = {
  kill: (world, { broker }) => world.crash(broker),
  stop: (world, { broker }) => world.stop(broker),
  'power-off': (world, { broker }) => world.losePower(broker),
  start: (world, { broker }) => world.start(broker),
  'start-all': (world) => world.startAll(),
  cut: (world, { a, b }) => world.cut(a, b),
  'cut-one-way': (world, { from, to }) => world.cutOneWay(from, to),
  heal: (world, { a, b }) => world.heal(a, b),
  'heal-all': (world) => world.healAll(),
  partition: (world, { groups }) => world.partition(groups),
  reset: (world, { a, b }) => world.reset(a, b),
  'half-open': (world, { a, b }) => world.halfOpen(a, b),
  quality: (world, { a, b, quality }) => world.setQuality(a, b, quality),
  move: (world, { client, to, leaving }) => world.move(client, to, leaving),
  arrive: (world, { client }) => world.arrive(client),
  'drop-client': (world, { client }) => world.dropClient(client),
  leave: (world, { client, leaving }) => world.leave(client, leaving),
  settle: (world) => world.settle()
}

/** The kinds of event that can happen to a simulated world. */
export const knownEvents: ReadonlySet<string> = new Set(Object.keys(handlers))

/** Starts everything that is there from the start, and waits until it is at work. */
export function startPlan(world: SimWorld, plan: ScenarioPlan): void {
  world.startAll()
  for (const consumer of plan.consumers) if (consumer.isLate !== true) world.addConsumer(consumer)
  for (const producer of plan.producers) world.addProducer(producer)
  world.settle()
}

/**
 * The whole course of a plan.
 * @throws SimFailure at the first complaint
 */
export function playPlan(world: SimWorld, plan: ScenarioPlan): void {
  startPlan(world, plan)
  for (const { afterMs, event } of plan.timeline) {
    world.runFor(afterMs)
    world.happen(event)
    handle(world, event)
  }
  world.runFor(plan.thenMs)
  world.finish(plan)
}

function handle<K extends SimEvent['kind']>(
  world: SimWorld,
  event: Extract<SimEvent, { kind: K }>
): void {
  const handler = handlers[event.kind as K] as Handler<K> | undefined
  if (handler === undefined) throw new Error(`the simulator knows no event ${event.kind}`)
  handler(world, event)
}
