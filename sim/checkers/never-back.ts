// Judge: what only rises never falls. Within one life of a broker, the record it holds of another
// is never replaced by an older one, and of a channel what was acknowledged stays so in its epoch.

import type { Station } from '../../src/station/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { SimWorld } from '../world.ts'
import { channelsOf } from './peek.ts'

const name = 'never-back'
/** Looked at every so many slices of time. */
const everySlices = 5

interface SeenRecord {
  brokerId: string
  incarnation: number
  sequence: number
  /** The look it was last seen at. */
  look: number
}

interface SeenChannel {
  outgoingEpoch: number
  acknowledged: number
  incomingEpoch: number
  highWater: number
  look: number
}

/** What was last seen of a broker; what is gone in between begins anew. */
interface Seen {
  readonly records: Map<string, SeenRecord>
  readonly channels: Map<string, SeenChannel>
}

type Fell = (what: string, from: number, to: number) => void

/** Looks at every broker now and then. */
export function neverBack(world: SimWorld, complain: Complain): Checker {
  let slices = 0
  const lives = new WeakMap<Station, Seen>()
  return {
    name,
    inspect() {
      slices += 1
      if (slices % everySlices !== 0) return
      for (const { name: broker, running } of world.upBrokers()) {
        let seen = lives.get(running)
        if (seen === undefined) {
          seen = { records: new Map(), channels: new Map() }
          lives.set(running, seen)
        }
        const fell: Fell = (what, from, to) =>
          complain(name, `${broker}: ${what} fell from ${from} to ${to}`)
        lookAtRecords(running, seen.records, slices, fell)
        lookAtChannels(running, seen.channels, slices, fell)
      }
    }
  }
}

function lookAtRecords(
  { network }: Station,
  records: Map<string, SeenRecord>,
  look: number,
  fell: Fell
): void {
  for (const { broker, brokerId, incarnation, sequence } of network.map.records()) {
    const seen = records.get(broker)
    if (seen === undefined) {
      records.set(broker, { brokerId, incarnation, sequence, look })
      continue
    }
    if (seen.look === look - everySlices && seen.brokerId === brokerId) {
      if (seen.incarnation > incarnation) {
        fell(`the life of ${broker}`, seen.incarnation, incarnation)
      } else if (seen.incarnation === incarnation && seen.sequence > sequence) {
        fell(`the record of ${broker}`, seen.sequence, sequence)
      }
    }
    seen.brokerId = brokerId
    seen.incarnation = incarnation
    seen.sequence = sequence
    seen.look = look
  }
}

function lookAtChannels(
  station: Station,
  channels: Map<string, SeenChannel>,
  look: number,
  fell: Fell
): void {
  for (const { peer, lane, outgoing, incoming } of channelsOf(station)) {
    const key = `${peer} ${lane}`
    const { epoch: outgoingEpoch, acknowledged } = outgoing
    const { epoch: incomingEpoch, highWater } = incoming
    const seen = channels.get(key)
    if (seen === undefined) {
      channels.set(key, { outgoingEpoch, acknowledged, incomingEpoch, highWater, look })
      continue
    }
    if (seen.look === look - everySlices) {
      if (seen.outgoingEpoch === outgoingEpoch && seen.acknowledged > acknowledged) {
        fell(`what ${peer} acknowledged`, seen.acknowledged, acknowledged)
      }
      if (seen.incomingEpoch === incomingEpoch && seen.highWater > highWater) {
        fell(`what ${peer} was acknowledged`, seen.highWater, highWater)
      }
    }
    seen.outgoingEpoch = outgoingEpoch
    seen.acknowledged = acknowledged
    seen.incomingEpoch = incomingEpoch
    seen.highWater = highWater
    seen.look = look
  }
}
