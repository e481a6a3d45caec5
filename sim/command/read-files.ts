// Scenario and topology files from disk. What is wrong in them is printed with file and line; a
// file that names another names it from its own folder.

import { readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { messageOf } from '../../src/base/index.ts'
import { formatProblem, type TopologyProblem } from '../../src/config/index.ts'
import { type OpenFile, type Rehearsal, readRehearsal } from '../scenario-file/index.ts'

/** Longest file read. */
const fileBytesMax = 16 * 1024 * 1024

/** What reading a file came to. */
export interface FileReading {
  /** Undefined if it cannot be used; then there is at least one line about it. */
  readonly rehearsal: Rehearsal | undefined
  readonly problems: readonly TopologyProblem[]
  /** The same, one a line; or why the file cannot be read at all. */
  readonly lines: readonly string[]
}

/** Reads a scenario file or a topology file. */
export function readRehearsalFile(file: string): FileReading {
  const text = readText(file)
  if (typeof text !== 'string') {
    return { rehearsal: undefined, problems: [], lines: [`postroad: ${text.message}`] }
  }
  const { rehearsal, problems } = readRehearsal(text, file, openerFrom(file))
  return { rehearsal, problems, lines: problems.map(formatProblem) }
}

/** A rehearsal that names its topology file from the folder of `target`. */
export function relativeTo(rehearsal: Rehearsal, file: string, target: string): Rehearsal {
  const { origin } = rehearsal
  if (origin.kind !== 'file' || isAbsolute(origin.path)) return rehearsal
  // A topology file read by itself is named from where we are, others from their scenario's folder.
  const path = origin.path === file ? file : join(dirname(file), origin.path)
  return { ...rehearsal, origin: { kind: 'file', path: relative(dirname(target), path) } }
}

function openerFrom(file: string): OpenFile {
  return (path) => {
    const named = isAbsolute(path) ? path : join(dirname(file), path)
    const text = readText(named)
    if (typeof text === 'string') return { text, file: named }
    return { message: text.message, suggestion: `it is sought from the folder of ${file}` }
  }
}

function readText(file: string): string | { readonly message: string } {
  try {
    const stats = statSync(file)
    if (stats.isDirectory()) return { message: `"${file}" is a folder; name a file in it` }
    if (stats.size > fileBytesMax) {
      return { message: `"${file}" has ${stats.size} bytes; at most are ${fileBytesMax}` }
    }
    return readFileSync(file, 'utf8')
  } catch (error) {
    const why = `${messageOf(error)}; check its name and its rights`
    return { message: `cannot read "${file}": ${why}` }
  }
}
