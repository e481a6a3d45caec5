// Keeps two processes of one machine from using one data directory: a file names the process that
// has it. A process is told by its id and, where the system tells (Linux), by when it started, so
// that an id used again does not keep a directory locked for ever.
//
// The file comes into being with its content by link(2), which fails if it exists. A lock whose
// process is gone is moved aside by rename(2), which only one of several takers can do.

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, PostroadError } from '../base/index.ts'

/** Takers that get in each other's way try again, this often at the most. */
const triesMax = 10

/** A directory in use by this process. */
export interface DirectoryLock {
  /** Lets others use the directory. */
  release(): void
}

/**
 * Takes the directory for this process.
 * @throws PostroadError LOCAL_STORE_FAILED if another process has it or it cannot be written,
 *   LOCAL_STORE_FULL if its disk has no room for the file
 */
export function lockDirectory(directory: string): DirectoryLock {
  const file = join(directory, 'lock')
  const own = processMark(process.pid)
  try {
    for (let tries = 0; tries < triesMax; tries += 1) {
      if (tryCreate(file, own)) return { release: () => release(file, own) }
      const holder = readIfThere(file)
      if (holder === undefined) continue
      if (isRunning(holder)) throw inUse(directory, holder)
      moveAside(file, holder)
    }
  } catch (error) {
    if (error instanceof PostroadError) throw error
    const isFull = isCode(error, 'ENOSPC')
    const fix = isFull ? '; make room on its disk, a mebibyte is enough to start' : ''
    const text = `cannot lock data directory "${directory}": ${messageOf(error)}${fix}`
    const code = isFull ? 'LOCAL_STORE_FULL' : 'LOCAL_STORE_FAILED'
    throw new PostroadError(code, text, { directory }, error)
  }
  throw inUse(directory, 'several others that try at once')
}

/** The process that has the directory; undefined if none has. */
export function lockHolder(directory: string): number | undefined {
  const holder = readIfThere(join(directory, 'lock'))
  if (holder === undefined || !isRunning(holder)) return undefined
  const pid = Number(holder.split(' ')[0])
  return Number.isSafeInteger(pid) ? pid : undefined
}

/** '<pid>' or '<pid> <start time>'. */
function processMark(pid: number): string {
  const startedAt = startTimeOf(pid)
  return startedAt === undefined ? String(pid) : `${pid} ${startedAt}`
}

/** When a process started, in ticks since the machine did; undefined where the system hides it. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in parentheses, which may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function tryCreate(file: string, own: string): boolean {
  const draft = `${file}.${process.pid}`
  try {
    writeFileSync(draft, own)
    linkSync(draft, file)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function isRunning(holder: string): boolean {
  const match = /^(\d{1,10})(?: (\d+))?$/.exec(holder)
  // Not a lock of ours: let a person look at it rather than take it away.
  if (match === null) return true
  const pid = Number(match[1])
  try {
    process.kill(pid, 0)
  } catch (error) {
    return isCode(error, 'EPERM')
  }
  const startedAt = startTimeOf(pid)
  return match[2] === undefined || startedAt === undefined || match[2] === startedAt
}

function moveAside(file: string, holder: string): void {
  const aside = `${file}.${process.pid}.old`
  try {
    renameSync(file, aside)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return
    throw error
  }
  // Somebody may have taken the directory since its holder was read: then it stays theirs.
  if (readIfThere(aside) !== holder) tryLink(aside, file)
  rmSync(aside, { force: true })
}

function tryLink(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  }
}

function release(file: string, own: string): void {
  if (readIfThere(file) === own) rmSync(file, { force: true })
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function inUse(directory: string, holder: string): PostroadError {
  return new PostroadError(
    'LOCAL_STORE_FAILED',
    `data directory "${directory}" is in use by process ${holder.split(' ')[0]}; stop it, or ` +
      'give each broker a directory of its own (if no such process runs, delete ' +
      `${join(directory, 'lock')})`,
    { directory }
  )
}

function isCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown } | null)?.code === code
}
