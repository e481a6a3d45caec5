// Judge: what a broker with a disk tells another is on that disk, where a later life would have to
// know it. A message of a queue that is on the disk of its sender is in the log of the channel
// there when it is sent: else a later life would find it in its queue, and give it out a second
// time. And what is acknowledged and not settled is covered by the mark of the channel.

import type { Message } from '../../src/broker/index.ts'
import type { Station } from '../../src/station/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { SimWorld } from '../world.ts'
import {
  channelsOf,
  entriesBehind,
  messagesOf,
  persistentChannelOf,
  subscriptionsOf
} from './peek.ts'

const name = 'disk-first'

/** Persistent messages of queues that came over a channel and are not acknowledged yet. */
interface Arrived {
  epoch: number
  messages: { readonly sequence: number; readonly message: Message }[]
}

/** Looks at every message that is sent and every acknowledgement. */
export function diskFirst(world: SimWorld, complain: Complain): Checker {
  /** By receiver, then by sender; of the receiver's present life. */
  const arrived = new Map<string, Map<string, Arrived>>()
  return {
    name,
    onSending({ from, to, sequence, message }) {
      const { disk, keepsDisk, station } = world.broker(from)
      if (!keepsDisk || !isOfQueue(message) || station === undefined) return
      const { window, acknowledged } = persistentChannelOf(station, to).outgoing
      const number = window.numberAt(sequence - acknowledged - 1)
      if (number > 0 && disk.holds(`bridge ${to}`, number)) return
      const { body, bodyStart, bodyEnd, destination } = message
      if (!disk.holdsBody(destination.name, body.subarray(bodyStart, bodyEnd))) return
      complain(name, `${from} sent message ${sequence} to ${to}, and its disk has it elsewhere`)
    },
    onCrossing({ from, to, message }) {
      const { keepsDisk, running } = world.broker(to)
      if (!keepsDisk || !isOfQueue(message)) return
      const { epoch, highWater } = persistentChannelOf(running, from).incoming
      const known = arrivedAt(arrived, to, from)
      if (known.epoch !== epoch) known.messages = []
      known.epoch = epoch
      // It is about to be taken as the next one.
      known.messages.push({ sequence: highWater + 1, message })
    },
    onAcknowledging({ from, to, isPersistent, highWater }) {
      const known = arrived.get(from)?.get(to)
      const { disk, station } = world.broker(from)
      if (!isPersistent || known === undefined || station === undefined) return
      if (persistentChannelOf(station, to).incoming.epoch !== known.epoch) return
      const told = known.messages.filter(({ sequence }) => sequence <= highWater)
      if (told.length === 0) return
      known.messages = known.messages.filter(({ sequence }) => sequence > highWater)
      const mark = disk.markOf(to)
      const covered = mark?.epoch === String(known.epoch) ? mark.highWater : 0
      const owed = told.find(
        ({ sequence, message }) => sequence > covered && isHeld(station, message)
      )
      if (owed === undefined) return
      const text = `acknowledged message ${owed.sequence} of ${to} before it was on its disk`
      complain(name, `${from} ${text}`)
    },
    onCrash: (broker) => void arrived.delete(broker)
  }
}

function isOfQueue({ isPersistent, destination }: Message): boolean {
  return isPersistent && destination.kind === 'queue'
}

/** True if the message waits here, is with a consumer, or on its way to another broker. */
function isHeld(station: Station, message: Message): boolean {
  const queue = station.broker.queues.find(message.destination.name)
  if (queue !== undefined && queue.held > 0) {
    for (let entry = queue.ready.head; entry !== undefined; entry = entry.next) {
      if (entry.message === message) return true
    }
    for (const entry of entriesBehind(queue)) if (entry.message === message) return true
    for (const { unsettled } of subscriptionsOf(queue)) {
      for (const entry of unsettled.values()) if (entry.message === message) return true
    }
  }
  for (const { outgoing } of channelsOf(station)) {
    for (const ring of [outgoing.window, outgoing.outbox]) {
      for (const held of messagesOf(ring)) if (held === message) return true
    }
  }
  return false
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
    found = { epoch: 0, messages: [] }
    ofReceiver.set(sender, found)
  }
  return found
}
