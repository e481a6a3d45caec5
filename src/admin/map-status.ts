// Read model of the map: every broker this one has heard of, and how to get there.

import type { ListCap } from './capped-list.ts'

/** One end of a bridge, as the broker at that end describes it to all others. */
export interface MapBridgeStatus {
  readonly peer: string
  readonly cost: number
  /** False when this end never sends messages to the peer. */
  readonly sends: boolean
  /** What may cross, as patterns; empty for everything. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

/** One broker of the network. */
export interface BrokerStatus {
  readonly name: string
  readonly brokerId: string
  readonly incarnation: number
  /** False for a broker that never carries what is neither from it nor for it. */
  readonly isTransit: boolean
  readonly isReachable: boolean
  /** First broker on the way there; null for the broker asked, or without a way. */
  readonly nextHop: string | null
  /** Sum of the costs on the way; null without a way. */
  readonly cost: number | null
  readonly bridges: readonly MapBridgeStatus[]
}

/** The part of the network's map and routes that is read here. */
export interface MapSource {
  readonly map: {
    readonly self: { readonly broker: string }
    records(): readonly {
      readonly broker: string
      readonly brokerId: string
      readonly incarnation: number
      readonly isTransit: boolean
      readonly bridges: readonly {
        readonly peer: string
        readonly cost: number
        readonly sends: boolean
        readonly filter:
          | { readonly include: readonly string[]; readonly exclude: readonly string[] }
          | undefined
      }[]
    }[]
    isReachable(broker: string): boolean
  }
  readonly routes: {
    for(destination: { readonly kind: 'temp-queue'; readonly name: string }): {
      nextHop(broker: string): string | undefined
      costTo(broker: string): number
    }
  }
}

/** Every broker of the map by name; the way there is that of a message no filter holds back. */
export function mapStatus(source: MapSource, cap: ListCap): BrokerStatus[] {
  const { map } = source
  const routes = source.routes.for({ kind: 'temp-queue', name: '' })
  const records = [...map.records()].sort((a, b) => (a.broker < b.broker ? -1 : 1))
  return cap.take('brokers', records, (record) => {
    const { broker, brokerId, incarnation, isTransit } = record
    const isSelf = broker === map.self.broker
    const nextHop = isSelf ? undefined : routes.nextHop(broker)
    return {
      name: broker,
      brokerId,
      incarnation,
      isTransit,
      isReachable: map.isReachable(broker),
      nextHop: nextHop ?? null,
      cost: isSelf ? 0 : nextHop === undefined ? null : routes.costTo(broker),
      bridges: cap.take('brokers', record.bridges, ({ peer, cost, sends, filter }) => {
        return { peer, cost, sends, include: filter?.include ?? [], exclude: filter?.exclude ?? [] }
      })
    }
  })
}
