// Divides all destinations into classes that the filters of a network treat alike: each pattern of
// a filter stands for the names it matches, and one class more for the rest. What is true of the
// ways of one destination is true of its class.

import type { BrokerRecord } from './broker-record.ts'
import type { RoutedDestination } from './forward-filter.ts'
import { admitsAcross, type LinkGraph } from './link-graph.ts'

/** Destinations that may cross the same bridges. */
export interface DestinationClass {
  /** Patterns of filters, or words for what none of them matches. */
  readonly of: readonly string[]
  /** One of the class. */
  readonly destination: RoutedDestination
  /** Non-zero at the index of each link that it may not cross; undefined where it may cross all. */
  readonly blocked: Uint8Array | undefined
}

/** A part of a name that operators hardly write. */
const part = 'any'

/** The classes of a network; one without filters has a single one. */
export function destinationClasses(
  graph: LinkGraph,
  records: readonly BrokerRecord[]
): DestinationClass[] {
  const classes = new Map<string, DestinationClass>()
  for (const [label, destination] of samplesOf(records)) {
    const blocked = blockedFor(graph, destination)
    const key = blocked === undefined ? '' : blocked.join('')
    const known = classes.get(key)
    const of = known === undefined ? [label] : [...known.of, label]
    classes.set(key, { of, destination: known?.destination ?? destination, blocked })
  }
  const found = [...classes.values()]
  return found.length > 1 ? found : found.map((only) => ({ ...only, of: ['every destination'] }))
}

/** The links a destination may not cross. */
export function blockedFor(
  graph: LinkGraph,
  destination: RoutedDestination
): Uint8Array | undefined {
  let blocked: Uint8Array | undefined
  for (const link of graph.links) {
    if (admitsAcross(link, destination)) continue
    blocked ??= new Uint8Array(graph.links.length)
    blocked[link.index] = 1
  }
  return blocked
}

/** What to try: by label, those first that no pattern matches unless it matches nearly all. */
function samplesOf(records: readonly BrokerRecord[]): Map<string, RoutedDestination> {
  const patterns = new Set<string>()
  for (const { bridges } of records) {
    for (const { filter } of bridges) {
      for (const pattern of [...(filter?.include ?? []), ...(filter?.exclude ?? [])]) {
        patterns.add(pattern)
      }
    }
  }
  let deepest = 0
  for (const pattern of patterns) deepest = Math.max(deepest, pattern.split('.').length)
  const rest = new Array<string>(deepest + 1).fill('other').join('.')
  const samples = new Map<string, RoutedDestination>([
    ['other queues', { kind: 'queue', name: rest }],
    ['other topics', { kind: 'topic', name: rest }]
  ])
  for (const pattern of [...patterns].sort()) {
    const [scheme, name] = pattern.split('://') as [string, string]
    const parts = name.split('.').map((one) => (one === '*' || one === '>' ? part : one))
    samples.set(pattern, { kind: scheme === 'topic' ? 'topic' : 'queue', name: parts.join('.') })
  }
  return samples
}
