// What must not be left behind: marks of unfinished work, tests switched off, the paths of
// somebody's machine, and numbers of a tracker that a reader may not have.

import type { TextFile } from './repository.ts'

interface Leftover {
  readonly pattern: RegExp
  readonly fix: string
  /** Only in files of this kind; everywhere if absent. */
  readonly paths?: RegExp
}

const leftovers: readonly Leftover[] = [
  {
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/,
    fix: 'do it, or say in the documentation what is not there'
  },
  {
    pattern: /\bnot (yet )?implemented\b|\bstub(bed)?\b/i,
    fix: 'make it whole, or leave it out',
    paths: /\.(ts|js|yaml)$/
  },
  {
    pattern: /\btest(\.serial)?\.(skip|todo|failing|only)\b/,
    fix: 'mend the test or delete it',
    paths: /\.ts$/
  },
  {
    pattern: /(^|[^A-Za-z0-9_.:}\]])\/(home|Users|root|work|farm)\//,
    fix: 'name no path of a machine; use one relative to the repository'
  },
  { pattern: /[^A-Za-z]C:\\\\?Users/, fix: 'name no path of a machine' },
  { pattern: /\bissues? #?\d+\b/i, fix: 'say what it is about instead of a number' }
]

/** This file has to spell what it looks for. */
const exempt = /^test\/tidy\/(leftovers\.ts|rules\.test\.ts)$/

/** Leftovers in `files`, one line each. */
export function findLeftovers(files: readonly TextFile[]): string[] {
  const faults: string[] = []
  for (const { path, text } of files) {
    if (exempt.test(path)) continue
    const wanted = leftovers.filter(({ paths }) => paths === undefined || paths.test(path))
    for (const [index, line] of text.split('\n').entries()) {
      for (const { pattern, fix } of wanted) {
        const found = pattern.exec(line)
        if (found !== null) faults.push(`${path}:${index + 1}: "${found[0].trim()}"; ${fix}`)
      }
    }
  }
  return faults
}
