// How much one destination may hold and what happens to those who send there when there is no room:
// plain values, as policies give them. What a policy does not say is as for the whole broker.

/** What happens to a producer that finds something full: it waits, or is told so. */
export type WhenFull = 'wait' | 'refuse'

/** Bounds of the destinations of one pattern. */
export interface LimitRules {
  /** Messages of one queue, or of one topic subscription. */
  readonly messagesMax?: number | undefined
  /** Bytes of them. */
  readonly bytesMax?: number | undefined
  /**
   * `dropOldest` is for topics: a subscription that is not durable loses its oldest messages and
   * holds nobody back; a durable one is waited for.
   */
  readonly whenFull?: WhenFull | 'dropOldest' | undefined
}

/** No bounds but those of the broker. */
export const noLimitRules: LimitRules = {}
