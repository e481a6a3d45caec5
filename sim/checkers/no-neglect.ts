// Judge: a message parked for want of a way does not wait on when there is one. A broker looks
// again whenever its map changes, and now and then; when its patience ends it would be too late.

import type { Message } from '../../src/broker/index.ts'
import type { Station } from '../../src/station/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { SimWorld } from '../world.ts'
import { placesOf } from './peek.ts'

const name = 'no-neglect'
/** Looked at every so many slices of time. */
const everySlices = 20
/** Two sweeps of a broker, and some more. */
const waitMsMax = 12_000
/** Messages of each broker that are looked at. */
const lookedAtMax = 50

interface Parked {
  readonly message: Message
  readonly targets: readonly string[]
  readonly reason: string
}

/** Looks at all parked messages, now and then. */
export function noNeglect(world: SimWorld, complain: Complain): Checker {
  let slices = 0
  /** Since when a message has had a way. */
  let since = new Map<Message, number>()
  return {
    name,
    inspect() {
      slices += 1
      if (slices % everySlices !== 0) return
      const still = new Map<Message, number>()
      for (const broker of world.upBrokers()) {
        if (broker.slowness !== 1) continue
        for (const { message, target } of findAllWithWay(broker.running)) {
          const fromMs = since.get(message) ?? world.nowMs
          still.set(message, fromMs)
          const waitMs = Math.round(world.nowMs - fromMs)
          if (waitMs <= waitMsMax) continue
          const what = `${message.destination.name} for ${target}`
          complain(name, `${broker.name} parks a message of ${what}, with a way for ${waitMs} ms`)
        }
      }
      since = still
    }
  }
}

function* findAllWithWay(station: Station): Generator<{ message: Message; target: string }> {
  yield* findWithWay(station)
  const { bridges, routes } = station.network
  for (const { target, queue, reason } of placesOf(station)) {
    // Those that wait for room, or were stopped by a guard, wait on purpose. The first one leads.
    if (reason !== undefined && reason !== 'no-route' && reason !== 'away') continue
    const message = queue.ready.head?.message
    if (message === undefined) continue
    const nextHop = routes.for(message.destination).nextHop(target)
    if (nextHop !== undefined && bridges.get(nextHop) !== undefined) yield { message, target }
  }
}

function* findWithWay({ network }: Station): Generator<{ message: Message; target: string }> {
  if (network.parking.length === 0) return
  for (const { message, targets, reason } of parkedOf(network.parking).slice(0, lookedAtMax)) {
    // What a guard has stopped waits on purpose.
    if (reason !== 'no-route') continue
    const table = network.routes.for(message.destination)
    const target = targets.find((to) => {
      const nextHop = table.nextHop(to)
      return nextHop !== undefined && network.bridges.get(nextHop) !== undefined
    })
    if (target !== undefined) yield { message, target }
  }
}

function parkedOf(parking: Station['network']['parking']): readonly Parked[] {
  const { routeless } = parking as unknown as {
    readonly routeless: { readonly byKey: ReadonlyMap<string, readonly Parked[]> }
  }
  return [...routeless.byKey.values()].flat()
}
