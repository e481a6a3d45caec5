// What a scenario is expected to come to. Each line of it becomes a line of the report, met or not,
// and the exit code.

/** A bound on one figure of the report. Times are in milliseconds. */
export interface Expectation {
  readonly figure: ExpectedFigure
  readonly comparison: 'at-most' | 'at-least'
  readonly value: number
  /** For one destination only, as '/queue/orders'; the whole network if left out. */
  readonly destination?: string
  /** Where it is written, such as 'hub-dies.yaml:31:5'; for complaints. */
  readonly where?: string
}

/** Figures that can be bounded; the report says exactly how each is measured. */
export type ExpectedFigure =
  /** Messages accepted and neither delivered nor accounted for as waiting, expired or refused. */
  | 'lost'
  /** Deliveries of one message to one subscription beyond the first, marked or not. */
  | 'duplicates'
  /** Those of them that were not marked redelivered. */
  | 'unmarkedDuplicates'
  /** Deliveries out of a producer's order. */
  | 'outOfOrder'
  /** Messages still waiting somewhere at the end. */
  | 'waiting'
  | 'delivered'
  | 'deadLettered'
  | 'expired'
  | 'latencyP50Ms'
  | 'latencyP99Ms'
  | 'latencyMaxMs'
  /** Longest of all faults, from its begin. */
  | 'detectMs'
  | 'rerouteMs'
  /** Longest of all faults, from its begin, or its end if it has one. */
  | 'recoverMs'
  /** Most messages that waited at any one broker at a time. */
  | 'peakBacklog'
  /** Bytes over all bridges per byte of a body delivered. */
  | 'bridgeBytesPerDeliveredByte'
