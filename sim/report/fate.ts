// What became of one message, or of one subscription's copy of it, and why: read from what brokers
// said when they gave it up and from the excuses of the ledger.

import type { Excuse } from '../workload/ledger.ts'
import type { Fates } from './report.ts'

/** A fate, and the reason if it was given up. */
export interface Fate {
  readonly kind: Exclude<keyof Fates, 'late'>
  /** Only of 'givenUp'. */
  readonly reason: string
}

/** Reason of a copy whose origin had not heard of the subscription when it took the message. */
export const notKnownYet = 'not-known-yet'

/** What a broker's reason means (`nonDeliveryReasons` of the broker core). */
export function fateOfReason(reason: string): Fate {
  if (reason === 'expired') return { kind: 'expired', reason: '' }
  if (reason === 'subscriber-gone') return { kind: 'subscriberLeft', reason: '' }
  return { kind: 'givenUp', reason }
}

/** What an excuse of the ledger means. */
export function fateOfExcuse({ kind, text }: Excuse): Fate {
  switch (kind) {
    case 'died-with-broker':
      return { kind: 'diedWithBroker', reason: '' }
    case 'subscriber-left':
      return { kind: 'subscriberLeft', reason: '' }
    case 'not-known-yet':
      return { kind: 'givenUp', reason: notKnownYet }
    case 'expired':
      return { kind: 'expired', reason: '' }
    case 'given-up':
      // The ledger writes the broker's reason in brackets.
      return fateOfReason(/\(([^()]*)\)$/.exec(text)?.[1] ?? text)
  }
}
