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

/** Why a filter keeps a destination back. */
export type FilterFault =
  | { readonly rule: 'excluded'; readonly pattern: string }
  /** There is a list of what may cross, and nothing in it matches. */
  | { readonly rule: 'not-included' }

const notIncluded: FilterFault = { rule: 'not-included' }
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
    return this.faultOf(destination) === undefined
  }

  /** Why the destination may not cross; undefined if it may. */
  faultOf(destination: RoutedDestination): FilterFault | undefined {
    if (destination.kind === 'temp-queue') return undefined
    const pattern = this.exclude.match(destination)
    if (pattern !== undefined) return { rule: 'excluded', pattern }
    if (this.includesAll || this.include.match(destination) !== undefined) return undefined
    return notIncluded
  }
}

class PatternLists {
  /** Each pattern is filed with its scheme, as the operator wrote it. */
  private readonly queues = new PatternIndex<string>()
  private readonly topics = new PatternIndex<string>()

  constructor(patterns: readonly string[]) {
    for (const pattern of patterns) {
      if (pattern.startsWith(queueScheme)) {
        this.queues.add(pattern.slice(queueScheme.length), pattern)
      }
      if (pattern.startsWith(topicScheme)) {
        this.topics.add(pattern.slice(topicScheme.length), pattern)
      }
    }
  }

  /** The first pattern that matches the destination, if one does. */
  match(destination: RoutedDestination): string | undefined {
    const index = destination.kind === 'topic' ? this.topics : this.queues
    if (index.size === 0) return undefined
    for (const pattern of index.match(destination.name)) return pattern
    return undefined
  }
}
