// One LMDB file, and all that is particular to the lmdb library: how it is opened, how a batch
// becomes durable, and what its errors mean. It knows keys and values, not queues.
//
// Opened without overlapping syncs, so that a batch is visible only when it is on the disk, and one
// that could not be flushed took no effect. Batches are written by a thread of the library; one at
// a time is given to it, so that an error is the error of that batch.

import { closeSync, fstatSync, ftruncateSync, openSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import type { RootDatabase, Transaction } from 'lmdb'
import { assert, messageOf, PostroadError } from '../../base/index.ts'

/** One change: a value to put, or undefined to delete the key. */
export interface Operation {
  readonly key: Buffer
  readonly value: Buffer | undefined
}

/** A key and its value; both belong to the receiver. */
export interface Entry {
  readonly key: Buffer
  readonly value: Buffer
}

/** How an environment is opened. */
export interface EnvironmentOptions {
  readonly directory: string
  /** Address space for the file; it grows beyond if it must. */
  readonly mapBytes: number
  readonly isReadOnly: boolean
}

/** Pages in use and pages of the file. */
export interface Space {
  readonly liveBytes: number
  readonly fileBytes: number
}

type Database = RootDatabase<Buffer, Buffer>
type Lmdb = typeof import('lmdb')

/** 1 KiB messages fill such pages to 80 %, those of 4 KiB to half. */
const pageBytes = 8_192
/** A failed write is laid to a full disk if less is free. */
const diskFreeBytesMin = 4 * 1024 * 1024

const noSpace = new Set([28, 122, 27, -30792])

/** The file of the environment in `directory`. */
export function dataFileOf(directory: string): string {
  return join(directory, 'data.mdb')
}

/** Bytes free to us on the disk of `directory`; undefined where the system does not tell. */
export function diskFreeBytes(directory: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(directory)
    return bavail * bsize
  } catch {
    return undefined
  }
}

/** See the top of this file. */
export class LmdbEnvironment {
  readonly options: EnvironmentOptions
  private readonly lmdb: Lmdb
  private opened: Database | undefined
  private isWriting = false
  /** Reads see what was there when it was taken, whatever others write. */
  private snapshot: Transaction | undefined = undefined

  /**
   * Opens the environment, made if need be.
   * @throws what the library throws; see {@link openFailure}
   */
  static async open(options: EnvironmentOptions): Promise<LmdbEnvironment> {
    // The library takes some 40 ms to load: only brokers with such a store wait for it.
    const lmdb = await import('lmdb')
    const environment = new LmdbEnvironment(lmdb, options)
    environment.openNow()
    return environment
  }

  private constructor(lmdb: Lmdb, options: EnvironmentOptions) {
    this.lmdb = lmdb
    this.options = options
  }

  get(key: Buffer): Buffer | undefined {
    const value = this.database.getBinary(key)
    return value === undefined ? undefined : asBuffer(value)
  }

  /** Length of a value; -1 if the key is absent. */
  sizeOf(key: Buffer): number {
    return this.database.getBinaryFast(key)?.length ?? -1
  }

  /** Entries from `start` up to, and without, `end`, in order. To be walked within one turn. */
  entries(start: Buffer, end: Buffer): Iterable<Entry> {
    const { database } = this
    const range = database.getRange({ start, end, ...this.transaction })
    return range.map(({ key, value }) => ({ key: asBuffer(key), value: asBuffer(value) }))
  }

  keys(start: Buffer, end: Buffer, countMax: number): Buffer[] {
    const { database } = this
    return [...database.getKeys({ start, end, limit: countMax, ...this.transaction })].map(asBuffer)
  }

  /** The highest key between `start` and `end`, both of them absent. */
  lastKey(start: Buffer, end: Buffer): Buffer | undefined {
    const { database } = this
    const backwards = { start: end, end: start, reverse: true, limit: 1 }
    const [key] = database.getKeys({ ...backwards, ...this.transaction })
    return key === undefined ? undefined : asBuffer(key)
  }

  /** From here on reads see the file as it is now, until it is closed. */
  holdSnapshot(): void {
    this.snapshot = this.database.useReadTransaction()
  }

  /** Lets go of the pages that reads have held: they may be used again. */
  endReads(): void {
    this.database.resetReadTxn()
  }

