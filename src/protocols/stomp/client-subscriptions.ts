// The subscriptions of one connection: found by the client's id, by number (the first half of ack
// ids) and by what they have delivered. They share one socket, so they take turns at it.

import { mark, PostroadError, quoted } from '../../base/index.ts'
import type { StompFrameView, StompVersion } from './codec/index.ts'
import type { EndOfClient, StompSubscription } from './stomp-subscription.ts'

/** A delivery a client acknowledges. */
export interface FoundDelivery {
  readonly subscription: StompSubscription
  readonly delivery: number
}

/** '<subscription>-<delivery>', the ack header of MESSAGE in 1.2. */
const ackIdPattern = /^(\d{1,9})-(\d{1,15})$/
/** 'ID:<broker>-<life>-<sequence>', what 1.0 and 1.1 acknowledge by. */
const messageIdPattern = /^ID:.+-[0-9a-z]+-\d+$/s

/** The subscriptions of one connection. */
export class ClientSubscriptions {
  /** By the client's id; a 1.0 subscription without one goes by its destination. */
  private readonly byKey = new Map<string, StompSubscription>()
  private readonly byNumber = new Map<number, StompSubscription>()
  private lastNumber = 0
  /** Number of the subscription that had the socket last. */
  private lastServed = 0

  get size(): number {
    return this.byNumber.size
  }

  /** A number no subscription of this connection had before. */
  nextNumber(): number {
    this.lastNumber += 1
    return this.lastNumber
  }

  find(key: string): StompSubscription | undefined {
    return this.byKey.get(key)
  }

  add(key: string, subscription: StompSubscription): void {
    this.byKey.set(key, subscription)
    this.byNumber.set(subscription.number, subscription)
  }

  /** Takes a subscription out; it is the caller's to close. */
  remove(key: string): StompSubscription | undefined {
    const subscription = this.byKey.get(key)
    if (subscription === undefined) return undefined
    this.byKey.delete(key)
    this.byNumber.delete(subscription.number)
    return subscription
  }

  /**
   * The socket takes more again. Each subscription may fill it; the one behind the last that did is
   * the first to try, so that none starves beside one with a long backlog.
   */
  renewCredit(isCongested: () => boolean): void {
    const first = this.lastServed
    for (const isBehind of [true, false]) {
      for (const subscription of this.byNumber.values()) {
        if (subscription.number > first !== isBehind) continue
        if (isCongested()) return
        this.lastServed = subscription.number
        subscription.renewCredit()
      }
    }
  }

  /** The socket is full. */
  stopCredit(): void {
    for (const subscription of this.byNumber.values()) subscription.stopCredit()
  }

  /** Ends every subscription; what they hold unsettled goes to consumers of other connections. */
  close(how: EndOfClient): void {
    // None may be given what another gives back: it would be lost with this connection, or come and
    // go once more.
    this.stopCredit()
    for (const subscription of this.byNumber.values()) subscription.close(how)
    this.byKey.clear()
    this.byNumber.clear()
  }

  /**
   * The delivery an ACK or NACK means; undefined if it is settled already or its subscription
   * ended, as when a client acknowledges twice or while its UNSUBSCRIBE is under way.
   * @throws PostroadError REMOTE_PROTOCOL_VIOLATION if no such delivery was ever made
   */
  findDelivery(frame: StompFrameView, version: StompVersion): FoundDelivery | undefined {
    return version === '1.2' ? this.findByAckId(frame) : this.findByMessageId(frame)
  }

  private findByAckId(frame: StompFrameView): FoundDelivery | undefined {
    const id = frame.get('id')
    if (id === undefined) throw violation(`${frame.command} has no id header`)
    const match = ackIdPattern.exec(id)
    const number = match === null ? 0 : Number(match[1])
    if (number === 0 || number > this.lastNumber) throw unknownDelivery('id', id)
    const subscription = this.byNumber.get(number)
    if (subscription === undefined) return undefined
    const delivery = Number(match![2])
    if (!subscription.hasMade(delivery)) throw unknownDelivery('id', id)
    return subscription.has(delivery) ? { subscription, delivery } : undefined
  }

  private findByMessageId(frame: StompFrameView): FoundDelivery | undefined {
    const messageId = frame.get('message-id')
    if (messageId === undefined) throw violation(`${frame.command} has no message-id header`)
    if (!messageIdPattern.test(messageId)) throw unknownDelivery('message-id', messageId)
    const key = frame.get('subscription')
    const named = key === undefined ? undefined : this.byKey.get(key)
    const candidates =
      key === undefined ? this.byNumber.values() : named === undefined ? [] : [named]
    for (const subscription of candidates) {
      const delivery = subscription.findByMessageId(messageId)
      if (delivery !== undefined) return { subscription, delivery }
    }
    return undefined
  }
}

function unknownDelivery(header: string, value: string): PostroadError {
  mark('client-settles-the-unknown')
  return violation(
    `${header}:${quoted(value)} is no message this connection was given; ` +
      `send the ${header === 'id' ? 'ack' : 'message-id'} header of the MESSAGE`
  )
}

function violation(detail: string): PostroadError {
  return new PostroadError('REMOTE_PROTOCOL_VIOLATION', detail)
}
