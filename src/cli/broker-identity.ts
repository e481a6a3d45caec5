// Who a broker is across its lives. With a data directory its id is made once and kept, and its
// incarnation rises with each start; without one, every start is a new broker. A life is dated by
// the wall clock, so that a broker that lost its data, or runs on an old copy of it, is none of the
// lives that others remember.

import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { messageOf, PostroadError } from '../base/index.ts'
import { releaseDiskReserve } from '../platform/index.ts'
import { type DirectoryLock, lockDirectory } from './directory-lock.ts'

/** A broker's id and which of its lives this is. */
export interface BrokerIdentity {
  /** 32 hexadecimal digits. */
  readonly brokerId: string
  readonly incarnation: number
  /** The life before, as the data tells; undefined for the first one. */
  readonly previousIncarnation?: number
}

/** A kept identity, and the lock on where it is kept. */
export interface KeptIdentity {
  readonly identity: BrokerIdentity
  readonly lock: DirectoryLock
}

/** The identity of a broker that keeps nothing, or has kept nothing so far. */
export function freshIdentity(): BrokerIdentity {
  return { brokerId: newBrokerId(), incarnation: Date.now() }
}

/**
 * Opens `dataDirectory/broker`, made if need be, for this process, and starts the next life there.
 * @throws PostroadError LOCAL_STORE_FAILED if it is in use, cannot be read or written, or holds an
 *   identity file that is damaged
 */
export function openIdentity(dataDirectory: string, broker: string): KeptIdentity {
  const directory = join(dataDirectory, broker)
  try {
    mkdirSync(directory, { recursive: true })
  } catch (error) {
    const text = `cannot make data directory "${directory}": ${messageOf(error)}`
    throw new PostroadError('LOCAL_STORE_FAILED', text, { directory }, error)
  }
  try {
    return open(directory)
  } catch (error) {
    // A broker that is not started because its disk is full would never empty its store.
    if (!isDiskFull(error) || !releaseDiskReserve(join(directory, 'store'))) throw error
    return open(directory)
  }
}

function open(directory: string): KeptIdentity {
  const lock = lockDirectory(directory)
  try {
    const file = join(directory, 'identity.json')
    const before = readIdentity(file)
    const identity = before === undefined ? freshIdentity() : laterLife(before)
    writeIdentity(directory, file, identity)
    return { identity, lock }
  } catch (error) {
    lock.release()
    throw error
  }
}

/**
 * Later than all lives before, also than those the data does not know of, because it is a copy from
 * earlier; and later than the one before whatever the clock says.
 */
function laterLife({ brokerId, incarnation }: BrokerIdentity): BrokerIdentity {
  const next = Math.max(incarnation + 1, Date.now())
  return { brokerId, incarnation: next, previousIncarnation: incarnation }
}

function isDiskFull(error: unknown): boolean {
  const cause = error instanceof PostroadError ? error.cause : undefined
  return (cause as { code?: unknown } | undefined)?.code === 'ENOSPC'
}

function newBrokerId(): string {
  return randomBytes(16).toString('hex')
}

function readIdentity(file: string): BrokerIdentity | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined
    throw unusable(file, messageOf(error), error)
  }
  const { brokerId, incarnation } = parseObject(file, text)
  if (typeof brokerId !== 'string' || !/^[0-9a-f]{32}$/.test(brokerId)) {
    throw unusable(file, 'brokerId is not 32 hexadecimal digits')
  }
  const isCount = Number.isSafeInteger(incarnation) && (incarnation as number) >= 1
  if (!isCount || incarnation === Number.MAX_SAFE_INTEGER) {
    throw unusable(file, 'incarnation is not a whole number of 1 or more')
  }
  return { brokerId, incarnation: incarnation as number }
}

function parseObject(file: string, text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json === 'object' && json !== null) return json as Record<string, unknown>
  } catch (error) {
    throw unusable(file, messageOf(error), error)
  }
  throw unusable(file, 'it is not a JSON object')
}

/** Writes the file whole or not at all, whatever happens meanwhile. */
function writeIdentity(directory: string, file: string, identity: BrokerIdentity): void {
  const draft = `${file}.new`
  try {
    const handle = openSync(draft, 'w')
    try {
      const { brokerId, incarnation } = identity
      writeFileSync(handle, `${JSON.stringify({ brokerId, incarnation })}\n`)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(draft, file)
    syncDirectory(directory)
  } catch (error) {
    const text = `cannot write identity file "${file}": ${messageOf(error)}`
    throw new PostroadError('LOCAL_STORE_FAILED', text, { file }, error)
  }
}

/** The new name is safe only when the directory is; not every system can open one. */
function syncDirectory(directory: string): void {
  let handle: number
  try {
    handle = openSync(directory, 'r')
  } catch {
    return
  }
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function unusable(file: string, why: string, cause?: unknown): PostroadError {
  return new PostroadError(
    'LOCAL_STORE_FAILED',
    `identity file "${file}" cannot be used: ${why}; restore it from a copy, or delete it and ` +
      'the broker starts as a new one',
    { file },
    cause
  )
}
