// Names of files, and the comment a file opens with.

import type { SourceFile } from './source-file.ts'

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|suite|bench))?\.ts$/
const vague =
  /^(utils?|helpers?|common|misc|shared|types|managers?)\.ts$|-(utils?|helpers?|manager)\.ts$/

/** Files with a name that says nothing, or in the wrong case, one line each. */
export function findNameFaults(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!path.endsWith('.ts')) return []
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (!kebabCase.test(name)) return [`${path}: name it in kebab-case after its one export`]
    if (vague.test(name)) return [`${path}: name it after what it holds, not "${name}"`]
    return []
  })
}

/** Files of src/ and sim/ that do not open by saying what they own, one line each. */
export function findOpeningFaults(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.startsWith('src/') || path.startsWith('sim/'))
    .filter(({ text }) => !text.startsWith('// '))
    .map(({ path }) => `${path}: open with a comment: what it owns, what it never does, why`)
}
