// What documents promise: that links lead somewhere, that files and functions they name exist, and
// that tables of codes and limits say what the code says.

import { posix } from 'node:path'
import type { TextFile } from './repository.ts'

/** One row of a table in a document: its cells, without spaces around and code marks. */
export interface TableRow {
  readonly cells: readonly string[]
  readonly line: number
}

const fence = /^\s*(```|~~~)/
const link = /\[(?:[^\]\\]|\\.)*\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g
const codeSpan = /`([^`]+)`/g
/** Code spans that are meant to be paths of the repository; capitals stand for what varies. */
const pathSpan =
  /^(src|sim|test|bench|docs|topologies|bin|\.ci)\/[A-Za-z0-9._/-]*$|^(Makefile|package\.json)$/

/** Links and named paths that lead nowhere, one line each. */
export function findDocumentFaults(
  documents: readonly TextFile[],
  exists: (path: string) => boolean
): string[] {
  const anchors = new Map(documents.map(({ path, text }) => [path, anchorsOf(text)]))
  const faults: string[] = []
  for (const { path, text } of documents) {
    for (const [index, line] of proseLines(text).entries()) {
      const at = `${path}:${index + 1}`
      for (const [, target] of line.matchAll(link)) {
        const fault = linkFault(path, target!, anchors, exists)
        if (fault !== undefined) faults.push(`${at}: ${fault}`)
      }
      for (const [, span] of line.matchAll(codeSpan)) {
        if (!pathSpan.test(span!) || /[A-Z]-[A-Z]/.test(span!) || exists(span!.replace(/\/$/, '')))
          continue
        faults.push(`${at}: names ${span}, which does not exist`)
      }
    }
  }
  return faults
}

/** Every row of every table in a document, in order, headings included. */
export function tableRows(text: string): TableRow[] {
  const rows: TableRow[] = []
  for (const [index, line] of proseLines(text).entries()) {
    const row = /^\|(.*)\|\s*$/.exec(line)
    if (row === null || /^[\s|:-]+$/.test(row[1]!)) continue
    const cells = row[1]!.split(/(?<!\\)\|/).map((cell) => cell.trim())
    rows.push({ cells, line: index + 1 })
  }
  return rows
}

/** The text of a cell that is one code span; undefined for any other. */
export function codeOf(cell: string | undefined): string | undefined {
  return /^`([^`]+)`$/.exec(cell ?? '')?.[1]
}

/**
 * Where a table of codes and a map of meanings differ, one line each. Rows count whose first cell
 * is a code that matches `kind`; the meaning is the second cell, or the third where a column says
 * who.
 */
export function findTableFaults(
  { path, text }: TextFile,
  meanings: ReadonlyMap<string, string>,
  kind: RegExp
): string[] {
  const faults: string[] = []
  const missing = new Set(meanings.keys())
  for (const { cells, line } of tableRows(text)) {
    const code = codeOf(cells[0])
    if (code === undefined || !kind.test(code)) continue
    const meaning = meanings.get(code)
    if (meaning === undefined) faults.push(`${path}:${line}: ${code} does not exist; remove it`)
    else if (!missing.delete(code)) faults.push(`${path}:${line}: ${code} stands here twice`)
    else if (!cells.slice(1).includes(meaning)) {
      faults.push(`${path}:${line}: ${code} means "${meaning}" in the code`)
    }
  }
  for (const code of missing) faults.push(`${path}: ${code} is missing; add a row`)
  return faults
}

/** Limits that a document gives and the code does not have so, or the other way round. */
export function findLimitFaults(
  { path, text }: TextFile,
  limits: ReadonlyMap<string, number>
): string[] {
  const faults: string[] = []
  const missing = new Set(limits.keys())
  for (const { cells, line } of tableRows(text)) {
    const name = codeOf(cells[0])
    if (name === undefined || !/^\d[\d,.]*$/.test(cells[1] ?? '')) continue
    const value = limits.get(name)
    const given = Number(cells[1]!.replaceAll(',', ''))
    missing.delete(name)
    if (value === undefined) faults.push(`${path}:${line}: there is no limit ${name}`)
    else if (value !== given) faults.push(`${path}:${line}: ${name} is ${value} in the code`)
  }
  for (const name of missing) {
    faults.push(`${path}: the limit ${name} (${limits.get(name)}) is missing; add a row`)
  }
  return faults
}

/** Functions that a flow names and the file beside them does not have, one line each. */
export function findFlowFaults(
  document: TextFile,
  declaredIn: (path: string) => ReadonlySet<string> | undefined
): string[] {
  const faults: string[] = []
  let steps = 0
  for (const { cells, line } of tableRows(document.text)) {
    const [, name, where] = cells
    const target = /^\[[^\]]*\]\(([^)#]+\.ts)\)$/.exec(where ?? '')?.[1]
    const symbol = codeOf(name)
    if (symbol === undefined || target === undefined) continue
    steps += 1
    const path = posix.join(posix.dirname(document.path), target)
    const declared = declaredIn(path)
    if (declared === undefined) faults.push(`${document.path}:${line}: ${path} does not exist`)
    else if (!declared.has(symbol)) {
      faults.push(`${document.path}:${line}: ${path} has no ${symbol}; follow the code`)
    }
  }
  if (steps === 0) faults.push(`${document.path}: names no function: keep its table of steps`)
  return faults
}

/** Lines of a document with the contents of code blocks blanked. */
function proseLines(text: string): string[] {
  let isCode = false
  return text.split('\n').map((line) => {
    if (fence.test(line)) {
      isCode = !isCode
      return ''
    }
    return isCode ? '' : line
  })
}

function linkFault(
  from: string,
  target: string,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
  exists: (path: string) => boolean
): string | undefined {
  if (/^(https?|mailto):/.test(target)) return undefined
  const [file = '', anchor] = target.split('#', 2)
  const path = file === '' ? from : posix.join(posix.dirname(from), file)
  if (!exists(path.replace(/\/$/, ''))) return `links to ${target}, which does not exist`
  if (anchor === undefined || anchors.get(path)?.has(anchor) === true) return undefined
  return `links to ${target}, but ${path} has no heading "${anchor}"`
}

/** Anchors of the headings, as GitHub makes them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const line of proseLines(text)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)
    if (heading === null) continue
    const words = heading[1]!.replace(/`/g, '').toLowerCase()
    const slug = words.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')
    let name = slug
    for (let count = 1; anchors.has(name); count += 1) name = `${slug}-${count}`
    anchors.add(name)
  }
  return anchors
}
