// What is done by destination: how often and after which pause messages whose delivery failed are
// offered again, where they end, and how much a destination may hold. Plain values and the choice
// among them; nothing here touches a queue. Invariant: every destination has exactly one policy,
// the first that matches.

import type { Destination, DestinationKind } from './destination.ts'
import { patternMatches } from './destination-pattern.ts'
import { type LimitRules, noLimitRules } from './limit-rules.ts'

/** How often a message is offered again, and when. */
export interface RedeliveryRules {
  /** Deliveries after the first; a NACK of the last one makes a dead letter. */
  readonly redeliveriesMax: number
  /**
   * Connections that may die with a message unacknowledged before it is a dead letter; 0 for any
   * number. There are reasons for patience: most of what such a connection held is not to blame.
   */
  readonly lostConnectionsMax: number
  /** Pause between the first NACK and the next delivery; 0 for none. */
  readonly delayMsInitial: number
  /** Factor between two pauses; 1 keeps the pause constant. */
  readonly delayMultiplier: number
  readonly delayMsMax: number
}

/** Where messages end that are not delivered. */
export interface DeadLetterRules {
  /** `shared`: DLQ; `own`: DLQ.<destination>; `none`: discarded and counted. */
  readonly queue: 'shared' | 'own' | 'none'
  /** Whether what expires in a queue makes a dead letter, too. */
  readonly isForExpired: boolean
  /** At which broker: `origin` is the one that accepted the message; undefined for here. */
  readonly broker?: string | undefined
}

/** What holds for the destinations of one pattern. */
export interface DeliveryPolicy {
  readonly kind: Exclude<DestinationKind, 'temp-queue'>
  readonly pattern: string
  readonly redelivery: RedeliveryRules
  readonly deadLetter: DeadLetterRules
  /** Bounds where they are others than the broker's. */
  readonly limits?: LimitRules | undefined
}

/** Rules where no policy matches; `redeliveriesMax` follows the broker's limits there. */
export const defaultRedelivery: RedeliveryRules = {
  redeliveriesMax: 5,
  lostConnectionsMax: 20,
  delayMsInitial: 0,
  delayMultiplier: 1,
  delayMsMax: 60_000
}

/** As above. */
export const defaultDeadLetter: DeadLetterRules = { queue: 'shared', isForExpired: false }

/** The pause before the next delivery of a message that was refused so often, at least once. */
export function redeliveryDelayMs(rules: RedeliveryRules, refusals: number): number {
  const { delayMsInitial, delayMultiplier, delayMsMax } = rules
  // The factor grows beyond all numbers, and nothing times that is no number.
  if (delayMsInitial === 0) return 0
  return Math.min(delayMsMax, delayMsInitial * delayMultiplier ** (refusals - 1))
}

/** A broker's policies, the first match first. */
export class DeliveryPolicies {
  private readonly policies: readonly DeliveryPolicy[]
  private readonly otherwise: Pick<DeliveryPolicy, 'redelivery' | 'deadLetter'>
  /** True if some policy wants what expired: nobody need ask otherwise. */
  readonly isAnyForExpired: boolean
  /** True if some policy refuses producers: nobody need ask otherwise. */
  readonly isAnyRefusing: boolean

  /** @param refusalsMax NACKs of one message where no policy says otherwise */
  constructor(policies: readonly DeliveryPolicy[], refusalsMax: number) {
    this.policies = policies
    this.otherwise = {
      redelivery: { ...defaultRedelivery, redeliveriesMax: refusalsMax - 1 },
      deadLetter: defaultDeadLetter
    }
    this.isAnyForExpired = policies.some(({ deadLetter }) => deadLetter.isForExpired)
    this.isAnyRefusing = policies.some(({ limits }) => limits?.whenFull === 'refuse')
  }

  /** The rules of a destination. A linear search: it is asked only where a delivery failed. */
  of({ kind, name }: Destination): Pick<DeliveryPolicy, 'redelivery' | 'deadLetter'> {
    for (const policy of this.policies) {
      if (policy.kind === kind && patternMatches(policy.pattern, name)) return policy
    }
    return this.otherwise
  }

  /**
   * The bounds of a queue, or of a subscription to a topic.
   * @param pattern of a subscription: the policy has to be for all of it
   */
  limitsOf(kind: DeliveryPolicy['kind'], pattern: string): LimitRules {
    for (const policy of this.policies) {
      if (policy.kind !== kind || !patternMatches(policy.pattern, pattern)) continue
      // A part '>' of the pattern was taken for a single one.
      if (pattern.endsWith('>') && !policy.pattern.endsWith('>')) continue
      return policy.limits ?? noLimitRules
    }
    return noLimitRules
  }
}
