// What a broker's consumers want, as it tells the whole network: a set of entries with a version.
// Versions count the changes of one incarnation; version 0 is always the empty set. A snapshot is
// the whole set, a delta the difference of two versions. Demand may be over-stated, never
// under-stated: a broker that is missed by mistake gets no messages, one named by mistake wastes
// some.

import type { DemandKind } from '../../broker/index.ts'

/** Most entries of one broker. */
export const demandEntriesMax = 1_000_000
/** Most brokers whose demand is kept. */
export const demandBrokersMax = 8_192
/** Longest pattern in characters; a valid one of 1,024 bytes has no more. */
const patternLengthMax = 1_024
/** Most distinct selectors told of one pattern; more are told as none, which wants everything. */
export const demandSelectorsMax = 8
/** Longest selector told, in characters. */
const selectorLengthMax = 1_024
/** The largest weight of an entry. */
export const demandWeightMax = 16

/** One destination pattern that has consumers. */
export interface DemandEntry {
  readonly kind: DemandKind
  readonly pattern: string
  /** 0: wanted, but full just now; 1 to 16: the consumers' credit as {@link weightOfCredit}. */
  readonly weight: number
  /**
   * For topics: true if a durable subscription is among those who want it. Other brokers remember
   * that while its broker is away, and after a start of their own. Left out for no.
   */
  readonly isDurable?: boolean
  /**
   * Selectors of the consumers, sorted and each once, if all of them have one: what none of them
   * matches is not wanted.
   */
  readonly selectors?: readonly string[]
}

/** A pattern that is not wanted any more. */
export interface RemovedDemand {
  readonly kind: DemandKind
  readonly pattern: string
}

/** Which demand of a broker is meant. */
export interface DemandMark {
  readonly broker: string
  readonly incarnation: number
  readonly version: number
}

/** All that a broker wants at one version. */
export interface DemandSnapshot extends DemandMark {
  readonly entries: readonly DemandEntry[]
}

/** What changed in a broker's demand from one version to a later one. */
export interface DemandDelta {
  readonly broker: string
  readonly incarnation: number
  readonly fromVersion: number
  readonly toVersion: number
  readonly set: readonly DemandEntry[]
  readonly removed: readonly RemovedDemand[]
}

/** Credit as a weight: 0 for none, else 1 plus the base-2 logarithm, rounded down, at most 16. */
export function weightOfCredit(credit: number): number {
  return Math.min(demandWeightMax, 32 - Math.clz32(credit))
}

/** Below 0 when `a` is older than `b`, above 0 when it is newer. Both are about one broker. */
export function compareDemandMarks(
  a: { readonly incarnation: number; readonly version: number },
  b: { readonly incarnation: number; readonly version: number }
): number {
  return a.incarnation - b.incarnation || a.version - b.version
}

/**
 * True when an entry that was heard can be kept. The syntax of the pattern is not checked: one that
 * breaks the rules of naming matches no valid name.
 */
export function isDemandEntry(entry: DemandEntry): boolean {
  const { kind, pattern, weight } = entry
  if (!Number.isInteger(weight) || weight < 0 || weight > demandWeightMax) return false
  if (pattern.length === 0 || pattern.length > patternLengthMax) return false
  if (entry.selectors !== undefined && !areSelectors(entry.selectors)) return false
  return kind === 'queue' || kind === 'topic'
}

/**
 * True for a selector that means the same at every broker. One that asks whether a message was
 * delivered before does not.
 */
export function isTellableSelector(text: string): boolean {
  return text.length > 0 && text.length <= selectorLengthMax && !text.includes('JMSRedelivered')
}

/** True if both are the same selectors, or none. */
export function areSameSelectors(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined
): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.length === b.length && a.every((text, at) => text === b[at])
}

function areSelectors(selectors: readonly string[]): boolean {
  const isCount = selectors.length > 0 && selectors.length <= demandSelectorsMax
  return isCount && selectors.every((text) => text.length > 0 && text.length <= selectorLengthMax)
}
