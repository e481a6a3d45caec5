// A store as others see it who only look: inspect, verify and export read it so, also while a
// broker is using it. What is there is as of the moment it was opened.

import type { ChannelMark, ReadLimits, StoredMessage } from '../../ports/index.ts'
import type { LmdbEnvironment, Space } from './lmdb-environment.ts'
import { openStoredEnvironment } from './open-store.ts'
import { readRun, runEnds } from './read-run.ts'
import { queueNumberOf, recordNumberMax, runBounds } from './record-keys.ts'
import { StoreIndex } from './store-index.ts'

/** What a queue's record says. */
export interface QueueRecord {
  readonly name: string
  readonly count: number
  readonly bytes: number
}

/** See the top of this file. */
export class StoreReader {
  readonly storeId: string
  readonly format: number
  private readonly environment: LmdbEnvironment
  private readonly index: StoreIndex

  /**
   * Opens the store in `directory`.
   * @throws PostroadError LOCAL_STORE_FAILED if there is none, or it cannot be read
   */
  static async open(directory: string): Promise<StoreReader> {
    const { environment, header } = await openStoredEnvironment(directory)
    return new StoreReader(environment, header.storeId, header.format)
  }

  private constructor(environment: LmdbEnvironment, storeId: string, format: number) {
    this.environment = environment
    this.storeId = storeId
    this.format = format
    environment.holdSnapshot()
    this.index = StoreIndex.read(environment)
  }

  get space(): Space {
    return this.environment.space()
  }

  /** Removed queues whose messages are still to be deleted. */
  get deadRuns(): number {
    return this.index.deadRuns.size
  }

  /** By name. */
  queues(): QueueRecord[] {
    const records = [...this.index.queues].map(([name, { count, bytes }]) => {
      return { name, count, bytes }
    })
    return records.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Sequences of a queue's first and last message; undefined if it has none. */
  ends(queue: string): readonly [first: number, last: number] | undefined {
    const number = this.index.queues.get(queue)?.number
    return number === undefined ? undefined : runEnds(this.environment, number)
  }

  /** As `read` of the store port. */
  read(queue: string, after: number, limits: ReadLimits): StoredMessage[] {
    const number = this.index.queues.get(queue)?.number
    return number === undefined ? [] : readRun(this.environment, number, after, limits)
  }

  /** Numbers under which messages lie that belong to no queue: there should be none. */
  strayRuns(): number[] {
    const known = new Set(this.index.deadRuns)
    for (const { number } of this.index.queues.values()) known.add(number)
    const stray: number[] = []
    const [, end] = runBounds(recordNumberMax)
    for (let [from] = runBounds(1); ; ) {
      const [key] = this.environment.keys(from, end, 1)
      if (key === undefined) return stray
      const number = queueNumberOf(key)
      if (!known.has(number)) stray.push(number)
      from = runBounds(number)[1]
    }
  }

  /** Marks by channel. */
  marks(): [channel: string, mark: ChannelMark][] {
    const marks = [...this.index.marks].map(([channel, { mark }]): [string, ChannelMark] => {
      return [channel, mark]
    })
    return marks.sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** Facts by key. */
  facts(): [key: string, value: string][] {
    const facts = [...this.index.facts].map(([key, { value }]): [string, string] => [key, value])
    return facts.sort(([a], [b]) => (a < b ? -1 : 1))
  }

  async close(): Promise<void> {
    await this.environment.close()
  }
}
