// Files nobody needs. What ships must be reached from a program; what tests need, from a test.

import type { SourceFile } from './source-file.ts'

/** Where programs start. */
const programs = new Set([
  'src/cli/main.ts',
  'sim/main.ts',
  'sim/page/client/report-page.ts',
  'bench/breaks/main.ts',
  'bench/deep-queue.ts',
  'bench/main.ts',
  'bench/sim-speed.ts',
  'bench/torture/main.ts'
])

/**
 * Files that no program and no test reaches, one line each. A file of src/ must be reached from a
 * program: a test alone does not make it part of Postroad.
 */
export function findOrphans(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const isStart = (path: string): boolean => programs.has(path)
  const shipped = reach(byPath, [...byPath.keys()].filter(isStart))
  const isTest = (path: string): boolean => /\.(test|bench)\.ts$/.test(path)
  const tested = reach(byPath, [...byPath.keys()].filter(isTest))
  return [...byPath.keys()].flatMap((path) => {
    if (shipped.has(path)) return []
    if (!path.startsWith('src/') && tested.has(path)) return []
    const by = path.startsWith('src/') ? 'no program reaches it' : 'nothing imports it'
    return [`${path}: ${by}; use it or delete it`]
  })
}

/** Imports of files that do not exist, one line each. */
export function findDanglingImports(files: readonly SourceFile[]): string[] {
  const paths = new Set(files.map((file) => file.path))
  return files.flatMap(({ path, imports }) =>
    imports
      .filter((use) => use.path?.endsWith('.ts') === true && !paths.has(use.path))
      .map((use) => `${path}:${use.line}: imports ${use.path}, which does not exist`)
  )
}

function reach(
  byPath: ReadonlyMap<string, SourceFile>,
  starts: readonly string[]
): ReadonlySet<string> {
  const reached = new Set(starts)
  for (const path of reached) {
    const file = byPath.get(path)
    for (const use of file?.imports ?? []) {
      if (use.path !== undefined && byPath.has(use.path)) reached.add(use.path)
    }
    for (const started of file?.started ?? []) if (byPath.has(started)) reached.add(started)
  }
  return reached
}
