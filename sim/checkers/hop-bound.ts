// Judge: no message crosses more bridges than allowed between two choices of its target.

import type { Checker, Complain } from '../watcher.ts'
import type { SimWorld } from '../world.ts'

const name = 'hop-bound'

/** Looks at every crossing. */
export function hopBound(world: SimWorld, complain: Complain): Checker {
  return {
    name,
    onCrossing({ from, to, message }) {
      const { hopsMax } = world.settingsOf(from).network
      const hops = message.brokerPath.length
      if (hops <= hopsMax) return
      complain(name, `${message.id} reached ${to} over ${hops} bridges, ${hopsMax} are allowed`)
    }
  }
}
