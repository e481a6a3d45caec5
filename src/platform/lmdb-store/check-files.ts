// Looks at the files of a store before the library does: what it cannot open ends the process
// there, so whatever can be wrong with them has to be found, and said, first.

import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  type Stats,
  statSync
} from 'node:fs'
import { join } from 'node:path'
import { PostroadError } from '../../base/index.ts'
import { dataFileOf, diskFreeBytes } from './lmdb-environment.ts'

/** Room that a new store's first pages and its lock file need. */
const newStoreBytes = 1024 * 1024
const magic = 0xbeef_c0de
const dataVersion = 2
/** Where the first page of a file of LMDB has its magic number, its version and the page's size. */
const magicAt = 24
const versionAt = 28
const pageSizeAt = 48
const headBytes = 64

/**
 * Checks that the files in `directory` can be opened, to write in them or only to read, and are
 * those of a store.
 * @throws PostroadError, or what the system says
 */
export function checkStoreFiles(directory: string, isReadOnly: boolean): void {
  const file = dataFileOf(directory)
  const lockFile = join(directory, 'lock.mdb')
  const isNew = !existsSync(file) || statSync(file).size === 0
  if (isNew || !existsSync(lockFile)) checkRoom(directory)
  checkFile(file, isReadOnly, (handle, { size }) => {
    if (size > 0 && !isLmdbFile(handle, size)) throw noStore(directory)
  })
  // Readers, too, write who they are in the lock file.
  checkFile(lockFile, false, () => {})
}

/** The error for a file that is something else. */
export function noStore(directory: string): PostroadError {
  const text =
    `"${dataFileOf(directory)}" is no store of Postroad; name another directory, or move the ` +
    'file away and a new store is made'
  return new PostroadError('LOCAL_STORE_FAILED', text, { directory })
}

/** The error for a disk without room for a new store. */
export function noRoom(directory: string, cause?: unknown): PostroadError {
  const text = `there is no room on the disk for store "${directory}": make some`
  return new PostroadError('LOCAL_STORE_FULL', text, { directory }, cause)
}

function checkRoom(directory: string): void {
  const freeBytes = diskFreeBytes(directory)
  if (freeBytes !== undefined && freeBytes < newStoreBytes) throw noRoom(directory)
}

function checkFile(
  file: string,
  isReadOnly: boolean,
  check: (handle: number, stats: Stats) => void
): void {
  // 'a+' makes a file that is absent; the library takes an empty one for new.
  const handle = openSync(file, isReadOnly ? 'r' : 'a+')
  try {
    check(handle, fstatSync(handle))
  } finally {
    closeSync(handle)
  }
}

function isLmdbFile(handle: number, size: number): boolean {
  const head = Buffer.alloc(headBytes)
  if (readSync(handle, head, 0, headBytes, 0) < headBytes) return false
  // LMDB writes numbers as the machine does.
  const { buffer, byteOffset } = head
  const words = new Uint32Array(buffer.slice(byteOffset, byteOffset + headBytes))
  const pageBytes = words[pageSizeAt / 4]!
  return (
    words[magicAt / 4] === magic &&
    (words[versionAt / 4]! & 0xffff) === dataVersion &&
    pageBytes >= 4_096 &&
    pageBytes <= 65_536 &&
    size >= 2 * pageBytes
  )
}

/** Makes the names of files in a directory safe; not every system can open one. */
export function syncDirectory(directory: string): void {
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
