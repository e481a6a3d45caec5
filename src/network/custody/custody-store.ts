// Where one broker keeps what it owes other brokers, and what it has taken from them: a log and a
// mark for each channel, by the other broker's name.

import type { ChannelMark } from '../../ports/index.ts'
import { TransferLog, type TransferLogDeps } from './transfer-log.ts'

const logPrefix = 'bridge '
const parkedPrefix = 'parked '

/** True for the store's queues that hold messages on their way to other brokers. */
export function isTransferLog(queue: string): boolean {
  return queue.startsWith(logPrefix)
}

/** The store's queue of what waits for a way to a broker; no name of a client's queue. */
export function parkedQueueName(target: string): string {
  return `${parkedPrefix}${target}`
}

/** The broker that a queue of the store is parked for; undefined for any other queue. */
export function parkedTargetOf(queue: string): string | undefined {
  return queue.startsWith(parkedPrefix) ? queue.slice(parkedPrefix.length) : undefined
}

/** See the top of this file. Only for a broker whose store outlives it. */
export class CustodyStore {
  private readonly deps: TransferLogDeps

  constructor(deps: TransferLogDeps) {
    this.deps = deps
  }

  /** Brokers that an earlier life owed something. */
  peers(): string[] {
    const logs = this.deps.store.queues().filter((queue) => queue.startsWith(logPrefix))
    return logs.map((queue) => queue.slice(logPrefix.length))
  }

  /** The log of the channel to a broker. */
  logOf(peer: string): TransferLog {
    return new TransferLog(`${logPrefix}${peer}`, this.deps)
  }

  /** The mark of the channel from a broker. */
  marksOf(peer: string) {
    const { store } = this.deps
    return {
      mark: fromKept(store.mark(peer)),
      setMark: (epoch: number, highWater: number): void =>
        store.setMark(peer, { epoch: String(epoch), highWater }),
      whenDurable: (callback: (error: Error | undefined) => void): void =>
        store.whenDurable(callback)
    }
  }
}

function fromKept(kept: ChannelMark | undefined) {
  if (kept === undefined) return undefined
  return { epoch: Number(kept.epoch), highWater: kept.highWater }
}
