// Puts a station under observation: what it takes from its producers, what crosses its bridges and
// what it gives up is booked in the ledger and told to the judges. It wraps methods of the running
// objects and changes nothing of what they do.

import { type Message, patternMatches } from '../src/broker/index.ts'
import type { Bridge } from '../src/network/index.ts'
import type { Station } from '../src/station/index.ts'
import type { Watcher } from './watcher.ts'
import type { MessageRecord, OriginView } from './workload/ledger.ts'
import { keyInBody } from './workload/record-index.ts'
import type { SimWorld } from './world.ts'

/** Watches one life of the broker `name`. */
export function watchStation(world: SimWorld, name: string, station: Station): void {
  watchProducers(world, name, station)
  watchBridges(world, name, station)
  watchDiscards(world, name, station)
  watchDeadLetters(world, name, station)
  watchBridgeLives(world, name, station)
}

/** True if that life of the broker is over. */
function isOver(world: SimWorld, name: string, station: Station): boolean {
  return world.broker(name).station !== station
}

function watchProducers(world: SimWorld, name: string, station: Station): void {
  const { broker, network } = station
  const { ledger } = world
  const watchers = world.watchers.filter(({ onAccepted }) => onAccepted !== undefined)
  const publish = broker.publish.bind(broker)
  const viewOf = (message: Message): OriginView => {
    const { destination } = message
    return {
      known: new Set(network.demand.brokersWanting(message)),
      reachable: world.reachableFrom(name, destination),
      isPossible: (to) => world.mayReach(name, to, destination)
    }
  }
  broker.publish = (message, isPrepared = false) => {
    const key = keyInBody(message.body, message.bodyStart, message.bodyEnd)
    const { kind, name: destination } = message.destination
    // A broker without room for it is about to refuse it.
    const isRefused = !isPrepared && broker.refusalOf(message) !== undefined
    if (key !== undefined && kind !== 'temp-queue' && !isRefused) {
      world.scheduler.trace('accepted', name, key)
      const { nowMs: acceptedAtMs, phase } = world
      const facts = { key, kind, destination, origin: name, acceptedAtMs, phase }
      const view = kind === 'topic' ? viewOf(message) : undefined
      const record = ledger.accept(facts, view)
      for (const watcher of watchers) watcher.onAccepted?.(record)
      const gate = publish(message, isPrepared)
      if (message.isPersistent) {
        broker.store.whenDurable((error) => {
          if (error !== undefined || isOver(world, name, station)) return
          if (!mayBeHandedOut(world, name, message)) record.isDurable = true
        })
      }
      return gate
    }
    return publish(message, isPrepared)
  }
}

/**
 * True for a message that is settled as soon as it is written to a consumer here: its broker may be
 * killed with those bytes, and the consumer knew that.
 */
function mayBeHandedOut(world: SimWorld, name: string, message: Message): boolean {
  const { destination, body, bodyStart, bodyEnd } = message
  if (destination.kind !== 'queue') return false
  if (!world.ledger.hasAutomaticTaker(name, destination.name)) return false
  return !world.broker(name).disk.holdsBody(destination.name, body.subarray(bodyStart, bodyEnd))
}

function watchBridges(world: SimWorld, name: string, { network }: Station): void {
  const { ledger } = world
  const watchers = world.watchers.filter(({ onCrossing }) => onCrossing !== undefined)
  const onMessage = network.onMessage.bind(network)
  network.onMessage = (bridge, message, targets, flags) => {
    const record = recordOf(world, message)
    const crossing = { from: bridge.peer, to: name, bridge, message, record, targets }
    if (record !== undefined) ledger.cross(record, crossing)
    for (const watcher of watchers) watcher.onCrossing?.(crossing)
    onMessage(bridge, message, targets, flags)
  }
}

function watchDiscards(world: SimWorld, name: string, { broker }: Station): void {
  const discard = broker.discard.bind(broker)
  broker.discard = (message, reason) => {
    const record = recordOf(world, message)
    if (record !== undefined) {
      const giveUp = { broker: name, reason }
      const isByPolicy = reason === 'refused' && makesNoLetter(world, name, record)
      world.ledger.discard(record, giveUp, isByPolicy || !world.hadNoFault(record))
      for (const watcher of world.watchers) watcher.onGivenUp?.(record, giveUp)
    }
    discard(message, reason)
  }
}

/** True if the broker is to discard what consumers of the message's destination refuse. */
function makesNoLetter(world: SimWorld, broker: string, record: MessageRecord): boolean {
  const { policies } = world.settingsOf(broker)
  const policy = policies.find(
    ({ kind, pattern }) => kind === record.kind && patternMatches(pattern, record.destination)
  )
  return policy?.deadLetter.queue === 'none'
}

function watchDeadLetters(world: SimWorld, name: string, { broker }: Station): void {
  const { letters } = broker
  const bury = letters.bury.bind(letters)
  letters.bury = (failed, cause) => {
    const record = recordOf(world, failed)
    const isLetter = bury(failed, cause)
    if (record === undefined || !isLetter) return isLetter
    for (const watcher of world.watchers) watcher.onDeadLettered?.(record, name)
    return isLetter
  }
}

function watchBridgeLives(world: SimWorld, name: string, { network }: Station): void {
  const onUp = network.onBridgeUp.bind(network)
  const watchers = world.watchers.filter(({ onSending }) => onSending !== undefined)
  const onDown = network.onBridgeDown.bind(network)
  network.onBridgeUp = (bridge) => {
    world.onBridge(name, bridge.peer, true)
    if (watchers.length > 0) watchCustody(name, bridge, watchers)
    onUp(bridge)
  }
  network.onBridgeDown = (bridge, cause) => {
    const { messagesSent, bytesSent } = bridge.counters
    const last = { peer: bridge.peer, messagesSent, bytesSent }
    world.onBridge(name, bridge.peer, false, last)
    onDown(bridge, cause)
  }
}

/** What a bridge says of custody: here is a message, and: I have it. */
function watchCustody(name: string, bridge: Bridge, watchers: readonly Watcher[]): void {
  const { peer: to } = bridge
  const writeData = bridge.writeData.bind(bridge)
  const writeAck = bridge.writeAck.bind(bridge)
  bridge.writeData = (sequence, message, targets, flags) => {
    for (const watcher of watchers) watcher.onSending?.({ from: name, to, sequence, message })
    writeData(sequence, message, targets, flags)
  }
  bridge.writeAck = (lane, highWater) => {
    for (const watcher of watchers) {
      watcher.onAcknowledging?.({ from: name, to, isPersistent: lane === 1, highWater })
    }
    writeAck(lane, highWater)
  }
}

function recordOf(world: SimWorld, message: Message): MessageRecord | undefined {
  return world.ledger.find(message.body, message.bodyStart, message.bodyEnd)
}
