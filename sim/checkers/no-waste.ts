// Judge: in a stable phase nothing crosses a bridge that nobody behind it wants, and nothing
// crosses to a broker twice; at the end both ends of every bridge have counted the same messages.

import type { Bridge } from '../../src/network/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import { isDeadLetterOf } from '../workload/ledger.ts'
import type { SimWorld } from '../world.ts'

const name = 'no-waste'

/** Looks at every crossing, and at the counters at the end. */
export function noWaste(world: SimWorld, complain: Complain): Checker {
  const received = new Map<Bridge, number>()
  return {
    name,
    onCrossing({ from, to, bridge, message, targets, record }) {
      received.set(bridge, (received.get(bridge) ?? 0) + 1)
      if (record === undefined || !world.hadNoFault(record)) return
      // Nobody can tell when and where a dead letter was made, only that it was.
      if (isDeadLetterOf(record, message)) return
      const { key, kind, destination, visited } = record
      if (visited.indexOf(to) < visited.length - 1) {
        complain(name, `${key} crossed to ${to} again, from ${from}, although nothing failed`)
      }
      for (const target of targets) {
        if (world.ledger.isWantedAt(target, kind, destination, record)) continue
        complain(name, `${key} crossed from ${from} to ${to} for ${target}, where nobody wants it`)
      }
    },
    atRest() {
      for (const broker of world.upBrokers()) {
        for (const bridge of broker.running.network.bridges.all()) {
          const text = findMiscount(world, broker.name, bridge, received.get(bridge) ?? 0)
          if (text !== undefined) complain(name, text)
        }
      }
    }
  }
}

function findMiscount(
  world: SimWorld,
  to: string,
  bridge: Bridge,
  seen: number
): string | undefined {
  const { messagesReceived, duplicatesDropped } = bridge.counters
  if (messagesReceived !== seen) {
    return `${to} counts ${messagesReceived} messages from ${bridge.peer}, ${seen} came`
  }
  const sent = world.broker(bridge.peer).station?.network.bridges.get(to)?.counters.messagesSent
  if (sent === messagesReceived + duplicatesDropped) return undefined
  return (
    `${bridge.peer} counts ${sent} messages sent to ${to}, which counts ${messagesReceived} ` +
    `and ${duplicatesDropped} dropped`
  )
}
