// What most of the house must not touch: clocks, timers, chance, the process, the network. They
// reach the core through ports, so that the simulator runs the shipped code and a seed replays
// exactly.

import type { SourceFile } from './source-file.ts'

/** Global name to what to use instead. */
const instead = new Map<string, string>([
  ['Date', 'the Clock port'],
  ['performance', 'the Clock port'],
  ['setTimeout', 'Clock.schedule'],
  ['clearTimeout', 'the Cancel that Clock.schedule answers'],
  ['setInterval', 'Clock.schedule'],
  ['clearInterval', 'the Cancel that Clock.schedule answers'],
  ['setImmediate', 'Clock.endOfTurn'],
  ['clearImmediate', 'Clock.endOfTurn'],
  ['queueMicrotask', 'Clock.endOfTurn'],
  ['AbortSignal.timeout', 'Clock.schedule'],
  ['Math.random', 'the Random port'],
  ['crypto', 'the Random port'],
  ['process', 'an option given by the composition root'],
  ['require', 'an import'],
  ['globalThis', 'a port'],
  ['global', 'a port'],
  ['console', 'the Logger port'],
  ['fetch', 'the StreamTransport port'],
  ['WebSocket', 'the StreamTransport port'],
  ['EventSource', 'the StreamTransport port'],
  ['navigator', 'an option given by the composition root'],
  ['WeakRef', 'an explicit end of life: when garbage is collected differs from run to run'],
  ['FinalizationRegistry', 'an explicit end of life: when garbage is collected differs']
])

const allowedFolders = [
  'src/platform/',
  'src/cli/',
  'test/',
  'bench/',
  'sim/command/',
  'sim/real/',
  'sim/runner/'
]
const allowedFiles = new Set(['sim/main.ts'])

/** Uses of banned globals, one line each. */
export function findBannedGlobals(files: readonly SourceFile[]): string[] {
  const faults: string[] = []
  for (const { path, names } of files) {
    const isAllowed = allowedFiles.has(path) || allowedFolders.some((top) => path.startsWith(top))
    if (isAllowed) continue
    for (const { name, line } of names) {
      const better = instead.get(name)
      if (better !== undefined)
        faults.push(`${path}:${line}: ${name} is banned here; use ${better}`)
    }
  }
  return faults
}
