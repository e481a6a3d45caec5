// Why a message was not delivered, as one closed list, and how often. Every non-delivery is counted
// under one of these; `postroad status` shows the counts.

/** Reason to what it means, for people. */
export const nonDeliveryReasons = {
  expired: 'its time to live ran out',
  'not-persistent': 'its broker ended, and it was not persistent',
  'slow-consumer': 'its topic subscriber took nothing for too long and its buffer was full',
  'dropped-oldest': 'its topic subscriber was full, and the policy of the topic says dropOldest',
  'subscriber-gone': 'its topic subscriber left before it was delivered',
  'temp-queue-gone': 'its temporary queue no longer exists',
  'temp-queue-full': 'its temporary queue is full: the requester takes no replies',
  'no-demand': 'its target broker no longer wants it',
  'no-route': 'no path to its target broker appeared in time',
  'bridge-full': 'the bridge on its way stayed full for too long',
  'hop-limit': 'it crossed more bridges than allowed',
  'path-loop': 'it came back to a broker it had already crossed',
  'redirect-limit': 'its target broker was changed too often',
  refused: 'its consumers refused it too often, or died with it, and it makes no dead letter',
  'too-large': 'the next broker takes no frame that large',
  rejected: 'the next broker did not take it, and said why',
  'parking-full': 'too many messages already wait for a route',
  forgotten: 'an operator said that its target broker never returns'
} as const

/** One of the reasons above. */
export type NonDeliveryReason = keyof typeof nonDeliveryReasons

/** Counts by reason. */
export class NonDeliveryCounts {
  private readonly counts = new Map<NonDeliveryReason, number>()

  add(reason: NonDeliveryReason, count = 1): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + count)
  }

  get(reason: NonDeliveryReason): number {
    return this.counts.get(reason) ?? 0
  }

  /** Reasons that occurred, with their counts. */
  entries(): [NonDeliveryReason, number][] {
    return [...this.counts]
  }
}
