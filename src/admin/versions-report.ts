// Which state of the map and of demand a broker holds: no more than numbers, so that somebody who
// asks all brokers can tell whether they agree.

/** Which record of a broker is held. */
export interface RecordVersion {
  readonly broker: string
  readonly brokerId: string
  readonly incarnation: number
  readonly sequence: number
}

/** Which demand of a broker is held. */
export interface DemandVersion {
  readonly broker: string
  readonly incarnation: number
  readonly version: number
}

/** What one broker holds of all in its reach, itself included. */
export interface VersionsReport {
  readonly broker: string
  readonly records: readonly RecordVersion[]
  /** Without those nothing is known of. */
  readonly demands: readonly DemandVersion[]
  /** True while something that its own consumers want has not been told to anybody. */
  readonly isUntold: boolean
}

/** What is read here. Network fits as it is. */
export interface VersionsSources {
  readonly map: {
    readonly self: { readonly broker: string }
    reachable(): ReadonlySet<string>
    digest(): readonly RecordVersion[]
  }
  readonly localDemand: {
    readonly incarnation: number
    readonly version: number
    readonly isUntold: boolean
  }
  readonly demand: { digest(): readonly DemandVersion[] }
}

/** Brokers out of reach are left out: each broker forgets them in its own time. */
export function versionsReport({ map, localDemand, demand }: VersionsSources): VersionsReport {
  const reachable = map.reachable()
  const isInReach = ({ broker }: { readonly broker: string }): boolean => reachable.has(broker)
  const { broker } = map.self
  const { incarnation, version, isUntold } = localDemand
  return {
    broker,
    records: map.digest().filter(isInReach),
    demands: [{ broker, incarnation, version }, ...demand.digest().filter(isInReach)],
    isUntold
  }
}
