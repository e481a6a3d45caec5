// Lets a plan's timeline happen to a world, step by step, to the end of the run.

import type { ScenarioPlan, SimEvent } from './plan/index.ts'
import type { SimWorld } from './world.ts'

/** Time between two pauses; a multiple of the slices after which judges look at the world. */
const sliceMs = 500

type Handler<K extends SimEvent['kind']> = (
  world: SimWorld,
  event: Extract<SimEvent, { kind: K }>
) => void

/** What each kind of event does. */
const handlers: { readonly [K in SimEvent['kind']]: Handler<K> } = {
  kill: (world, { broker }) => world.crash(broker),
  stop: (world, { broker }) => world.stop(broker),
  'power-off': (world, { broker }) => world.losePower(broker),
  start: (world, { broker }) => world.start(broker),
  'start-all': (world) => world.startAll(),
  pause: (world, { broker }) => world.pause(broker),
  resume: (world, { broker }) => world.resume(broker),
  slow: (world, { broker, factor }) => world.slowDown(broker, factor),
  remove: (world, { broker }) => world.remove(broker),
  'clock-step': (world, { broker, byMs }) => world.stepClock(broker, byMs),
  'disk-full': (world, { broker }) => world.setDiskFull(broker, true),
  'disk-ok': (world, { broker }) => world.setDiskFull(broker, false),
  'disk-loss': (world, { broker }) => world.loseDisk(broker),
  cut: (world, { a, b }) => world.cut(a, b),
  'cut-one-way': (world, { from, to }) => world.cutOneWay(from, to),
  heal: (world, { a, b }) => world.heal(a, b),
  'heal-all': (world) => world.healAll(),
  partition: (world, { groups }) => world.partition(groups),
  reset: (world, { a, b }) => world.reset(a, b),
  'half-open': (world, { a, b }) => world.halfOpen(a, b),
  quality: (world, { a, b, quality }) => world.setQuality(a, b, quality),
  poison: (world, { from, to }) => world.poison(from, to),
  move: (world, { client, to, leaving }) => world.move(client, to, leaving),
  arrive: (world, { client }) => world.clients.arrive(client),
  leave: (world, { client, leaving }) => world.clients.leave(client, leaving),
  'drop-client': (world, { client }) => world.dropClient(client),
  'stall-client': ({ clients }, { client }) => clients.stall(client),
  'wake-client': ({ clients }, { client }) => clients.wake(client),
  misspeak: ({ clients }, { client, what }) => clients.misspeak(client, what),
  settle: (world) => world.settle()
}

/** The kinds of event that can happen to a simulated world. */
export const knownEvents: ReadonlySet<string> = new Set(Object.keys(handlers))

/**
 * Starts everything that is there from the start, and waits until it is at work; links that are
 * reset now and then are so from then on.
 */
export function startPlan(world: SimWorld, plan: ScenarioPlan): void {
  world.startAll()
  for (const consumer of plan.consumers) if (consumer.isLate !== true) world.addConsumer(consumer)
  for (const producer of plan.producers) world.addProducer(producer)
  world.settle()
  world.qualities.startResets()
}

/**
 * The whole course of a plan.
 * @throws SimFailure at the first complaint
 */
export function playPlan(world: SimWorld, plan: ScenarioPlan): void {
  const slices = playInSlices(world, plan)
  while (slices.next().done !== true);
}

/**
 * The same, with a pause after each slice of time, in which the caller may look at something else
 * or give up. The pauses change nothing of what happens.
 * @throws SimFailure at the first complaint
 */
export function* playInSlices(world: SimWorld, plan: ScenarioPlan): Generator<void, void> {
  startPlan(world, plan)
  for (const { afterMs, event } of plan.timeline) {
    yield* runInSlices(world, afterMs)
    playEvent(world, event)
  }
  yield* runInSlices(world, plan.thenMs)
  world.finish(plan)
}

function* runInSlices(world: SimWorld, spanMs: number): Generator<void, void> {
  const untilMs = Math.ceil(world.nowMs + spanMs)
  while (world.nowMs < untilMs) {
    yield
    world.runFor(Math.min(sliceMs, untilMs - world.nowMs))
  }
}

/** Lets one event happen; those who watch are told first. */
export function playEvent(world: SimWorld, event: SimEvent): void {
  world.happen(event)
  handle(world, event)
}

function handle<K extends SimEvent['kind']>(
  world: SimWorld,
  event: Extract<SimEvent, { kind: K }>
): void {
  const handler: Handler<K> = handlers[event.kind as K]
  handler(world, event)
}
