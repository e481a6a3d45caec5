// Lets a plan's timeline happen to a world, step by step, to the end of the run.

import type { ScenarioPlan, SimEvent } from './plan/index.ts'
import { runThrough, type Slices } from './slices.ts'
import type { SimWorld } from './world.ts'

type Handler<K extends SimEvent['kind']> = (
  world: SimWorld,
  event: Extract<SimEvent, { kind: K }>
) => void

/** What each kind of event does. */
const handlers: { readonly [K in SimEvent['kind']]: Handler<K> } = {
  kill: (world, { broker }) => world.faults.crash(broker),
  'kill-at': (world, { broker, step, times }) => world.faults.crashAt(broker, step, times),
  stop: (world, { broker }) => world.faults.stop(broker),
  'power-off': (world, { broker }) => world.faults.losePower(broker),
  start: (world, { broker }) => world.faults.start(broker),
  'start-all': (world) => world.faults.startAll(),
  pause: (world, { broker }) => world.faults.pause(broker),
  resume: (world, { broker }) => world.faults.resume(broker),
  slow: (world, { broker, factor }) => world.faults.slowDown(broker, factor),
  remove: (world, { broker }) => world.faults.remove(broker),
  'clock-step': (world, { broker, byMs }) => world.faults.stepClock(broker, byMs),
  'disk-full': (world, { broker }) => world.faults.setDiskFault(broker, 'full'),
  'disk-error': (world, { broker }) => world.faults.setDiskFault(broker, 'error'),
  'disk-ok': (world, { broker }) => world.faults.setDiskFault(broker, undefined),
  'disk-slow': (world, { broker, ms }) => world.faults.setDiskMs(broker, ms),
  'disk-loss': (world, { broker }) => world.faults.loseDisk(broker),
  'disk-copy': (world, { broker }) => world.faults.copyDisk(broker),
  'disk-restore': (world, { broker }) => world.faults.restoreDisk(broker),
  clone: (world, { broker }) => world.faults.clones.start(broker),
  'clone-end': (world, { broker }) => world.faults.clones.end(broker),
  cut: (world, { a, b }) => world.faults.cut(a, b),
  'cut-one-way': (world, { from, to }) => world.faults.cutOneWay(from, to),
  heal: (world, { a, b }) => world.faults.heal(a, b),
  'heal-all': (world) => world.faults.healAll(),
  partition: (world, { groups }) => world.faults.partition(groups),
  reset: (world, { a, b }) => world.faults.reset(a, b),
  'half-open': (world, { a, b }) => world.faults.halfOpen(a, b),
  quality: (world, { a, b, quality }) => world.faults.setQuality(a, b, quality),
  poison: (world, { from, to }) => world.faults.poison(from, to),
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
 * Starts everything that is there from the start, and waits until it is at work. From then on
 * producers send, and links that are bad are reset now and then.
 */
export function startPlan(world: SimWorld, plan: ScenarioPlan): void {
  runThrough(startInSlices(world, plan))
}

function* startInSlices(world: SimWorld, plan: ScenarioPlan): Slices {
  yield* startBrokers(world, plan.startSpreadMs ?? 0)
  for (const consumer of plan.consumers) if (consumer.isLate !== true) world.addConsumer(consumer)
  yield* world.settleInSlices()
  for (const producer of plan.producers) if (producer.isLate !== true) world.addProducer(producer)
  world.qualities.startResets()
}

/** Each broker has a stream of chance of its own: one broker more does not shift the others. */
function* startBrokers(world: SimWorld, spreadMs: number): Slices {
  if (spreadMs > 0) {
    for (const name of world.topology.brokers) {
      if (world.isAwaited(name)) continue
      const delayMs = spreadMs * world.random(`start/${name}`).float()
      world.after(delayMs, () => world.faults.start(name))
    }
    yield* world.runInSlices(spreadMs)
  }
  world.faults.startAll()
}

/**
 * The whole course of a plan.
 * @throws SimFailure at the first complaint
 */
export function playPlan(world: SimWorld, plan: ScenarioPlan): void {
  runThrough(playInSlices(world, plan))
}

/**
 * The same, slice by slice.
 * @throws SimFailure at the first complaint
 */
export function* playInSlices(world: SimWorld, plan: ScenarioPlan): Slices {
  yield* startInSlices(world, plan)
  for (const { afterMs, event } of plan.timeline) {
    yield* world.runInSlices(afterMs)
    if (event.kind === 'settle') {
      world.happen(event)
      yield* world.settleInSlices()
    } else playEvent(world, event)
  }
  yield* world.runInSlices(plan.thenMs)
  yield* world.finishInSlices(plan)
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
