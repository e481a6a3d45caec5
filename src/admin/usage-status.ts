// Read model of what a broker has done since its start, and what it holds now against its bounds.

/** Messages since the broker's start. */
export interface CountersStatus {
  /** Accepted from producers of this broker. */
  readonly published: number
  /** Accepted from other brokers, for consumers of this one. */
  readonly received: number
  /** Sent towards other brokers, those only passing through included. */
  readonly forwarded: number
  /** Dropped because another copy had come before. */
  readonly duplicatesDropped: number
  readonly deadLettered: number
}

/** Bytes of messages held in memory. */
export interface MemoryStatus {
  readonly bytesUsed: number
  readonly bytesMax: number
  /** True while every producer is held back. */
  readonly isFull: boolean
}

/** Messages that wait for a way to their target broker. */
export interface ParkingStatus {
  readonly messages: number
  /** In memory and on disk. */
  readonly bytes: number
  /** The brokers most of what is on disk is for. */
  readonly brokers: readonly ParkedForStatus[]
}

/** What is on disk for one broker. */
export interface ParkedForStatus {
  readonly broker: string
  readonly messages: number
  /** Why it does not go on; null while it does. */
  readonly reason: string | null
}

/** What is read here. */
export interface UsageSource {
  readonly broker: {
    readonly counters: {
      readonly published: number
      readonly received: number
      readonly deadLettered: number
    }
    readonly memory: MemoryStatus
  }
  readonly network: {
    readonly router: {
      readonly forwarded: number
      readonly duplicates: number
      readonly places: { all(): readonly ParkedSource[] } | undefined
    }
    readonly parkedMessages: number
    readonly parkedBytes: number
  }
}

interface ParkedSource {
  readonly target: string
  readonly messages: number
  readonly reason: string | undefined
}

/** Brokers named in a report. */
const parkedBrokersMax = 10

/** Counters, memory and parking of one broker. */
export function usageStatus({ broker, network }: UsageSource): {
  readonly counters: CountersStatus
  readonly memory: MemoryStatus
  readonly parking: ParkingStatus
} {
  const { published, received, deadLettered } = broker.counters
  const { forwarded, duplicates, places } = network.router
  const { bytesUsed, bytesMax, isFull } = broker.memory
  return {
    counters: { published, received, forwarded, duplicatesDropped: duplicates, deadLettered },
    memory: { bytesUsed, bytesMax, isFull },
    parking: {
      messages: network.parkedMessages,
      bytes: network.parkedBytes,
      brokers: [...(places?.all() ?? [])]
        .sort((a, b) => b.messages - a.messages)
        .slice(0, parkedBrokersMax)
        .map(({ target, messages, reason }) => {
          return { broker: target, messages, reason: reason ?? null }
        })
    }
  }
}
