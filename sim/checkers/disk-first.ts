// Judge: what a broker with a disk tells another is on that disk. A persistent message is in the
// log of its channel when it is sent, so that a later life knows what the other end may have; and
// the mark of a channel covers every persistent message that is acknowledged, so that a later life
// knows what it has taken.

import type { Checker, Complain } from '../watcher.ts'
import type { SimWorld } from '../world.ts'
import { channelOf } from './peek.ts'

const name = 'disk-first'

/** Persistent messages of a channel that came and are not acknowledged yet, by sequence. */
interface Arrived {
  epoch: number
  sequences: number[]
}

/** Looks at every message that is sent and every acknowledgement. */
export function diskFirst(world: SimWorld, complain: Complain): Checker {
  /** By receiver, then by sender; of the receiver's present life. */
  const arrived = new Map<string, Map<string, Arrived>>()
  return {
    name,
    onSending({ from, to, sequence, message }) {
      const { disk, keepsDisk, station } = world.broker(from)
      if (!keepsDisk || !message.isPersistent || station === undefined) return
      const { window, acknowledged } = channelOf(station, to).outgoing
      const number = window.numberAt(sequence - acknowledged - 1)
      if (number > 0 && disk.holds(`bridge ${to}`, number)) return
      complain(name, `${from} sent message ${sequence} to ${to} before it was on its disk`)
    },
    onCrossing({ from, to, message }) {
      const { keepsDisk, running } = world.broker(to)
      if (!keepsDisk || !message.isPersistent) return
      const { epoch, highWater } = channelOf(running, from).incoming
      const known = arrivedAt(arrived, to, from)
      if (known.epoch !== epoch) known.sequences = []
      known.epoch = epoch
      // It is about to be taken as the next one.
      known.sequences.push(highWater + 1)
    },
    onAcknowledging({ from, to, highWater }) {
      const known = arrived.get(from)?.get(to)
      const { disk, station } = world.broker(from)
      if (known === undefined || station === undefined) return
      if (channelOf(station, to).incoming.epoch !== known.epoch) return
      const last = known.sequences.findLast((sequence) => sequence <= highWater)
      if (last === undefined) return
      known.sequences = known.sequences.filter((sequence) => sequence > highWater)
      const mark = disk.markOf(to)
      if (mark?.epoch === String(known.epoch) && mark.highWater >= last) return
      complain(name, `${from} acknowledged message ${last} of ${to} before it was on its disk`)
    },
    onCrash: (broker) => void arrived.delete(broker)
  }
}

function arrivedAt(
  all: Map<string, Map<string, Arrived>>,
  receiver: string,
  sender: string
): Arrived {
  let ofReceiver = all.get(receiver)
  if (ofReceiver === undefined) {
    ofReceiver = new Map()
    all.set(receiver, ofReceiver)
  }
  let found = ofReceiver.get(sender)
  if (found === undefined) {
    found = { epoch: 0, sequences: [] }
    ofReceiver.set(sender, found)
  }
  return found
}
