// The one line that runs a run again: the files and everything the command line said.

import { formatDurationMs } from '../../src/discovery/index.ts'
import { formatFault } from '../scenario-file/index.ts'
import type { SimOptions } from './sim-options.ts'

/** A command line for a shell; `seed` is that of the run. */
export function replayLine(
  [file, ...others]: readonly string[],
  options: SimOptions,
  seed: string
): string {
  const { faults, links, duration, rate, latency, ending, real } = options
  const words = ['postroad', 'sim', file!]
  if (others.length > 0) words.push('--compare', ...others)
  for (const fault of faults) words.push(`--${fault.kind}`, formatFault(fault))
  for (const link of links) words.push('--link', link)
  if (duration !== undefined) words.push('--duration', formatDurationMs(duration))
  if (rate !== undefined) words.push('--rate', String(rate))
  if (latency !== undefined) words.push('--latency', formatDurationMs(latency))
  if (ending !== undefined) words.push('--ending', ending)
  if (real === true) words.push('--real')
  words.push('--seed', seed)
  return words.map(quoted).join(' ')
}

function quoted(word: string): string {
  return /^[\w./:@=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
