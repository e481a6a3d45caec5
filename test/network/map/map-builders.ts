// Builds records, maps and random networks for the tests of the map, and reads them naively.

import fc from 'fast-check'
import type { BridgeRecord, BrokerRecord } from '../../../src/network/map/index.ts'
import { NetworkMap, validateRecord } from '../../../src/network/map/index.ts'

/** A bridge that sends, of cost 1, without a filter, unless told otherwise. */
export function aBridge(peer: string, facts: Partial<BridgeRecord> = {}): BridgeRecord {
  return { peer, cost: 1, sends: true, filter: undefined, ...facts }
}

/** A transit broker's first record of its first life, unless told otherwise. */
export function aRecord(broker: string, facts: Partial<BrokerRecord> = {}): BrokerRecord {
  return {
    broker,
    brokerId: `id-${broker}`,
    incarnation: 1,
    sequence: 1,
    isTransit: true,
    bridges: [],
    ...facts
  }
}

/** The map of the broker one of the records is about, holding all of them. */
export function mapOf(broker: string, records: readonly BrokerRecord[]): NetworkMap {
  const own = records.find((record) => record.broker === broker)
  if (own === undefined) throw new Error(`no record of ${broker}`)
  const map = new NetworkMap(own)
  map.setOwnBridges(own.bridges)
  for (const record of records) if (record !== own) map.accept(record)
  return map
}

/** Records of brokers joined both ways, from lines such as 'a-b' or 'a-b:5' with a cost. */
export function recordsOf(...joins: readonly string[]): BrokerRecord[] {
  const bridges = new Map<string, BridgeRecord[]>()
  for (const join of joins) {
    const [, a, b, cost] = /^(\w+)-(\w+)(?::(\d+))?$/.exec(join)!
    for (const [from, to] of [
      [a!, b!],
      [b!, a!]
    ] as const) {
      const list = bridges.get(from) ?? []
      list.push(aBridge(to, { cost: Number(cost ?? 1) }))
      bridges.set(from, list)
    }
  }
  return [...bridges].map(([broker, list]) => aRecord(broker, { bridges: list }))
}

const brokerNames = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** Random networks of up to 8 brokers: costs, one-way bridges, one-sided bridges, non-transit. */
export const randomRecords: fc.Arbitrary<BrokerRecord[]> = fc
  .integer({ min: 2, max: brokerNames.length })
  .chain((size) => {
    const names = brokerNames.slice(0, size)
    const end = fc.record({
      isListed: fc.boolean(),
      sends: fc.constantFrom(true, true, true, false),
      cost: fc.constantFrom(1, 1, 1, 2, 3, 100, 101)
    })
    return fc.tuple(
      fc.array(fc.array(end, { minLength: size, maxLength: size }), {
        minLength: size,
        maxLength: size
      }),
      fc.array(fc.constantFrom(true, true, true, false), { minLength: size, maxLength: size }),
      fc.double({ min: 0.2, max: 1, noNaN: true }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      fc.constant(names)
    )
  })
  .map(([ends, transit, density, chance, names]) => {
    const isJoined = names.map((_, i) =>
      names.map((__, j) => i < j && chance.next().value < density)
    )
    return names.map((broker, i) => {
      const bridges = names.flatMap((peer, j) => {
        const { cost, sends, isListed } = ends[i]![j]!
        // Most pairs are joined at both ends, some are listed by one of them alone.
        const isBridge =
          i !== j && (isJoined[Math.min(i, j)]![Math.max(i, j)]! || (isListed && cost > 99))
        return isBridge ? [aBridge(peer, { cost, sends })] : []
      })
      return aRecord(broker, { bridges, isTransit: transit[i]! })
    })
  })

/** Cost of the directed hop, by the text of the rule; undefined if it cannot be used. */
export function hopCost(
  records: readonly BrokerRecord[],
  hop: { readonly from: string; readonly to: string; readonly source: string }
): number | undefined {
  const u = records.find((record) => record.broker === hop.from)!
  const v = records.find((record) => record.broker === hop.to)!
  const there = u.bridges.find((bridge) => bridge.peer === hop.to)
  const back = v.bridges.find((bridge) => bridge.peer === hop.from)
  if (there === undefined || back === undefined || !there.sends) return undefined
  if (hop.from !== hop.source && !u.isTransit) return undefined
  return Math.max(there.cost, back.cost)
}

/** Costs from `source` to every broker, by relaxing every hop until nothing changes. */
export function naiveCosts(records: readonly BrokerRecord[], source: string): Map<string, number> {
  const names = records.map((record) => record.broker)
  const costs = new Map(names.map((name) => [name, name === source ? 0 : Number.POSITIVE_INFINITY]))
  for (const _ of names) {
    for (const from of names) {
      for (const to of names) {
        const cost = from === to ? undefined : hopCost(records, { from, to, source })
        if (cost !== undefined) costs.set(to, Math.min(costs.get(to)!, costs.get(from)! + cost))
      }
    }
  }
  return costs
}

/** Fails on a builder that made a record the map would refuse. */
export function assertValid(records: readonly BrokerRecord[]): void {
  for (const record of records) {
    const fault = validateRecord(record)
    if (fault !== undefined) throw new Error(fault)
  }
}
