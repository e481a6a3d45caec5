// The network of a topology file as its brokers would describe it to each other once every bridge
// of the file stands.

import type { Topology, TopologyBridge } from '../../config/index.ts'
import type { BridgeRecord, PlannedNetwork } from '../../network/index.ts'

/** One bridge of the file, as its dialler's connector has it. */
export type FileBridge = Pick<TopologyBridge, 'from' | 'to' | 'connector'>

/** A file's network, and what the file leaves open. */
export interface FileNetwork {
  readonly network: PlannedNetwork
  /** One for each pair of brokers. */
  readonly bridges: readonly FileBridge[]
  /** Pairs whose ends dial each other with other terms: those of either may come to count. */
  readonly undecided: readonly FileBridge[]
}

/** The terms of a pair that both ends dial are those of the connector that stands first. */
export function networkOfFile(topology: Topology): FileNetwork {
  const byPair = new Map<string, FileBridge>()
  const undecided = new Map<string, FileBridge>()
  for (const bridge of topology.bridges) {
    const { from, to } = bridge
    const key = from < to ? `${from} ${to}` : `${to} ${from}`
    const known = byPair.get(key)
    if (known === undefined) byPair.set(key, bridge)
    else if (termsText(known) !== termsText(bridge)) undecided.set(key, known)
  }
  const ends = new Map<string, BridgeRecord[]>(
    [...topology.brokers.keys()].map((name) => [name, []])
  )
  for (const { from, to, connector } of byPair.values()) {
    const { cost, include, exclude, duplex } = connector
    const filter = { include, exclude }
    ends.get(from)!.push({ peer: to, cost, sends: true, filter })
    ends.get(to)!.push({ peer: from, cost, sends: duplex, filter })
  }
  const records = [...topology.brokers.values()].map(({ name, transit }) => ({
    ...{ broker: name, brokerId: name, incarnation: 1, sequence: 1, isTransit: transit },
    bridges: ends.get(name)!
  }))
  const hopsMax = (broker: string): number => topology.brokers.get(broker)!.hopsMax
  return {
    network: { records, hopsMax },
    bridges: [...byPair.values()],
    undecided: [...undecided.values()]
  }
}

/** What counts of a bridge; its direction too, if it has one. */
function termsText({ from, connector }: FileBridge): string {
  const { cost, include, exclude, duplex } = connector
  return JSON.stringify([cost, include, exclude, duplex ? '' : from])
}
