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
  /** Not taken from producers of this broker, who were told why. */
  readonly refused: number
}

/** Bytes of messages held in memory. */
export interface MemoryStatus {
  readonly bytesUsed: number
  readonly bytesMax: number
  /** True while every producer is held back. */
  readonly isFull: boolean
}

/** The message store on disk. */
export interface StoreStatus {
  /** 'lmdb' …; kept in memory only, messages are in no store. */
  readonly kind: string
  readonly bytesUsed: number
  readonly bytesMax: number
  /** Room for messages, about: what is left of the bound, or of the disk if that is less. */
  readonly bytesFree: number
  /** Why it takes no messages, and since when; null while it does. */
  readonly failure: {
    readonly code: string
    readonly reason: string
    readonly forMs: number
  } | null
}

/** Messages that are not persistent and wait on disk for want of memory. */
export interface SpoolStatus {
  readonly bytesUsed: number
  readonly bytesMax: number
  /** True while producers of such messages are held back or refused. */
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
      readonly refused: number
    }
    readonly memory: MemoryStatus
    readonly spool: SpoolStatus
    readonly store: {
      readonly isWanted: boolean
      readonly kind: string
      readonly failure: { readonly code: string; readonly message: string } | undefined
      readonly failingSinceMs: number | undefined
      usage(): Pick<StoreStatus, 'bytesUsed' | 'bytesMax' | 'bytesFree'>
    }
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

/** Counters, memory, store, spool and parking of one broker. */
export function usageStatus(
  { broker, network }: UsageSource,
  nowMs: number
): {
  readonly counters: CountersStatus
  readonly memory: MemoryStatus
  readonly store: StoreStatus | null
  readonly spool: SpoolStatus | null
  readonly parking: ParkingStatus
} {
  const { published, received, deadLettered, refused } = broker.counters
  const { forwarded, duplicates, places } = network.router
  const { bytesUsed, bytesMax, isFull } = broker.memory
  return {
    counters: {
      ...{ published, received, forwarded, duplicatesDropped: duplicates, deadLettered, refused }
    },
    memory: { bytesUsed, bytesMax, isFull },
    store: storeStatus(broker.store, nowMs),
    spool: broker.store.isWanted ? spoolStatus(broker.spool) : null,
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

function storeStatus(store: UsageSource['broker']['store'], nowMs: number): StoreStatus | null {
  const { isWanted, kind, failure, failingSinceMs = nowMs } = store
  if (!isWanted) return null
  const { bytesUsed, bytesMax, bytesFree } = store.usage()
  const forMs = Math.round(nowMs - failingSinceMs)
  return {
    ...{ kind, bytesUsed, bytesMax, bytesFree },
    failure: failure === undefined ? null : { code: failure.code, reason: failure.message, forMs }
  }
}

function spoolStatus({ bytesUsed, bytesMax, isFull }: SpoolStatus): SpoolStatus {
  return { bytesUsed, bytesMax, isFull }
}
