// What a connected client may ask for, frame by frame: SEND, SUBSCRIBE, UNSUBSCRIBE, ACK, NACK,
// BEGIN, COMMIT, ABORT, DISCONNECT. Throws PostroadError for what the session must answer with
// ERROR.

import { PostroadError } from '../../base/index.ts'
import {
  type Broker,
  type Destination,
  type Message,
  type Queue,
  reservedPrefix
} from '../../broker/index.ts'
import {
  encodeFrame,
  type StompCommand,
  type StompFrameView,
  type StompVersion
} from './codec/index.ts'
import type { DestinationResolver } from './known-destinations.ts'
import { SendMapping } from './send-mapping.ts'
import type { SessionContext, StompSession } from './session.ts'
import { readStompDestination } from './stomp-destination.ts'
import { StompSubscription } from './stomp-subscription.ts'
import { readSubscribe } from './subscribe-frame.ts'
import { Transactions } from './transactions.ts'

/** Temporary queues one connection may have. */
const temporaryQueuesMax = 1_000
/** What a transaction accounts for an ACK or NACK. */
const ackStepBytes = 64
/** '<broker>.<life>.<number>': a temporary queue as others know it. */
const routableTemporary = /^[A-Za-z0-9][A-Za-z0-9_-]*\.[0-9a-z]+\.\d+$/

/** The frames of one connected client. */
export class ClientFrames implements DestinationResolver {
  private readonly context: SessionContext
  private readonly broker: Broker
  private readonly session: StompSession
  private readonly version: StompVersion
  private readonly mapping: SendMapping
  private readonly transactions: Transactions
  /** By subscription id; a 1.0 subscription without one goes by its destination. */
  private readonly subscriptions = new Map<string, StompSubscription>()
  private readonly byNumber = new Map<number, StompSubscription>()
  /** This connection's temporary queues by the client's own name for them. */
  private readonly temporaries = new Map<string, Queue>()
  private lastNumber = 0

  constructor(context: SessionContext, session: StompSession, version: StompVersion) {
    this.context = context
    this.broker = context.broker
    this.session = session
    this.version = version
    this.mapping = new SendMapping(context.broker, context.clock, this)
    this.transactions = new Transactions(context.limits.transactionBytesMax)
  }

  get subscriptionCount(): number {
    return this.subscriptions.size
  }

  handle(frame: StompFrameView): void {
    if (frame.command === 'SEND') {
      this.onSend(frame)
      return
    }
    this.handleOther(frame.command, frame)
    if (frame.command !== 'DISCONNECT') this.answerReceipt(frame.get('receipt'))
  }

  /** The client's socket takes more again. */
  renewCredit(): void {
    for (const subscription of this.byNumber.values()) subscription.renewCredit()
  }

  /** The client's socket is full. */
  stopCredit(): void {
    for (const subscription of this.byNumber.values()) subscription.stopCredit()
  }

  /**
   * Ends all the client's subscriptions and temporary queues; unsettled deliveries go to others.
   */
  close(): void {
    for (const subscription of this.byNumber.values()) subscription.close()
    this.subscriptions.clear()
    this.byNumber.clear()
    for (const queue of this.temporaries.values()) this.broker.queues.removeTemporary(queue)
    this.temporaries.clear()
  }

  resolve(text: string): Destination {
    const { kind, name } = readStompDestination(text)
    if (name.startsWith(reservedPrefix) && !name.startsWith(`${reservedPrefix}admin.`)) {
      throw invalid(`destination "${text.slice(0, 100)}" is reserved for the broker itself`)
    }
    if (kind !== 'temp-queue') return this.broker.destinations.get(kind, name)
    const own = this.temporaries.get(name)
    if (own !== undefined) return this.broker.destinations.get('temp-queue', own.name)
    if (routableTemporary.test(name)) return this.broker.destinations.get('temp-queue', name)
    throw invalid(
      `temporary queue "${text.slice(0, 100)}" is not of this connection; reply to the address ` +
        'given in reply-to, or subscribe to it first'
    )
  }

  /** A reply address that others can use; a temporary queue not subscribed to yet is subscribed. */
  resolveReplyTo(text: string): string {
    if (!text.startsWith('/temp-queue/')) return text
    const name = text.slice('/temp-queue/'.length)
    if (!this.temporaries.has(name)) {
      if (routableTemporary.test(name)) return text
      this.subscribeToReplies(text, name)
    }
    return `/temp-queue/${this.temporaries.get(name)!.name}`
  }

