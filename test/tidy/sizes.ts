// How large things may grow: files, functions, lines and parameter lists.

import type { FunctionUse, SourceFile } from './source-file.ts'

/** Hard stops; the style asks to look twice much earlier. */
export const sizeLimits = {
  fileLines: 600,
  testFileLines: 900,
  functionLines: 70,
  lineColumns: 100,
  parameters: 4
} as const

/** Everything over a limit, one line each. */
export function findSizeFaults(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => [
    ...fileFaults(file),
    ...lineFaults(file),
    ...file.functions.flatMap((use) => {
      const { name, line, parameters } = use
      const lines = file.path.endsWith('.suite.ts') ? ownLines(use, file.functions) : use.lines
      const at = `${file.path}:${line}: ${name}`
      const faults: string[] = []
      if (lines > sizeLimits.functionLines) {
        faults.push(`${at} has ${lines} lines, at most ${sizeLimits.functionLines}; divide it`)
      }
      if (parameters > sizeLimits.parameters) {
        faults.push(
          `${at} takes ${parameters} parameters, at most ${sizeLimits.parameters}; ` +
            'take an object with named fields'
        )
      }
      return faults
    })
  ])
}

/**
 * Lines without those of functions inside: a suite is a list of tests, and each counts by itself.
 */
function ownLines(outer: FunctionUse, all: readonly FunctionUse[]): number {
  const end = outer.line + outer.lines
  let lines = outer.lines
  let covered = outer.line
  for (const inner of all) {
    if (inner === outer || inner.line <= covered || inner.line + inner.lines > end) continue
    lines -= inner.lines
    covered = inner.line + inner.lines - 1
  }
  return lines
}

function fileFaults({ path, text }: SourceFile): string[] {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  const max = path.startsWith('test/') ? sizeLimits.testFileLines : sizeLimits.fileLines
  return lines > max ? [`${path}: has ${lines} lines, at most ${max}; divide it by ideas`] : []
}

function lineFaults({ path, text }: SourceFile): string[] {
  return text.split('\n').flatMap((line, index) => {
    const columns = [...line].length
    if (columns <= sizeLimits.lineColumns) return []
    return [`${path}:${index + 1}: has ${columns} columns, at most ${sizeLimits.lineColumns}`]
  })
}
