// What this broker's own consumers want, gathered for the others. Consumers are counted per pattern
// and their credit is summed; only what changed in the end, since the last delta was taken, is
// told. Invariant: applying every delta in turn to the empty set gives the snapshot.

import { assert, mark, PostroadError } from '../../base/index.ts'
import {
  type ConsumerWish,
  type DemandKind,
  hasWildcard,
  PatternIndex
} from '../../broker/index.ts'
import {
  areSameSelectors,
  compareDemandMarks,
  type DemandDelta,
  type DemandEntry,
  type DemandSnapshot,
  demandEntriesMax,
  demandSelectorsMax,
  isTellableSelector,
  type RemovedDemand,
  weightOfCredit
} from './demand-entry.ts'

/** More credit of one consumer than this makes no difference: it reaches the largest weight. */
const creditMax = 65_535
const notTaken = -1

/** One pattern with consumers now, or when the last delta was taken, or that is marked full. */
class Want {
  readonly kind: DemandKind
  readonly pattern: string
  consumers = 0
  credit = 0
  isFull = false
  /** Those of the consumers that are durable subscriptions. */
  durables = 0
  /** Those with a selector that is told, by its text. */
  private readonly choosy = new Map<string, number>()
  private choosyCount = 0
  /** Selectors that the others know; undefined for none. */
  takenSelectors: readonly string[] | undefined = undefined
  /** True if the others know of such. */
  isTakenDurable = false
  /** Weight the others know; {@link notTaken} if they do not know the pattern. */
  takenWeight = notTaken

  constructor(kind: DemandKind, pattern: string) {
    this.kind = kind
    this.pattern = pattern
  }

  /** The selectors to be told; undefined if something is wanted that is not to be told by them. */
  get selectors(): readonly string[] | undefined {
    const { choosy } = this
    if (this.consumers === 0 || this.choosyCount < this.consumers) return undefined
    if (choosy.size > demandSelectorsMax) {
      mark('demand-too-many-selectors')
      return undefined
    }
    return [...choosy.keys()].sort()
  }

  /** Counts a consumer's selector in, with 1, or out, with -1. */
  countSelector(selector: string | undefined, by: 1 | -1): void {
    if (selector === undefined || !isTellableSelector(selector)) return
    const count = (this.choosy.get(selector) ?? 0) + by
    this.choosyCount += by
    if (count === 0) this.choosy.delete(selector)
    else this.choosy.set(selector, count)
  }

  get isUnused(): boolean {
    return this.consumers === 0 && !this.isFull && this.takenWeight === notTaken
  }
}

/** The demand of the broker itself. */
export class LocalDemand {
  readonly broker: string
  private currentIncarnation: number
  private currentVersion = 0
  private readonly wants = { queue: new Map<string, Want>(), topic: new Map<string, Want>() }
  private readonly changed = new Set<Want>()
  /** Patterns of queues with wildcards and consumers. */
  private readonly wildQueues = new PatternIndex<Want>()
  /** Queues, by plain name, that are marked full. */
  private readonly fullQueues = new Set<Want>()
  private readonly entriesMax: number

  constructor(broker: string, incarnation: number, entriesMax = demandEntriesMax) {
    this.broker = broker
    this.currentIncarnation = incarnation
    this.entriesMax = entriesMax
  }

  get incarnation(): number {
    return this.currentIncarnation
  }

  /** The version of the last delta taken; 0 before the first. */
  get version(): number {
    return this.currentVersion
  }

  /** True while the next delta may have something to tell. */
  get isUntold(): boolean {
    return this.changed.size > 0
  }

  /**
   * Counts one consumer in.
   * @throws PostroadError LOCAL_LIMIT_REACHED, the consumer not counted, for too many patterns
   */
  add(kind: DemandKind, pattern: string, wish: ConsumerWish): void {
    const { weight: credit, isDurable, selector } = wish
    assert(credit >= 0, 'the credit of a consumer is 0 or more')
    const want = this.want(kind, pattern)
    want.consumers += 1
    if (isDurable) want.durables += 1
    want.countSelector(selector, 1)
    want.credit += Math.min(credit, creditMax)
    this.changed.add(want)
    if (want.consumers === 1) this.noteWildQueue(want)
  }

  /** Counts one consumer out that was counted in with the same values. */
  remove(kind: DemandKind, pattern: string, wish: ConsumerWish): void {
    const { weight: credit, isDurable, selector } = wish
    const want = this.wants[kind].get(pattern)
    assert(want !== undefined && want.consumers > 0, 'a consumer counted out was counted in')
    want.consumers -= 1
    if (isDurable) want.durables -= 1
    want.countSelector(selector, -1)
    want.credit -= Math.min(credit, creditMax)
    assert(want.credit >= 0, 'a consumer is counted out with the credit it came with')
    this.changed.add(want)
    if (want.consumers === 0) this.noteWildQueue(want)
  }

