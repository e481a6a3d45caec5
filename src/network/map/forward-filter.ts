// Decides which destinations may cross a bridge, from the filter one of its ends declares. The
// other end's filter is asked separately: a destination crosses only what both admit. Temporary
// queues always cross, since replies must find their way back whatever the operator listed.

import { type DestinationKind, PatternIndex } from '../../broker/index.ts'
import type { ForwardFilterSpec } from './broker-record.ts'

/** A destination as far as filters and routes care. */
export interface RoutedDestination {
  readonly kind: DestinationKind
  readonly name: string
}

const queueScheme = 'queue://'
const topicScheme = 'topic://'

/**
 * A forward filter made ready to be asked. Patterns of another scheme than the two match nothing.
 */
export class ForwardFilter {
  private readonly includesAll: boolean
  private readonly include: PatternLists
  private readonly exclude: PatternLists

  constructor(spec: ForwardFilterSpec) {
    this.includesAll = spec.include.length === 0
    this.include = new PatternLists(spec.include)
    this.exclude = new PatternLists(spec.exclude)
  }

  /**
   * True when nothing excludes the destination, and something includes it or nothing is included.
   */
  admits(destination: RoutedDestination): boolean {
    if (destination.kind === 'temp-queue') return true
    if (this.exclude.matches(destination)) return false
    return this.includesAll || this.include.matches(destination)
  }
}

class PatternLists {
  private readonly queues = new PatternIndex<true>()
  private readonly topics = new PatternIndex<true>()

  constructor(patterns: readonly string[]) {
    for (const pattern of patterns) {
      if (pattern.startsWith(queueScheme)) this.queues.add(pattern.slice(queueScheme.length), true)
      if (pattern.startsWith(topicScheme)) this.topics.add(pattern.slice(topicScheme.length), true)
    }
  }

  matches(destination: RoutedDestination): boolean {
    const index = destination.kind === 'topic' ? this.topics : this.queues
    return index.size > 0 && index.match(destination.name).size > 0
  }
}
