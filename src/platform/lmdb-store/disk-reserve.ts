// A file beside the store that holds room on the disk. Even to remove messages the store writes
// some pages anew; on a disk that is full to the brim it could never be emptied. Then the file is
// deleted, and made again when there is room.

import { randomBytes } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { diskFreeBytes } from './lmdb-environment.ts'

/** The reserve is made again only when so many times its size is free. */
const freeFactor = 4
/** A disk that is not that full again is looked at only after so many commits. */
const commitsBetweenTries = 256

const randomBytesSoon = promisify(randomBytes)

const fileName = 'reserve'

/**
 * Gives the room of a store that is not open to whoever needs it to open it; the store takes some
 * again when there is. False if there was none to give.
 */
export function releaseDiskReserve(storeDirectory: string): boolean {
  const file = join(storeDirectory, fileName)
  if (!existsSync(file)) return false
  rmSync(file, { force: true })
  return true
}

/** See the top of this file. */
export class DiskReserve {
  /** Its size. */
  readonly bytes: number
  private readonly directory: string
  private readonly file: string
  private isInPlace: boolean
  private isBeingMade = false
  private commitsSinceTry = commitsBetweenTries

  constructor(directory: string, bytes: number) {
    this.directory = directory
    this.file = join(directory, fileName)
    this.bytes = bytes
    this.isInPlace = existsSync(this.file)
  }

  /** While it is not, the last room of the disk is not for messages. */
  get isHeld(): boolean {
    return this.isInPlace
  }

  /** Room on the disk for messages to put; without limit where the system does not tell. */
  get freeBytes(): number {
    const free = diskFreeBytes(this.directory)
    return free === undefined ? Number.POSITIVE_INFINITY : Math.max(0, free - this.bytes)
  }

  /** Gives the room to the store; false if there was none to give. */
  release(): boolean {
    // One that is being made is in place a moment before it counts as held.
    if (!releaseDiskReserve(this.directory)) return false
    this.isInPlace = false
    this.commitsSinceTry = 0
    return true
  }

  /** A commit went well: takes room again if it is time to, without holding anybody up. */
  noteCommit(): void {
    if (this.isInPlace || this.isBeingMade) return
    this.commitsSinceTry += 1
    if (this.commitsSinceTry < commitsBetweenTries) return
    this.commitsSinceTry = 0
    const free = diskFreeBytes(this.directory)
    if (free === undefined || free < this.bytes * freeFactor) return
    this.isBeingMade = true
    const onEnd = (): void => {
      this.isBeingMade = false
      this.isInPlace = existsSync(this.file)
    }
    // Without a reserve the store works as well, until the disk is full.
    this.make().then(onEnd, onEnd)
  }

  private async make(): Promise<void> {
    const draft = `${this.file}.new`
    try {
      const handle = await open(draft, 'w')
      try {
        // Zeros would take no room on a disk that compresses.
        await handle.write(await randomBytesSoon(this.bytes))
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(draft, this.file)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }
}
