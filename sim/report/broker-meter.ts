// What each broker took, gave and held, and how long it was down or out of reach.

import { rounded } from './latency-histogram.ts'
import type { BrokerSample } from './observed-world.ts'
import type { BrokerReport } from './report.ts'

type Tally = { -readonly [K in keyof Omit<BrokerReport, 'peakBacklogIn'>]: BrokerReport[K] } & {
  peakBacklogIn: string | undefined
  downSinceMs: number | undefined
}

/** See the top of this file. Times are since the network was at work. */
export class BrokerMeter {
  private readonly tallies: ReadonlyMap<string, Tally>

  constructor(brokers: readonly string[]) {
    this.tallies = new Map(brokers.map((broker) => [broker, newTally(broker)]))
  }

  onAccepted(broker: string): void {
    const tally = this.tallies.get(broker)
    if (tally !== undefined) tally.accepted += 1
  }

  onDelivered(broker: string): void {
    const tally = this.tallies.get(broker)
    if (tally !== undefined) tally.delivered += 1
  }

  /** Says whether it is up and someone has a bridge to it. */
  setInReach(broker: string, isInReach: boolean, atMs: number): void {
    const tally = this.tallies.get(broker)
    if (tally === undefined || isInReach === (tally.downSinceMs === undefined)) return
    if (tally.downSinceMs === undefined) {
      tally.downSinceMs = atMs
    } else {
      tally.downMs += atMs - tally.downSinceMs
      tally.downSinceMs = undefined
    }
  }

  read(samples: readonly BrokerSample[], atMs: number): void {
    for (const { broker, waiting, waitingBytes, storeBytes, queues } of samples) {
      const tally = this.tallies.get(broker)
      if (tally === undefined) continue
      if (waiting > tally.peakBacklog) {
        tally.peakBacklog = waiting
        tally.peakBacklogAtMs = rounded(atMs)
        tally.peakBacklogIn = queues[0]?.queue
      }
      tally.peakBacklogBytes = Math.max(tally.peakBacklogBytes, waitingBytes)
      tally.peakStoreBytes = Math.max(tally.peakStoreBytes, storeBytes)
      tally.waiting = waiting
      tally.waitingIn = queues
    }
  }

  report(atMs: number): BrokerReport[] {
    return [...this.tallies.values()].map(({ downSinceMs, peakBacklogIn, ...tally }) => ({
      ...tally,
      ...(peakBacklogIn === undefined ? {} : { peakBacklogIn }),
      downMs: rounded(tally.downMs + (downSinceMs === undefined ? 0 : atMs - downSinceMs))
    }))
  }
}

function newTally(broker: string): Tally {
  return {
    broker,
    accepted: 0,
    delivered: 0,
    peakBacklog: 0,
    peakBacklogAtMs: 0,
    peakBacklogBytes: 0,
    peakStoreBytes: 0,
    waiting: 0,
    waitingIn: [],
    downMs: 0,
    peakBacklogIn: undefined,
    downSinceMs: undefined
  }
}
