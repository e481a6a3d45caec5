// What one broker says of itself to the whole network: its bridges, with their costs and filters,
// and whether it carries others' messages. A record is small, complete and numbered: a later one
// replaces an earlier one whole. Only the broker it names makes it, so two records of one broker
// are never merged, only compared. Nothing here believes a record before `validateRecord` has seen
// it.

import { mark, messageOf } from '../../base/index.ts'
import { checkDestinationName } from '../../broker/index.ts'

/** Most bridges of one broker. */
export const bridgesPerBrokerMax = 4_096
/** Largest cost of a bridge; the least is 1. */
export const bridgeCostMax = 65_535
/** Most patterns in one list of a forward filter. */
export const filterPatternsMax = 1_024

/** What may cross a bridge: patterns written 'queue://orders.>' or 'topic://prices.*'. */
export interface ForwardFilterSpec {
  /** If any, only what one of them matches crosses. */
  readonly include: readonly string[]
  /** What one of them matches never crosses. */
  readonly exclude: readonly string[]
}

/** One end of a bridge, as the broker at that end sees it. */
export interface BridgeRecord {
  /** Name of the broker at the other end. */
  readonly peer: string
  /** 1 to {@link bridgeCostMax}; the larger of both ends counts. */
  readonly cost: number
  /** False when this end never sends messages to the peer, only receives them. */
  readonly sends: boolean
  readonly filter: ForwardFilterSpec | undefined
}

/** One broker as it describes itself. */
export interface BrokerRecord {
  /** Name, unique in the network. */
  readonly broker: string
  /** Tells two brokers with one name apart. */
  readonly brokerId: string
  /** Rises with every start of the broker. */
  readonly incarnation: number
  /** Rises with every change within one incarnation; the first is 1. */
  readonly sequence: number
  /** False for a broker that never carries what is neither from it nor for it. */
  readonly isTransit: boolean
  readonly bridges: readonly BridgeRecord[]
}

const brokerNamePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/
const brokerIdPattern = /^[A-Za-z0-9_-]{1,64}$/

/** True for 1 to 63 letters, digits, '-' and '_' that start with a letter or a digit. */
export function isBrokerName(name: string): boolean {
  return brokerNamePattern.test(name)
}

/**
 * Says what is wrong with a record that was heard.
 * @returns a sentence naming the field and its value, or undefined for a valid record
 */
export function validateRecord(record: BrokerRecord): string | undefined {
  const { broker, brokerId, incarnation, sequence, bridges } = record
  if (!isBrokerName(broker)) return `broker name "${clip(broker)}" is not a valid name`
  if (!brokerIdPattern.test(brokerId)) {
    return `broker id "${clip(brokerId)}" of ${broker} is not 1 to 64 letters and digits`
  }
  if (!Number.isSafeInteger(incarnation) || incarnation < 0) {
    return `incarnation ${incarnation} of ${broker} is not a whole number from 0`
  }
  if (!Number.isSafeInteger(sequence) || sequence < 1) {
    return `sequence ${sequence} of ${broker} is not a whole number from 1`
  }
  if (bridges.length > bridgesPerBrokerMax) {
    return `${broker} lists ${bridges.length} bridges, over the limit of ${bridgesPerBrokerMax}`
  }
  return findBridgesFault(broker, bridges)
}

function findBridgesFault(broker: string, bridges: readonly BridgeRecord[]): string | undefined {
  const peers = new Set<string>()
  for (const { peer, cost, filter } of bridges) {
    if (!isBrokerName(peer)) return `${broker} lists a bridge to "${clip(peer)}", not a valid name`
    if (peer === broker) return `${broker} lists a bridge to itself`
    if (peers.has(peer)) return `${broker} lists two bridges to ${peer}; a pair has one`
    peers.add(peer)
    if (!Number.isInteger(cost) || cost < 1 || cost > bridgeCostMax) {
      return `cost ${cost} of bridge ${broker}-${peer} is no integer from 1 to ${bridgeCostMax}`
    }
    if (filter === undefined) continue
    const fault = validateFilter(filter)
    if (fault !== undefined) return `filter of bridge ${broker}-${peer}: ${fault}`
  }
  return undefined
}

/**
 * Says what is wrong with a filter, for example one that a peer asks for.
 * @returns a sentence naming the pattern or the limit, or undefined for a valid filter
 */
export function validateFilter(filter: ForwardFilterSpec): string | undefined {
  for (const list of [filter.include, filter.exclude]) {
    if (list.length > filterPatternsMax) {
      return `${list.length} patterns in one list, over the limit of ${filterPatternsMax}`
    }
    for (const pattern of list) {
      const scheme = /^(?:queue|topic):\/\//.exec(pattern)
      if (scheme === null) return `"${clip(pattern)}" does not start with queue:// or topic://`
      try {
        checkDestinationName(pattern.slice(scheme[0].length), true)
      } catch (error) {
        return messageOf(error)
      }
    }
  }
  return undefined
}

/**
 * Orders two records of one broker name: above 0 when `a` replaces `b`, 0 when they say the same.
 * Incarnation and sequence decide. Equal numbers over different content (two brokers with one name,
 * or a broker whose disk went back in time) are ordered by content, so that all brokers keep the
 * same.
 */
export function compareRecords(a: BrokerRecord, b: BrokerRecord): number {
  if (a.incarnation !== b.incarnation) return a.incarnation - b.incarnation
  if (a.sequence !== b.sequence) return a.sequence - b.sequence
  if (a.brokerId === b.brokerId && haveSameLinks(a, b)) return 0
  mark('map-equal-numbers-ordered')
  if (a.brokerId !== b.brokerId) return a.brokerId < b.brokerId ? -1 : 1
  return linksText(a) < linksText(b) ? -1 : 1
}

/** True when routes over the one are routes over the other. Bridges are compared in their order. */
export function haveSameLinks(a: BrokerRecord, b: BrokerRecord): boolean {
  return a.isTransit === b.isTransit && areSameBridges(a.bridges, b.bridges)
}

/** True when both lists describe the same bridges in the same order. */
export function areSameBridges(a: readonly BridgeRecord[], b: readonly BridgeRecord[]): boolean {
  if (a.length !== b.length) return false
  return a.every((bridge, index) => {
    const other = b[index]!
    return (
      bridge.peer === other.peer &&
      bridge.cost === other.cost &&
      bridge.sends === other.sends &&
      areSameFilters(bridge.filter, other.filter)
    )
  })
}

function areSameFilters(
  a: ForwardFilterSpec | undefined,
  b: ForwardFilterSpec | undefined
): boolean {
  if (a === undefined || b === undefined) return a === b
  return areSameLists(a.include, b.include) && areSameLists(a.exclude, b.exclude)
}

function areSameLists(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index])
}

function linksText(record: BrokerRecord): string {
  const bridges = record.bridges.map((bridge) => [
    bridge.peer,
    bridge.cost,
    bridge.sends,
    bridge.filter === undefined ? null : [bridge.filter.include, bridge.filter.exclude]
  ])
  return JSON.stringify([record.isTransit, bridges])
}

function clip(text: string): string {
  return text.slice(0, 100)
}
