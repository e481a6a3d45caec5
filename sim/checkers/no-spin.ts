// Judge: at rest brokers do what keeps bridges alive and nothing more, and no bridge comes or goes.

import type { Bridge } from '../../src/network/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { MessageRecord } from '../workload/ledger.ts'
import type { SimWorld } from '../world.ts'

const name = 'no-spin'
/** Per bridge and second: a ping and its answer each way, with their timers, turns and chunks. */
const eventsPerBridgeMax = 40
/** Per broker and second: sweeps and repairs. */
const eventsPerBrokerMax = 10

/** Per second: some dials that fail, with their timers and answers. */
const eventsPerTryingMax = 60

/**
 * What nobody takes of a queue with choosy consumers goes on now and then, in case somebody does:
 * so often in the time of rest, with so many events each time, and so many for each KiB.
 */
const turnsMax = 4
const eventsPerTurn = 20

/** Counts events from the moment all is delivered until the end. */
export function noSpin(world: SimWorld, complain: Complain): Checker {
  let stepsThen = 0
  let quietSinceMs = 0
  let bridgesThen: ReadonlySet<Bridge> = new Set()
  let isQuiet = false
  let turnEvents = 0
  const turns = new Map<MessageRecord, number>()
  return {
    name,
    onCrossing({ record, message }) {
      if (!isQuiet || record === undefined || !world.ledger.mayWander(record)) return
      const count = (turns.get(record) ?? 0) + 1
      turns.set(record, count)
      if (count <= turnsMax) turnEvents += eventsPerTurn + message.sizeBytes / 1_024
    },
    onQuiet() {
      isQuiet = true
      stepsThen = world.scheduler.steps
      quietSinceMs = world.nowMs
      bridgesThen = standingBridges(world)
    },
    atRest() {
      const bridges = standingBridges(world)
      const same = [...bridges].filter((bridge) => bridgesThen.has(bridge)).length
      if (same < bridges.size || same < bridgesThen.size) {
        complain(name, `${bridges.size - same} of ${bridges.size} bridges were made anew at rest`)
      }
      const seconds = (world.nowMs - quietSinceMs) / 1_000
      const rate = (world.scheduler.steps - stepsThen) / seconds
      const pairs = bridges.size / 2
      const rateMax =
        pairs * eventsPerBridgeMax +
        world.brokers.size * eventsPerBrokerMax +
        countTrying(world) * eventsPerTryingMax +
        Math.ceil(turnEvents / seconds)
      if (rate <= rateMax) return
      complain(name, `${Math.round(rate)} events a second at rest, expected at most ${rateMax}`)
    }
  }
}

/** Connectors and clients that try to connect to what is down or cut off, again and again. */
function countTrying(world: SimWorld): number {
  const links = world.topology.links.filter(
    (link) => world.isCut(link) || !world.isAtWork(link.a) || !world.isAtWork(link.b)
  )
  const clients = [...world.producers.values(), ...world.consumers.values()]
  return links.length + clients.filter(({ at }) => !world.isAtWork(at)).length
}

function standingBridges(world: SimWorld): ReadonlySet<Bridge> {
  return new Set(world.upBrokers().flatMap((broker) => broker.running.network.bridges.all()))
}
