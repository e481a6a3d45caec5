// The repository as the tests of the house see it: which files there are, and what they say. It
// reads the work tree, not git's index, so that a fault shows before it is committed.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The repository's top folder, with a slash at the end; seen from dist/test/tidy/. */
export const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url))

const skippedFolders = new Set(['node_modules', 'dist', '.git', '.data', 'coverage'])
const textNames = /(\.(ts|js|mjs|json|md|yaml|yml|html|css|svg|sh|py)|\/(Makefile|run|postroad))$/
const unscannedNames = /(^|\/)package-lock\.json$/

/** Paths of all files below `folder`, relative to the top, with slashes, in order. */
export function listFiles(folder = ''): string[] {
  const paths: string[] = []
  for (const entry of readdirSync(repositoryRoot + folder, { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name)) paths.push(...listFiles(path))
    } else if (entry.isFile()) {
      paths.push(path)
    }
  }
  return paths.sort()
}

/** The text of a file, by its path from the top. */
export function readText(path: string): string {
  return readFileSync(repositoryRoot + path, 'utf8')
}

/** Whether there is a file or folder of that path. */
export function pathExists(path: string): boolean {
  return existsSync(repositoryRoot + path)
}

/** True for files people write and read; not for the lock file, pictures and the like. */
export function isText(path: string): boolean {
  return textNames.test(`/${path}`) && !unscannedNames.test(path)
}

/** One file and what it says. */
export interface TextFile {
  readonly path: string
  readonly text: string
}

/** Every file people write and read. */
export function textFiles(): TextFile[] {
  return listFiles()
    .filter((path) => isText(path))
    .map((path) => ({ path, text: readText(path) }))
}
