// Judge: no message crosses a bridge that the dialling connector's filter keeps it from, nor one-way
// bridges the wrong way.

import { mayCross } from '../reachability.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { SimWorld } from '../world.ts'

const name = 'forward-filter'

/** Looks at every crossing. */
export function forwardFilter(world: SimWorld, complain: Complain): Checker {
  return {
    name,
    onCrossing({ from, to, bridge, message }) {
      const link = world.links.find(from, to)
      if (link === undefined) return
      const { destination } = message
      if (mayCross(link, bridge.isDialler ? to : from, from, destination)) return
      complain(
        name,
        `${message.id} for ${destination} crossed from ${from} to ${to}, against terms`
      )
    }
  }
}