  /**
   * Makes all of the operations durable, or none.
   * @throws PostroadError LOCAL_STORE_FULL or LOCAL_STORE_FAILED
   */
  async write(operations: readonly Operation[]): Promise<void> {
    assert(!this.isWriting, 'one batch at a time is written')
    this.isWriting = true
    const { database } = this
    try {
      await database.batch(() => {
        for (const { key, value } of operations) {
          if (value === undefined) void database.remove(key)
          else void database.put(key, value)
        }
      })
    } catch (error) {
      throw this.writeFailure(await causeOf(error))
    } finally {
      this.isWriting = false
    }
  }

  space(): Space {
    const stats = this.database.getStats() as Stats
    this.endReads()
    const { root, free } = stats
    const pages = pagesOf(root) + pagesOf(free) + 2
    return {
      liveBytes: pages * stats.pageSize,
      fileBytes: (stats.lastPageNumber + 1) * stats.pageSize
    }
  }

  /** True if the file holds nothing. */
  get isEmpty(): boolean {
    return (this.database.getStats() as Stats).root.entryCount === 0
  }

  /**
   * Closes the file and opens it again: what was read no longer counts as memory of the process,
   * and an error that the library remembers is forgotten.
   */
  async reopen(): Promise<void> {
    await this.close()
    this.openNow()
  }

  async close(): Promise<void> {
    const database = this.opened
    this.opened = undefined
    this.snapshot?.done()
    this.snapshot = undefined
    await database?.close()
  }

  /** The open file. One that is just being opened again is opened at once. */
  private get database(): Database {
    if (this.opened === undefined) this.openNow()
    return this.opened!
  }

  private get transaction(): { transaction: Transaction } | undefined {
    return this.snapshot === undefined ? undefined : { transaction: this.snapshot }
  }

  private openNow(): void {
    if (this.opened !== undefined) return
    const { directory, mapBytes, isReadOnly } = this.options
    const database = this.lmdb.open<Buffer, Buffer>({
      path: directory,
      encoding: 'binary',
      keyEncoding: 'binary',
      pageSize: pageBytes,
      mapSize: mapBytes,
      readOnly: isReadOnly,
      overlappingSync: false,
      eventTurnBatching: false,
      noSubdir: false,
      maxDbs: 1
    })
    this.opened = database
    if (!isReadOnly) makeWhole(directory, this.space().fileBytes)
  }

  private writeFailure(cause: unknown): PostroadError {
    const { directory } = this.options
    const code = codeOf(cause)
    const freeBytes = diskFreeBytes(directory)
    const isFull =
      noSpace.has(code ?? 0) || (freeBytes !== undefined && freeBytes < diskFreeBytesMin)
    if (isFull) {
      const text = `the disk of store "${directory}" is full: make room on it`
      return new PostroadError('LOCAL_STORE_FULL', text, { directory, freeBytes }, cause)
    }
    const text = `store "${directory}" could not be written: ${messageOf(cause)}`
    return new PostroadError('LOCAL_STORE_FAILED', text, { directory }, cause)
  }
}

interface TreeStats {
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
  readonly entryCount: number
}

interface Stats {
  readonly pageSize: number
  readonly lastPageNumber: number
  readonly root: TreeStats
  readonly free: TreeStats
}

function pagesOf({ treeBranchPageCount, treeLeafPageCount, overflowPages }: TreeStats): number {
  return treeBranchPageCount + treeLeafPageCount + overflowPages
}

/**
 * The library reads by a map of the file: what is missing at its end would end the process. Pages
 * that were never written may be missing rightly; others come back empty, and reading them fails.
 */
function makeWhole(directory: string, bytes: number): void {
  const handle = openSync(dataFileOf(directory), 'r+')
  try {
    if (fstatSync(handle).size < bytes) ftruncateSync(handle, bytes)
  } finally {
    closeSync(handle)
  }
}

/** The library's own error: it is handed on in the error that a batch ends with. */
async function causeOf(error: unknown): Promise<unknown> {
  const cause = (error as { commitError?: Promise<unknown> } | null)?.commitError
  if (cause === undefined) return error
  try {
    await cause
    return error
  } catch (inner) {
    return inner
  }
}

/** The number LMDB or the system gave an error; undefined for none. */
export function codeOf(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'number' ? code : undefined
}

function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