  private handleOther(command: StompCommand, frame: StompFrameView): void {
    switch (command) {
      case 'SUBSCRIBE':
        this.onSubscribe(frame)
        return
      case 'UNSUBSCRIBE':
        this.onUnsubscribe(frame)
        return
      case 'ACK':
      case 'NACK':
        this.onAck(frame, command === 'ACK')
        return
      case 'BEGIN':
        this.transactions.begin(required(frame, 'transaction'))
        return
      case 'COMMIT':
        this.transactions.commit(required(frame, 'transaction'))
        return
      case 'ABORT':
        this.transactions.abort(required(frame, 'transaction'))
        return
      case 'DISCONNECT':
        this.answerReceipt(frame.get('receipt'))
        this.session.end()
        return
      default:
        throw violation(`${command} is not for a connected client to send`)
    }
  }

  private onSend(frame: StompFrameView): void {
    const { mapping } = this
    const message = mapping.map(frame, this.version)
    if (mapping.transactionIndex >= 0) {
      // The frame's bytes are kept for longer than a turn: move the message out of its chunk.
      message.compact()
      this.transactions.add(required(frame, 'transaction'), {
        bytes: message.sizeBytes,
        apply: () => this.publish(message)
      })
      if (mapping.receiptIndex >= 0) this.answerReceipt(frame.get('receipt'))
      return
    }
    this.publish(message)
    if (mapping.receiptIndex < 0) return
    const receipt = frame.get('receipt')
    if (!message.isPersistent) this.answerReceipt(receipt)
    else this.answerWhenDurable(receipt)
  }

  private publish(message: Message): void {
    const gate = this.broker.publish(message)
    if (gate !== undefined) this.session.pauseAt(gate)
  }

  private answerReceipt(receipt: string | undefined): void {
    if (receipt === undefined) return
    this.session.sendFrame(
      encodeFrame('RECEIPT', [['receipt-id', receipt]], { version: this.version })
    )
  }

  private answerWhenDurable(receipt: string | undefined): void {
    this.broker.store.whenDurable((error) => {
      if (this.session.stateName !== 'connected') return
      if (error === undefined) this.answerReceipt(receipt)
      else this.session.fail(`the message could not be stored: ${error.message}`, receipt)
    })
  }

  private onSubscribe(frame: StompFrameView): void {
    const wish = readSubscribe(frame, {
      version: this.version,
      clientId: this.session.clientId,
      prefetchDefault: this.context.limits.prefetchDefault
    })
    const max = this.context.limits.subscriptionsPerConnectionMax
    if (this.subscriptions.size >= max) {
      throw violation(
        `this connection already has ${max} subscriptions (limits.subscriptionsPerConnectionMax)`
      )
    }
    const key = wish.id ?? wish.destination
    const isReplies = this.subscriptions.get(key)?.isImplicit === true
    if (this.subscriptions.has(key) && !isReplies) {
      throw violation(`subscription id "${key.slice(0, 100)}" is in use on this connection`)
    }
    const { kind, name } = readStompDestination(wish.destination)
    if (name.startsWith(reservedPrefix)) {
      throw invalid(`destination "${wish.destination.slice(0, 100)}" is reserved for the broker`)
    }
    if (kind === 'temp-queue') this.dropImplicit(wish.destination)
    const pattern = kind === 'temp-queue' ? this.temporary(name).name : name
    const subscription = this.newSubscription(wish.id, wish.ackMode, wish.prefetch, {
      filter: kind === 'topic' ? undefined : wish.filter
    })
    subscription.subscription = this.broker.subscribe({
      kind,
      pattern,
      consumer: subscription,
      weight: wish.prefetch,
      durable: kind === 'topic' ? wish.durable : undefined,
      filter: wish.filter
    })
    this.subscriptions.set(key, subscription)
    this.byNumber.set(subscription.number, subscription)
    // The broker delivers while it attaches, before the consumer knows its subscription.
    subscription.renewCredit()
  }

