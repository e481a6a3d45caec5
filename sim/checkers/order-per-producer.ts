// Judge: within a stable phase a subscription gets the messages of one producer to one destination
// in the order they were sent. Of a queue with consumers at several brokers only those are in order
// that came the same way and were meant for the same brokers on it: what waits for room on its way
// may be given another target there.

import type { Checker, Complain } from '../watcher.ts'
import type { MessageRecord } from '../workload/ledger.ts'
import type { JudgedWorld } from './judged-world.ts'

const name = 'order-per-producer'

/** Crossings so far: the broker each led to, and those it was for. Equal ways are one object. */
class Way {
  private readonly onwards = new Map<string, Map<string, Way>>()

  onward(to: string, targets: readonly string[]): Way {
    let byTargets = this.onwards.get(to)
    if (byTargets === undefined) {
      byTargets = new Map()
      this.onwards.set(to, byTargets)
    }
    const key = targets.length === 1 ? targets[0]! : targets.join()
    let longer = byTargets.get(key)
    if (longer === undefined) {
      longer = new Way()
      byTargets.set(key, longer)
    }
    return longer
  }
}

/** Latest numbers of one producer, by way. */
type Stream = Map<Way, number>

/** Looks at every delivery. */
export function orderPerProducer(world: JudgedWorld, complain: Complain): Checker {
  const start = new Way()
  /** By subscription and producer, which has one destination. */
  const latest = new Map<string, Map<string, Stream>>()
  /** Of messages of queues, by the record's index. */
  const ways: (Way | undefined)[] = []
  /** Highest number that brokers have taken, by producer. */
  const highest = new Map<string, number>()
  /** Taken after later ones: by another connection, which was not held back. */
  const overtaken = new Set<MessageRecord>()
  return {
    name,
    onUnstable() {
      latest.clear()
    },
    onAccepted(record) {
      const { producer, number } = record
      const before = highest.get(producer) ?? 0
      if (number < before) overtaken.add(record)
      else highest.set(producer, number)
    },
    onCrossing({ to, targets, record }) {
      if (record?.kind !== 'queue') return
      ways[record.index] = (ways[record.index] ?? start).onward(to, targets)
    },
    onDelivered({ record, session, isRedelivered, isDeadLetter }) {
      if (!world.hadNoFault(record) || isRedelivered || isDeadLetter) return
      if (overtaken.has(record)) return
      const stream = streamOf(latest, session, record.producer)
      const way = ways[record.index] ?? start
      const before = stream.get(way) ?? 0
      if (record.number < before) {
        complain(name, `${session} got ${record.key} after ${record.producer}.${before}`)
      }
      stream.set(way, record.number)
    }
  }
}

function streamOf(
  latest: Map<string, Map<string, Stream>>,
  session: string,
  producer: string
): Stream {
  let streams = latest.get(session)
  if (streams === undefined) {
    streams = new Map()
    latest.set(session, streams)
  }
  let stream = streams.get(producer)
  if (stream === undefined) {
    stream = new Map()
    streams.set(producer, stream)
  }
  return stream
}