  /**
   * Marks a pattern as wanted but full, or as having room again. The mark stays until it is taken
   * back, also while there is no consumer. It is told as an entry of weight 0 while there is one,
   * if only of a wildcard that the name of a full queue matches. Without room for another pattern
   * the mark is left out: demand may be over-stated.
   */
  setFull(kind: DemandKind, pattern: string, isFull: boolean): void {
    let want = this.wants[kind].get(pattern)
    if (want === undefined) {
      if (!isFull) return
      if (!this.hasRoom) {
        mark('demand-full-left-out')
        return
      }
      want = this.want(kind, pattern)
    }
    want.isFull = isFull
    this.changed.add(want)
    if (kind !== 'queue' || hasWildcard(pattern)) return
    if (isFull) this.fullQueues.add(want)
    else this.fullQueues.delete(want)
  }

  /** What changed since the last call, or undefined if nothing did in the end. */
  takeDelta(): DemandDelta | undefined {
    const set: DemandEntry[] = []
    const removed: RemovedDemand[] = []
    for (const want of this.changed) {
      const { kind, pattern } = want
      const weight = this.weightOf(want)
      const isDurable = want.durables > 0
      const { selectors } = want
      const isSame = weight === want.takenWeight && isDurable === want.isTakenDurable
      if (!isSame || !areSameSelectors(selectors, want.takenSelectors)) {
        want.takenWeight = weight
        want.isTakenDurable = isDurable
        want.takenSelectors = selectors
        if (weight === notTaken) removed.push({ kind, pattern })
        else set.push(entryOf(want, { weight, isDurable, selectors }))
      }
      if (want.isUnused) this.wants[kind].delete(pattern)
    }
    this.changed.clear()
    if (set.length === 0 && removed.length === 0) return undefined
    const fromVersion = this.currentVersion
    this.currentVersion += 1
    return {
      broker: this.broker,
      incarnation: this.currentIncarnation,
      fromVersion,
      toVersion: this.currentVersion,
      set,
      removed
    }
  }

  /**
   * All that the deltas taken so far add up to, and no more: what waits comes with the next delta.
   */
  snapshot(): DemandSnapshot {
    return {
      broker: this.broker,
      incarnation: this.currentIncarnation,
      version: this.currentVersion,
      entries: this.list((want) => {
        const { takenWeight: weight, isTakenDurable: isDurable, takenSelectors } = want
        return entryOf(want, { weight, isDurable, selectors: takenSelectors })
      })
    }
  }

  /** What is wanted at this moment, taken or not. */
  entries(): DemandEntry[] {
    return this.list((want) => {
      const { durables, selectors } = want
      return entryOf(want, { weight: this.weightOf(want), isDurable: durables > 0, selectors })
    })
  }

  /**
   * Makes this demand newer than one that others hold of this broker, from a life that has been
   * forgotten here (its disk was rolled back). Call it for every mark of the own name in a digest.
   * @returns true if that was needed: send the snapshot everywhere
   */
  outrank(heard: { readonly incarnation: number; readonly version: number }): boolean {
    const own = { incarnation: this.currentIncarnation, version: this.currentVersion }
    if (compareDemandMarks(own, heard) >= 0) return false
    this.currentIncarnation = heard.incarnation
    this.currentVersion = heard.version + 1
    return true
  }

  /** What the others should know; {@link notTaken} for nothing. */
  private weightOf(want: Want): number {
    if (want.consumers > 0) return want.isFull ? 0 : weightOfCredit(want.credit)
    const isFullByWildcard =
      this.fullQueues.has(want) && this.wildQueues.match(want.pattern).size > 0
    if (!isFullByWildcard) return notTaken
    mark('demand-full-by-wildcard')
    return 0
  }

  /** A wildcard that came or went decides whether full queues it matches are told. */
  private noteWildQueue(want: Want): void {
    if (want.kind !== 'queue' || !hasWildcard(want.pattern)) return
    if (want.consumers > 0) this.wildQueues.add(want.pattern, want)
    else this.wildQueues.remove(want.pattern, want)
    for (const full of this.fullQueues) this.changed.add(full)
  }

  private get hasRoom(): boolean {
    return this.wants.queue.size + this.wants.topic.size < this.entriesMax
  }

  private want(kind: DemandKind, pattern: string): Want {
    let want = this.wants[kind].get(pattern)
    if (want === undefined) {
      if (!this.hasRoom) {
        mark('demand-limit-reached')
        throw new PostroadError(
          'LOCAL_LIMIT_REACHED',
          `no demand for ${kind}://${pattern}: a broker wants ${this.entriesMax} at most;` +
            ' subscribe with wildcards instead',
          { entriesMax: this.entriesMax }
        )
      }
      want = new Want(kind, pattern)
      this.wants[kind].set(pattern, want)
    }
    return want
  }

  private list(entryFor: (want: Want) => DemandEntry): DemandEntry[] {
    const entries: DemandEntry[] = []
    for (const wants of [this.wants.queue, this.wants.topic]) {
      for (const want of wants.values()) {
        const entry = entryFor(want)
        if (entry.weight !== notTaken) entries.push(entry)
      }
    }
    return entries
  }
}

/** What is not so is left out. */
function entryOf(
  { kind, pattern }: Want,
  told: {
    readonly weight: number
    readonly isDurable: boolean
    readonly selectors: readonly string[] | undefined
  }
): DemandEntry {
  const { weight, isDurable, selectors } = told
  return {
    ...{ kind, pattern, weight },
    ...(isDurable ? { isDurable } : {}),
    ...(selectors === undefined ? {} : { selectors })
  }
}