  private onUnsubscribe(frame: StompFrameView): void {
    const durableName = frame.get('activemq.subscriptionName') ?? frame.get('durable-subscription')
    const key = frame.get('id') ?? frame.get('destination')
    const subscription = key === undefined ? undefined : this.subscriptions.get(key)
    if (subscription !== undefined) {
      this.subscriptions.delete(key!)
      this.byNumber.delete(subscription.number)
      subscription.close()
    }
    if (durableName !== undefined) {
      const clientId = this.session.clientId ?? ''
      this.broker.deleteDurable({ clientId, subscriptionName: durableName })
    } else if (subscription === undefined) {
      throw violation(
        `UNSUBSCRIBE names no subscription of this connection: id "${(key ?? '').slice(0, 100)}"`
      )
    }
  }

  private onAck(frame: StompFrameView, isAck: boolean): void {
    const { subscription, delivery } = this.findDelivery(frame)
    const apply = (): void => this.settle(subscription, delivery, isAck)
    const transaction = frame.get('transaction')
    if (transaction === undefined) apply()
    else this.transactions.add(transaction, { bytes: ackStepBytes, apply })
  }

  private settle(subscription: StompSubscription, delivery: number, isAck: boolean): void {
    // The client may have acknowledged it twice, or its subscription ended before COMMIT.
    if (!subscription.has(delivery)) return
    for (const entry of subscription.take(delivery)) {
      if (isAck) entry.queue.settle(entry)
      else this.broker.refuse(entry)
    }
    subscription.renewCredit()
  }

  private findDelivery(frame: StompFrameView): {
    subscription: StompSubscription
    delivery: number
  } {
    if (this.version === '1.2') {
      const id = required(frame, 'id')
      const match = /^(\d{1,9})-(\d{1,15})$/.exec(id)
      const subscription = match === null ? undefined : this.byNumber.get(Number(match[1]))
      if (subscription === undefined) throw unknownDelivery('id', id)
      return { subscription, delivery: Number(match![2]) }
    }
    const messageId = required(frame, 'message-id')
    const key = frame.get('subscription')
    const named = key === undefined ? undefined : this.subscriptions.get(key)
    const candidates = named === undefined ? this.byNumber.values() : [named]
    for (const subscription of candidates) {
      const delivery = subscription.findByMessageId(messageId)
      if (delivery !== undefined) return { subscription, delivery }
    }
    throw unknownDelivery('message-id', messageId)
  }

  /** The temporary queue of the client's own name, made when first used. */
  private temporary(name: string): Queue {
    const existing = this.temporaries.get(name)
    if (existing !== undefined) return existing
    if (this.temporaries.size >= temporaryQueuesMax) {
      throw violation(`this connection already has ${temporaryQueuesMax} temporary queues`)
    }
    const queue = this.broker.createTemporaryQueue()
    this.temporaries.set(name, queue)
    this.mapping.forgetDestinations()
    return queue
  }

  /** A client that names a temporary queue in reply-to without subscribing gets the replies too. */
  private subscribeToReplies(destination: string, name: string): void {
    const queue = this.temporary(name)
    const subscription = this.newSubscription(destination, 'auto', 1, { filter: undefined })
    subscription.isImplicit = true
    subscription.subscription = this.broker.subscribe({
      kind: 'temp-queue',
      pattern: queue.name,
      consumer: subscription,
      weight: 1
    })
    this.subscriptions.set(destination, subscription)
    this.byNumber.set(subscription.number, subscription)
  }

  private dropImplicit(destination: string): void {
    const implicit = this.subscriptions.get(destination)
    if (implicit?.isImplicit !== true) return
    this.subscriptions.delete(destination)
    this.byNumber.delete(implicit.number)
    implicit.close()
  }

  private newSubscription(
    id: string | undefined,
    ackMode: 'auto' | 'client' | 'client-individual',
    prefetch: number,
    options: Pick<StompSubscription, 'filter'>
  ): StompSubscription {
    this.lastNumber += 1
    return new StompSubscription({
      id,
      number: this.lastNumber,
      version: this.version,
      ackMode,
      prefetch,
      filter: options.filter,
      output: this.session
    })
  }
}

function required(frame: StompFrameView, name: string): string {
  const value = frame.get(name)
  if (value !== undefined && value !== '') return value
  throw violation(`${frame.command} has no ${name} header`)
}

function unknownDelivery(header: string, value: string): PostroadError {
  return violation(
    `${header} "${value.slice(0, 100)}" is no message this connection has to acknowledge`
  )
}

function violation(detail: string): PostroadError {
  return new PostroadError('REMOTE_PROTOCOL_VIOLATION', detail)
}

function invalid(detail: string): PostroadError {
  return new PostroadError('LOCAL_DESTINATION_INVALID', detail)
}
