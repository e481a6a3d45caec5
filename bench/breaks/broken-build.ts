// A build with a break in it: a copy of what was compiled, in a folder of its own, in which one
// file is made anew of its broken source. It stands inside dist/, so that packages are found.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { transformSync } from 'esbuild'
import { type Break, breakText } from './break.ts'

/** Where the project and what was compiled of it stand. */
const dist = fileURLToPath(new URL('../../', import.meta.url))
const project = fileURLToPath(new URL('../../../', import.meta.url))
/** Parts of what was compiled that a run needs. */
const parts = ['src', 'sim'] as const

/** See the top of this file. */
export interface BrokenBuild {
  /** The module that runs plans, with the break in it. */
  readonly runModule: string
  remove(): void
}

/**
 * Makes one.
 * @throws Error if the break does not fit its file any more
 */
export function makeBrokenBuild(wanted: Break): BrokenBuild {
  const code = compile(wanted)
  const folder = mkdtempSync(join(dist, `break-${wanted.name}-`))
  for (const part of parts) {
    cpSync(join(dist, part), join(folder, part), {
      recursive: true,
      filter: (path) => !/\.(d\.ts|map)$/.test(path)
    })
  }
  writeFileSync(join(folder, wanted.file.replace(/\.ts$/, '.js')), code)
  return {
    runModule: pathToFileURL(join(folder, 'sim', 'run-scenario.js')).href,
    remove: () => rmSync(folder, { recursive: true, force: true })
  }
}

/** @throws Error if the break does not fit its file any more, or what it makes is no code */
export function compile(wanted: Break): string {
  const source = breakText(readFileSync(join(project, wanted.file), 'utf8'), wanted)
  const { code } = transformSync(source, { loader: 'ts', target: 'es2023', format: 'esm' })
  return code.replace(/(from\s+"\.[^"]+)\.ts"/g, '$1.js"')
}
