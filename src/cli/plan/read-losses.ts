// Reads what `--without` says: names of brokers, and bridges as two names with a hyphen or a colon
// between. Names may have hyphens themselves, so the brokers of the file decide what is meant.

import { closestName } from '../../config/index.ts'
import type { PlannedLoss } from '../../network/index.ts'
import type { FileBridge, FileNetwork } from './planned-network.ts'

/** Reads them; the answer is a sentence if one cannot be read. */
export function readLosses(texts: readonly string[], file: FileNetwork): PlannedLoss | string {
  const names = file.network.records.map(({ broker }) => broker)
  const brokers = new Set<string>()
  const bridges: (readonly [string, string])[] = []
  for (const text of texts) {
    if (names.includes(text)) {
      brokers.add(text)
      continue
    }
    const meant = file.bridges.filter((bridge) => isCalled(text, bridge))
    if (meant.length > 1) {
      const forms = meant.map(({ from, to }) => `${from}:${to}`).join(' or ')
      return `--without ${text} may be several bridges; write ${forms}`
    }
    const [bridge] = meant
    if (bridge === undefined) return unknown(text, names, file.bridges)
    bridges.push([bridge.from, bridge.to])
  }
  return { brokers, bridges }
}

function isCalled(text: string, { from, to }: FileBridge): boolean {
  const forms = [`${from}-${to}`, `${to}-${from}`, `${from}:${to}`, `${to}:${from}`]
  return forms.includes(text)
}

function unknown(text: string, names: readonly string[], bridges: readonly FileBridge[]): string {
  const forms = bridges.flatMap(({ from, to }) => [`${from}-${to}`, `${to}-${from}`])
  const near = closestName(text, [...names, ...forms])
  const fix =
    near === undefined ? `brokers are ${names.slice(0, 10).join(', ')}` : `did you mean ${near}?`
  return `--without ${text} is no broker and no bridge of the file; ${fix}`
}
