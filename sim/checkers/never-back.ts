// Judge: what only rises never falls. Within one life of a broker, the record it holds of another
// is never replaced by an older one, and of a channel what was acknowledged stays so in its epoch.

import type { Station } from '../../src/station/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { SimWorld } from '../world.ts'
import { channelsOf } from './peek.ts'

const name = 'never-back'
/** Looked at every so many slices of time. */
const everySlices = 5

interface Seen {
  /** The life of the record or the epoch of the channel: numbers count within one. */
  readonly life: string
  readonly number: number
}

/** Looks at every broker now and then. */
export function neverBack(world: SimWorld, complain: Complain): Checker {
  let slices = 0
  const lives = new WeakMap<Station, Map<string, Seen>>()
  return {
    name,
    inspect() {
      slices += 1
      if (slices % everySlices !== 0) return
      for (const { name: broker, running } of world.upBrokers()) {
        const before = lives.get(running)
        const now = look(running)
        lives.set(running, now)
        if (before === undefined) continue
        for (const [what, { life, number }] of now) {
          const seen = before.get(what)
          if (seen === undefined || seen.life !== life || seen.number <= number) continue
          complain(name, `${broker}: ${what} fell from ${seen.number} to ${number}`)
        }
      }
    }
  }
}

function look(station: Station): Map<string, Seen> {
  const seen = new Map<string, Seen>()
  for (const { broker, brokerId, incarnation, sequence } of station.network.map.records()) {
    seen.set(`the life of ${broker}`, { life: brokerId, number: incarnation })
    seen.set(`the record of ${broker}`, { life: `${brokerId} ${incarnation}`, number: sequence })
  }
  for (const { peer, outgoing, incoming } of channelsOf(station)) {
    seen.set(`what ${peer} acknowledged`, {
      life: String(outgoing.epoch),
      number: outgoing.acknowledged
    })
    seen.set(`what ${peer} was acknowledged`, {
      life: String(incoming.epoch),
      number: incoming.highWater
    })
  }
  return seen
}
