// Warns of brokers that no connector joins: they may be meant to stay apart, but more often a
// connector was forgotten.

import type { TopologyCheck } from './topology-check.ts'

/** Names shown of one part, and parts shown. */
const shownMax = 10

/**
 * Reports, as one warning, the parts the brokers fall into if there is more than one. Call only
 * when every connector is known: one that could not be read may be the one that joins them.
 */
export function checkParts(check: TopologyCheck): void {
  const parts = findParts(check)
  if (parts.length < 2) return
  const shown = parts.map((names) => `{${shorten(names)}}`)
  check.report({
    severity: 'warning',
    path: ['brokers'],
    at: 'key',
    message: `the brokers fall into ${parts.length} parts that nothing joins: ${shorten(shown)}`,
    suggestion: 'add a network connector or a topology template, unless they are to stay apart'
  })
}

function findParts(check: TopologyCheck): string[][] {
  const neighbours = new Map<string, Set<string>>()
  for (const name of check.brokers.keys()) neighbours.set(name, new Set())
  for (const { name, connectors } of check.brokers.values()) {
    for (const { targets } of connectors) {
      for (const target of targets) {
        neighbours.get(name)?.add(target)
        neighbours.get(target)?.add(name)
      }
    }
  }
  const parts: string[][] = []
  const found = new Set<string>()
  for (const name of check.brokers.keys()) {
    if (found.has(name)) continue
    const part = new Set([name])
    // A set is walked to its end even as it grows, so this is the whole search.
    for (const member of part) for (const next of neighbours.get(member)!) part.add(next)
    for (const member of part) found.add(member)
    parts.push([...part])
  }
  return parts
}

function shorten(names: readonly string[]): string {
  const more = names.length - shownMax
  return more > 0 ? `${names.slice(0, shownMax).join(', ')} and ${more} more` : names.join(', ')
}
