// One SUBSCRIBE: the consumer the core delivers to, the MESSAGE frames it becomes, and what the
// client has not acknowledged yet. Prefetch is STOMP's word; at this door it becomes the core's
// credit.

import { assert, mark, type OutputBuffer } from '../../base/index.ts'
import type {
  Consumer,
  Message,
  MessageFilter,
  QueueEntry,
  Subscription
} from '../../broker/index.ts'
import type { StompVersion } from './codec/index.ts'
import { MessageWriter } from './message-writer.ts'

/**
 * How a client ends: it left, or the broker did; or its connection died, or was ended for a fault
 * of the client, which counts against what it had not acknowledged.
 */
export type EndOfClient = 'left' | 'lost'

/** ack header of SUBSCRIBE [STOMP 1.2 SUBSCRIBE ack Header]. */
export type AckMode = 'auto' | 'client' | 'client-individual'

/** What the subscription's owner does for it. */
export interface SubscriptionOutput {
  /** Where frames go; enlisted for flushing by the time this returns. */
  begin(): OutputBuffer
  /** True while the client's socket takes nothing more. */
  readonly isCongested: boolean
}

/** What a subscription is made of. */
export interface StompSubscriptionOptions {
  readonly id: string | undefined
  readonly number: number
  readonly version: StompVersion
  readonly ackMode: AckMode
  readonly prefetch: number
  readonly filter: MessageFilter | undefined
  readonly output: SubscriptionOutput
}

/** One client subscription. */
export class StompSubscription implements Consumer {
  readonly id: string | undefined
  readonly number: number
  readonly ackMode: AckMode
  readonly filter: MessageFilter | undefined
  readonly cost = 0
  readonly settlesOnDispatch: boolean
  readonly prefetch: number
  readonly capacity: number
  credit: number
  /** Set right after the broker made it. */
  subscription: Subscription | undefined = undefined
  /** Unsettled deliveries by number, in order of delivery. */
  private readonly unsettled = new Map<number, QueueEntry>()
  /** For 1.0 and 1.1, which acknowledge by message id: the latest delivery of each. */
  private readonly byMessageId: Map<string, number> | undefined
  /** Deliveries that another copy of the same message has followed, oldest first. Hardly any. */
  private readonly earlierCopies = new Map<string, number[]>()
  private readonly writer: MessageWriter
  private readonly output: SubscriptionOutput
  private readonly sendsAckId: boolean
  private deliveries = 0

  constructor(options: StompSubscriptionOptions) {
    this.id = options.id
    this.number = options.number
    this.ackMode = options.ackMode
    this.filter = options.filter
    this.prefetch = options.prefetch
    this.capacity = options.prefetch
    this.output = options.output
    this.settlesOnDispatch = options.ackMode === 'auto'
    this.credit = options.output.isCongested ? 0 : this.roomForCredit()
    this.writer = new MessageWriter(options.version, options.id, options.number)
    this.sendsAckId = !this.settlesOnDispatch && options.version === '1.2'
    this.byMessageId =
      this.settlesOnDispatch || options.version === '1.2' ? undefined : new Map<string, number>()
  }

  get unsettledCount(): number {
    return this.unsettled.size
  }

  deliver(message: Message, entry: QueueEntry | undefined, isRedelivered: boolean): void {
    let delivery = 0
    if (entry !== undefined) {
      delivery = ++this.deliveries
      this.unsettled.set(delivery, entry)
      if (this.byMessageId !== undefined) this.fileByMessageId(this.byMessageId, message, delivery)
    }
    this.writer.write(this.output.begin(), message, this.sendsAckId ? delivery : 0, isRedelivered)
    if (this.output.isCongested) this.credit = 0
    else if (this.settlesOnDispatch) this.credit = this.prefetch
  }

  /** The socket takes more again, or some deliveries were settled. */
  renewCredit(): void {
    if (this.output.isCongested) return
    const before = this.credit
    this.credit = this.roomForCredit()
    if (before === 0 && this.credit > 0) this.subscription?.onCredit()
  }

  /** The socket is full: no more deliveries until `renewCredit`. */
  stopCredit(): void {
    this.credit = 0
  }

  /** The delivery a 1.0 or 1.1 client means by a message id. */
  findByMessageId(messageId: string): number | undefined {
    return this.byMessageId?.get(messageId)
  }

  /** True if that delivery is not settled. */
  has(delivery: number): boolean {
    return this.unsettled.has(delivery)
  }

  /** True if there was such a delivery, settled or not. */
  hasMade(delivery: number): boolean {
    return delivery >= 1 && delivery <= this.deliveries
  }

  /**
   * Takes the deliveries an ACK or NACK of `delivery` covers out of the unsettled ones: in client
   * mode all up to it, else that one. The caller settles or refuses them, then calls `renewCredit`.
   */
  take(delivery: number): QueueEntry[] {
    assert(this.unsettled.has(delivery), 'the delivery is unsettled')
    const taken: QueueEntry[] = []
    if (this.ackMode === 'client-individual') {
      this.takeOne(delivery, taken)
      return taken
    }
    for (const number of this.unsettled.keys()) {
      this.takeOne(number, taken)
      if (number === delivery) break
    }
    return taken
  }

  /** Ends the subscription at the broker; what is unsettled goes back to others. */
  close(how: EndOfClient = 'left'): void {
    const entries = [...this.unsettled.values()]
    this.unsettled.clear()
    this.byMessageId?.clear()
    this.earlierCopies.clear()
    this.credit = 0
    if (how === 'lost') this.subscription?.lose(entries)
    else this.subscription?.close(entries, true)
  }

  private takeOne(delivery: number, taken: QueueEntry[]): void {
    const entry = this.unsettled.get(delivery)!
    this.unsettled.delete(delivery)
    const { id } = entry.message
    if (this.byMessageId?.get(id) === delivery) this.findEarlierCopy(this.byMessageId, id)
    taken.push(entry)
  }

  private fileByMessageId(
    byMessageId: Map<string, number>,
    { id }: Message,
    delivery: number
  ): void {
    const earlier = byMessageId.get(id)
    byMessageId.set(id, delivery)
    if (earlier === undefined) return
    const copies = this.earlierCopies.get(id)
    if (copies === undefined) this.earlierCopies.set(id, [earlier])
    else copies.push(earlier)
  }

  /** The client means the copy before by its next ACK of that id, if that one is not settled. */
  private findEarlierCopy(byMessageId: Map<string, number>, id: string): void {
    byMessageId.delete(id)
    const copies = this.earlierCopies.get(id)
    if (copies === undefined) return
    mark('client-has-two-copies')
    const left = copies.filter((copy) => this.unsettled.has(copy))
    const latest = left.pop()
    if (latest !== undefined) byMessageId.set(id, latest)
    if (left.length === 0) this.earlierCopies.delete(id)
    else this.earlierCopies.set(id, left)
  }

  private roomForCredit(): number {
    return Math.max(0, this.prefetch - this.unsettled.size)
  }
}
