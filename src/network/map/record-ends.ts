// The bridges of a broker's record by the broker at the other end. Records never change, so what
// was looked up once stays with its record.

import type { BridgeRecord, BrokerRecord } from './broker-record.ts'

/** Fewer bridges are looked through; a map of them would cost more than it saves. */
const fewBridges = 8

const known = new WeakMap<BrokerRecord, ReadonlyMap<string, BridgeRecord>>()

/** The bridge to `peer` that a record lists, if it does. */
export function endTo(record: BrokerRecord, peer: string): BridgeRecord | undefined {
  const { bridges } = record
  if (bridges.length <= fewBridges) {
    for (const bridge of bridges) if (bridge.peer === peer) return bridge
    return undefined
  }
  let ends = known.get(record)
  if (ends === undefined) {
    ends = new Map(bridges.map((bridge) => [bridge.peer, bridge]))
    known.set(record, ends)
  }
  return ends.get(peer)
}
