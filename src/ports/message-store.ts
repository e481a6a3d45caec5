// Where persistent messages rest, as a port. One contract and one exam (test/conformance/) for
// every kind. Changes gather in an open batch; `commit` makes the whole batch durable or none of
// it.

import type { PostroadError } from '../base/index.ts'

/** A message as the store sees it: bytes made once, on demand. */
export interface StorableMessage {
  /** Length of what `encode` returns. */
  readonly encodedBytes: number
  /** The message's encoded form; the store keeps it and never changes it. */
  encode(): Buffer
}

/** One stored message, as read back. */
export interface StoredMessage {
  /** Position in its queue; higher is later. */
  readonly sequence: number
  readonly bytes: Buffer
}

/** What a queue holds in the store. */
export interface QueueSummary {
  readonly count: number
  /** Encoded length of all its messages. */
  readonly bytes: number
  readonly firstSequence: number
  readonly lastSequence: number
}

/** How much one read answers. At least one message, if there is one, and `countMax` is not 0. */
export interface ReadLimits {
  readonly countMax: number
  /** Bytes of all messages read; a single one may be longer. */
  readonly bytesMax: number
}

/** How full a store is. */
export interface StoreUsage {
  /** With what the kind of store adds to the messages; falls when messages are removed. */
  readonly bytesUsed: number
  readonly bytesMax: number
  /** Room for messages, about: what is left of the bound, or of the disk if that is less. */
  readonly bytesFree: number
}

/**
 * How far a custody channel has been received: the epoch of the sender's log and its high-water
 * mark.
 */
export interface ChannelMark {
  readonly epoch: string
  readonly highWater: number
}

/** A transactional, ordered store of messages, channel marks and small facts. */
export interface MessageStore {
  /** 'memory', 'lmdb' …; for logs. */
  readonly kind: string
  /** False when nothing survives the process. */
  readonly isDurable: boolean
  /**
   * Made once, at random, and kept: a disk that was wiped, or is a copy of another broker's, has
   * another one than was expected.
   */
  readonly storeId: string
  /** Adds a message to `queue` at `sequence`, any safe integer, in the open batch. */
  put(queue: string, sequence: number, message: StorableMessage): void
  /** Removes one message, in the open batch; absent ones are ignored. */
  remove(queue: string, sequence: number): void
  /** Removes every message of a queue, in the open batch. */
  removeQueue(queue: string): void
  /** Sets a channel's mark, in the open batch. */
  setMark(channel: string, mark: ChannelMark): void
  /**
   * Sets (or with undefined deletes) a named fact, such as a durable subscription, in the open
   * batch.
   */
  setFact(key: string, value: string | undefined): void
  /**
   * Closes the open batch and makes it durable. `done` is called once, never before `commit`
   * returns, and for successive commits in order: undefined when the batch is safe, or an error,
   * and then nothing of the batch took effect: LOCAL_STORE_FULL if there is no room for it, with
   * `bytesMax` among its facts if that is the store's own bound and not the disk;
   * LOCAL_STORE_FAILED if it could not be written or flushed. It takes with it the commits begun
   * before its `done`, with the same error, so that nothing is ever durable without what came
   * before it. Later commits may succeed; those that only remove do so in a full store, too.
   */
  commit(done: (error: PostroadError | undefined) => void): void
  /** Names of queues that hold messages, committed batches only. */
  queues(): string[]
  /** What `queue` holds, committed batches only; undefined for nothing. Cheap at any length. */
  summary(queue: string): QueueSummary | undefined
  /**
   * Messages of `queue` with sequence > `after`, in order, committed batches only; -Infinity reads
   * from the first.
   * @throws PostroadError LOCAL_STORE_FAILED if the store cannot be read
   */
  read(queue: string, after: number, limits: ReadLimits): StoredMessage[]
  mark(channel: string): ChannelMark | undefined
  fact(key: string): string | undefined
  /** Keys of facts that start with `prefix`, in order. */
  factKeys(prefix: string): string[]
  /** As last known where the store cannot be read. */
  usage(): StoreUsage
  /** Flushes and closes; `done` follows. The store must not be used again. */
  close(done: (error: PostroadError | undefined) => void): void
}
