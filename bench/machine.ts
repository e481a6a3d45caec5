// What the figures were measured on and with. Reads the operating system once. It never asks the
// network, and leaves out what cannot be read.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'
import { fileURLToPath } from 'node:url'

const projectFolder = fileURLToPath(new URL('../../', import.meta.url))

/** The machine, as far as it bears on figures. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  /** Load average over the last minute, before the run: anything near 1 spoils it. */
  readonly loadBefore: number
}

/** What ran. */
export interface Versions {
  readonly postroad: string
  /** Short commit id, with '+' when the tree was changed; '' when unknown. */
  readonly commit: string
  readonly node: string
  readonly v8: string
}

/** Reads the machine as it is now. */
export function readMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100
  }
}

/** Reads the versions of what is about to run. */
export function readVersions(): Versions {
  const manifest = JSON.parse(readFileSync(`${projectFolder}package.json`, 'utf8')) as {
    version: string
  }
  return {
    postroad: manifest.version,
    commit: readCommit(),
    node: process.version,
    v8: process.versions.v8
  }
}

function readCommit(): string {
  try {
    const args = ['describe', '--always', '--exclude=*', '--dirty=+']
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']
    return execFileSync('git', args, { cwd: projectFolder, stdio }).toString().trim()
  } catch {
    return '' // Not a checkout, or no git: the version must do.
  }
}
