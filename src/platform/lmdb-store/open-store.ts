// Opens a store in a directory, made if need be, and says clearly why it cannot: no store, a newer
// format, damage, no permission, no room. The header tells what the directory holds.

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { isPostroadError, messageOf, PostroadError } from '../../base/index.ts'
import { checkStoreFiles, noRoom, noStore, syncDirectory } from './check-files.ts'
import { codeOf, dataFileOf, LmdbEnvironment } from './lmdb-environment.ts'
import { LmdbStore } from './lmdb-store.ts'
import { recordKey, recordKinds, type StoreHeader } from './record-keys.ts'

/** The format this version writes, and the newest it reads. */
export const storeFormat = 1

/** Smallest bound a store works with. */
export const storeBytesMaxLeast = 1024 * 1024

/** How a store is opened. */
export interface OpenStoreOptions {
  /** For the store alone; made if it is absent. */
  readonly directory: string
  /** Bound of the store in bytes, at least {@link storeBytesMaxLeast}. */
  readonly bytesMax: number
}

/**
 * Opens a store to write in it; one process at a time may.
 * @throws PostroadError LOCAL_STORE_FAILED, or LOCAL_STORE_FULL if the disk has no room for one
 */
export async function openLmdbStore(options: OpenStoreOptions): Promise<LmdbStore> {
  const { directory, bytesMax } = options
  try {
    mkdirSync(directory, { recursive: true })
  } catch (error) {
    throw openFailure(directory, error)
  }
  const environment = await openEnvironment(directory, bytesMax, false)
  return await guarded(environment, async () => {
    let header = readHeader(environment)
    if (header === undefined) {
      if (!environment.isEmpty) throw noStore(directory)
      header = await writeHeader(environment)
    }
    const { storeId } = header
    return new LmdbStore({ environment, storeId, bytesMax: Math.max(bytesMax, storeBytesMaxLeast) })
  })
}

/**
 * Opens the environment of a store that is there, only to read it; a broker may be using it.
 * @throws PostroadError LOCAL_STORE_FAILED
 */
export async function openStoredEnvironment(
  directory: string
): Promise<{ readonly environment: LmdbEnvironment; readonly header: StoreHeader }> {
  if (!existsSync(dataFileOf(directory))) {
    const text = `there is no store in "${directory}": no file ${dataFileOf(directory)}`
    throw new PostroadError('LOCAL_STORE_FAILED', text, { directory })
  }
  const environment = await openEnvironment(directory, storeBytesMaxLeast, true)
  return await guarded(environment, async () => {
    const header = readHeader(environment)
    if (header === undefined) throw noStore(directory)
    return { environment, header }
  })
}

async function openEnvironment(
  directory: string,
  bytesMax: number,
  isReadOnly: boolean
): Promise<LmdbEnvironment> {
  try {
    checkStoreFiles(directory, isReadOnly)
    // Address space only; some above the bound, so that the map need not grow.
    return await LmdbEnvironment.open({ directory, mapBytes: bytesMax * 1.25, isReadOnly })
  } catch (error) {
    throw isPostroadError(error) ? error : openFailure(directory, error)
  }
}

/** Closes the environment again if `body` fails; what it met in the file is damage. */
async function guarded<T>(environment: LmdbEnvironment, body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    await environment.close()
    if (isPostroadError(error)) throw error
    throw openFailure(environment.options.directory, error)
  }
}

function readHeader(environment: LmdbEnvironment): StoreHeader | undefined {
  const { directory } = environment.options
  const value = environment.get(recordKey(recordKinds.header, 0))
  environment.endReads()
  if (value === undefined) return undefined
  const header = JSON.parse(value.toString()) as Partial<StoreHeader>
  const { format, storeId } = header
  if (typeof format !== 'number' || typeof storeId !== 'string') throw damaged(directory, 'header')
  if (format > storeFormat) {
    throw new PostroadError(
      'LOCAL_STORE_FAILED',
      `store "${directory}" has format ${format}, and this version of Postroad reads formats up ` +
        `to ${storeFormat}: run the version that wrote it, or export there with "postroad store ` +
        'export" and import here',
      { directory, format }
    )
  }
  return { format, storeId }
}

async function writeHeader(environment: LmdbEnvironment): Promise<StoreHeader> {
  const header = { format: storeFormat, storeId: randomBytes(16).toString('hex') }
  const value = Buffer.from(JSON.stringify(header))
  await environment.write([{ key: recordKey(recordKinds.header, 0), value }])
  // The file's name is safe only when the directories are.
  const { directory } = environment.options
  syncDirectory(directory)
  syncDirectory(dirname(directory))
  return header
}

const errnos = { permission: [13, 1, 30], noSpace: [28, 122, 27], inTheWay: [17, 20] } as const

/** The sentence for an error of the system or the library at opening. */
function openFailure(directory: string, error: unknown): PostroadError {
  const file = dataFileOf(directory)
  const code = codeOf(error) ?? errnoOf(error)
  const is = (list: readonly number[]): boolean => code !== undefined && list.includes(code)
  if (is(errnos.permission)) {
    const text =
      `store "${directory}" cannot be opened: no permission (${messageOf(error)}); give the user ` +
      'who runs the broker the right to read and write it and its files'
    return new PostroadError('LOCAL_STORE_FAILED', text, { directory }, error)
  }
  if (is(errnos.noSpace)) {
    return noRoom(directory, error)
  }
  if (is(errnos.inTheWay)) {
    const text = `store "${directory}" cannot be made: a file of that name is in the way`
    return new PostroadError('LOCAL_STORE_FAILED', text, { directory }, error)
  }
  return damaged(directory, `${file}: ${messageOf(error)}`, error)
}

function errnoOf(error: unknown): number | undefined {
  const errno = (error as { errno?: unknown } | null)?.errno
  return typeof errno === 'number' ? Math.abs(errno) : undefined
}

function damaged(directory: string, what: string, cause?: unknown): PostroadError {
  const text =
    `store "${directory}" cannot be read, it may be damaged (${what}); restore it from a copy, ` +
    'or move it away and the broker starts with an empty one'
  return new PostroadError('LOCAL_STORE_FAILED', text, { directory }, cause)
}
