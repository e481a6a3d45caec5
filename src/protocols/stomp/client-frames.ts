// What a connected client may ask for, frame by frame: SEND, SUBSCRIBE, UNSUBSCRIBE, ACK, NACK,
// BEGIN, COMMIT, ABORT, DISCONNECT. Throws PostroadError for what the session must answer with
// ERROR.

import { mark, PostroadError, quoted } from '../../base/index.ts'
import {
  type Broker,
  type Destination,
  type Message,
  type MessageFilter,
  type Queue,
  reservedPrefix,
  type SubscribeOptions
} from '../../broker/index.ts'
import { ClientSubscriptions, type FoundDelivery } from './client-subscriptions.ts'
import { ClientTemporaries, isRoutable } from './client-temporaries.ts'
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
import { type EndOfClient, StompSubscription } from './stomp-subscription.ts'
import { readDurableToEnd, readSubscribe, type SubscribeWish } from './subscribe-frame.ts'
import { Transactions } from './transactions.ts'

/** What a transaction accounts for an ACK or NACK. */
const ackStepBytes = 64
const temporaryPrefix = '/temp-queue/'

/** The frames of one connected client. */
export class ClientFrames implements DestinationResolver {
  private readonly context: SessionContext
  private readonly broker: Broker
  private readonly session: StompSession
  private readonly version: StompVersion
  private readonly mapping: SendMapping
  private readonly transactions: Transactions
  private readonly subscriptions = new ClientSubscriptions()
  private readonly temporaries: ClientTemporaries

  constructor(context: SessionContext, session: StompSession, version: StompVersion) {
    this.context = context
    this.broker = context.broker
    this.session = session
    this.version = version
    this.mapping = new SendMapping(context.broker, context.clock, this)
    this.transactions = new Transactions(context.limits.transactionBytesMax)
    this.temporaries = new ClientTemporaries(context.broker)
  }

  get subscriptionCount(): number {
    return this.subscriptions.size
  }

  handle(frame: StompFrameView): void {
    if (frame.command === 'SEND') this.onSend(frame)
    else this.handleOther(frame.command, frame)
  }

  /** The client's socket takes more again. */
  renewCredit(): void {
    this.subscriptions.renewCredit(() => this.session.isCongested)
  }

  /** The client's socket is full. */
  stopCredit(): void {
    this.subscriptions.stopCredit()
  }

  /**
   * Ends all the client's subscriptions and temporary queues; unsettled deliveries go to others.
   */
  close(how: EndOfClient): void {
    if (this.transactions.isAnyOpen) mark('client-transaction-forgotten')
    this.subscriptions.close(how)
    this.temporaries.close()
  }

  resolve(text: string): Destination {
    const { kind, name } = readStompDestination(text)
    if (name.startsWith(reservedPrefix) && !name.startsWith(`${reservedPrefix}admin.`)) {
      throw invalid(`destination ${quoted(text)} is reserved for the broker itself`)
    }
    if (kind !== 'temp-queue') return this.broker.destinations.get(kind, name)
    const own = this.temporaries.find(name)
    if (own !== undefined) return this.broker.destinations.get('temp-queue', own.name)
    if (isRoutable(name)) return this.broker.destinations.get('temp-queue', name)
    throw invalid(
      `temporary queue ${quoted(text)} is not of this connection; reply to the address ` +
        'given in reply-to, or subscribe to it first'
    )
  }

  /** A reply address that others can use; a temporary queue not subscribed to yet is subscribed. */
  resolveReplyTo(text: string): string {
    if (!text.startsWith(temporaryPrefix)) return text
    const name = text.slice(temporaryPrefix.length)
    let queue = this.temporaries.find(name)
    if (queue === undefined) {
      if (isRoutable(name)) return text
      queue = this.addTemporary(name)
      this.subscribeToReplies(text, queue)
    }
    return `${temporaryPrefix}${queue.name}`
  }

  private handleOther(command: StompCommand, frame: StompFrameView): void {
    const receipt = frame.get('receipt')
    switch (command) {
      case 'BEGIN':
        this.transactions.begin(required(frame, 'transaction'))
        this.answerReceipt(receipt)
        return
      case 'ABORT':
        this.transactions.abort(required(frame, 'transaction'))
        this.answerReceipt(receipt)
        return
      case 'DISCONNECT':
        this.session.disconnect(receipt)
        return
      case 'SUBSCRIBE':
        this.answerConsumer(receipt, this.onSubscribe(frame))
        return
      case 'UNSUBSCRIBE':
        this.answerConsumer(receipt, this.onUnsubscribe(frame))
        return
      case 'ACK':
      case 'NACK':
        this.answerConsumer(receipt, this.onAck(frame, command === 'ACK'))
        return
      case 'COMMIT':
        this.transactions.commit(required(frame, 'transaction'))
        this.answerWhenDurable(receipt)
        return
      default:
        throw violation(`${command} is not for a connected client to send`)
    }
  }

  /** @param isStored false where nothing on disk has changed: then the store need not work */
  private answerConsumer(receipt: string | undefined, isStored: boolean): void {
    if (isStored) this.answerWhenDurable(receipt, this.isStillAnswering)
    else this.answerReceipt(receipt)
  }
  private onSend(frame: StompFrameView): void {
    const { mapping } = this
    const message = mapping.map(frame, this.version)
    if (mapping.transactionIndex >= 0) {
      // The frame's bytes are kept for longer than a turn: move the message out of its chunk.
      message.compact()
      this.transactions.add(required(frame, 'transaction'), {
        bytes: message.sizeBytes,
        prepare: () => this.broker.prepare(message),
        apply: () => this.publish(message, true)
      })
      if (mapping.receiptIndex >= 0) this.answerReceipt(frame.get('receipt'))
      return
    }
    this.publish(message, false)
    if (mapping.receiptIndex < 0) return
    const receipt = frame.get('receipt')
    if (!message.isPersistent) this.answerReceipt(receipt)
    else this.answerWhenDurable(receipt)
  }

  private publish(message: Message, isPrepared: boolean): void {
    const gate = this.broker.publish(message, isPrepared)
    if (gate !== undefined) this.session.pauseAt(gate)
  }

  private answerReceipt(receipt: string | undefined): void {
    if (receipt === undefined) return
    this.session.sendFrame(
      encodeFrame('RECEIPT', [['receipt-id', receipt]], { version: this.version })
    )
  }

  /** A consumer need not end for a store that fails: it can do no more than wait, or come again. */
  private readonly isStillAnswering = (): boolean => {
    if (!this.session.isAnswering) return false
    mark('client-answered-when-store-works')
    return true
  }

  /**
   * A receipt promises that what the frame did outlives the broker, as far as the store does.
   * @param isPatient asked when the store fails: true to go on waiting
   */
  private answerWhenDurable(receipt: string | undefined, isPatient?: () => boolean): void {
    if (receipt === undefined) return
    this.broker.whenKept((error) => {
      if (!this.session.isAnswering) {
        mark('client-gone-before-its-receipt')
        return
      }
      if (error === undefined) this.answerReceipt(receipt)
      else this.session.failStoring(error, receipt)
    }, isPatient)
  }

  /** True if the store keeps the subscription. */
  private onSubscribe(frame: StompFrameView): boolean {
    const wish = readSubscribe(frame, {
      version: this.version,
      clientId: this.session.clientId,
      prefetchDefault: this.context.limits.prefetchDefault
    })
    const max = this.context.limits.subscriptionsPerConnectionMax
    if (this.subscriptions.size >= max) {
      mark('client-subscriptions-limit-reached')
      throw violation(
        `this connection already has ${max} subscriptions (limits.subscriptionsPerConnectionMax)`
      )
    }
    const key = wish.id ?? wish.destination
    if (this.subscriptions.find(key) !== undefined) {
      mark('client-subscription-id-in-use')
      throw violation(`subscription id ${quoted(key)} is in use on this connection`)
    }
    const { kind, name } = readStompDestination(wish.destination)
    if (name.startsWith(reservedPrefix)) {
      throw invalid(`destination ${quoted(wish.destination)} is reserved for the broker`)
    }
    const pattern = kind === 'temp-queue' ? this.ownTemporary(name).name : name
    const subscription = this.newSubscription(wish, kind === 'topic' ? undefined : wish.filter)
    if (kind === 'temp-queue') this.subscriptions.remove(repliesKey(pattern))?.close()
    const durable = kind === 'topic' ? wish.durable : undefined
    this.attach(key, subscription, {
      ...{ kind, pattern, consumer: subscription, weight: wish.prefetch },
      ...{ durable, filter: wish.filter }
    })
    return durable !== undefined
  }

  private attach(key: string, subscription: StompSubscription, wish: SubscribeOptions): void {
    subscription.subscription = this.broker.subscribe(wish)
    this.subscriptions.add(key, subscription)
    // The broker delivers while it attaches, before the consumer knows its subscription.
    subscription.renewCredit()
  }

  /** True if the store kept the subscription. */
  private onUnsubscribe(frame: StompFrameView): boolean {
    const key = frame.get('id') ?? frame.get('destination')
    const subscription = key === undefined ? undefined : this.subscriptions.remove(key)
    subscription?.close()
    const durable = readDurableToEnd(frame, this.session.clientId)
    if (durable !== undefined) {
      this.broker.deleteDurable(durable)
    } else if (subscription === undefined) {
      mark('client-unsubscribes-in-vain')
      throw violation(
        `UNSUBSCRIBE names no subscription of this connection: id ${quoted(key ?? '')}`
      )
    }
    return durable !== undefined
  }

  /** True if the store has what was settled. */
  private onAck(frame: StompFrameView, isAck: boolean): boolean {
    const transaction = frame.get('transaction')
    const found = this.subscriptions.findDelivery(frame, this.version)
    if (transaction === undefined) return this.settle(found, isAck)
    const apply = (): void => void this.settle(found, isAck)
    this.transactions.add(transaction, { bytes: ackStepBytes, apply })
    return false
  }

  private settle(found: FoundDelivery | undefined, isAck: boolean): boolean {
    // Before COMMIT it may have been settled otherwise, or its subscription ended.
    if (found === undefined || !found.subscription.has(found.delivery)) {
      mark('client-settles-too-late')
      return false
    }
    const entries = found.subscription.take(found.delivery)
    if (isAck) for (const entry of entries) entry.queue.settle(entry)
    else this.broker.refuseAll(entries)
    found.subscription.renewCredit()
    return entries.some(({ isStored }) => isStored)
  }

  private ownTemporary(name: string): Queue {
    return this.temporaries.find(name) ?? this.addTemporary(name)
  }

  private addTemporary(name: string): Queue {
    const queue = this.temporaries.add(name)
    this.mapping.forgetDestinations()
    return queue
  }

  /** A client that names a temporary queue in reply-to without subscribing gets the replies too. */
  private subscribeToReplies(destination: string, queue: Queue): void {
    const wish = { id: destination, ackMode: 'auto', prefetch: 1 } as const
    const subscription = this.newSubscription(wish, undefined)
    this.attach(repliesKey(queue.name), subscription, {
      kind: 'temp-queue',
      pattern: queue.name,
      consumer: subscription,
      weight: 1
    })
  }

  private newSubscription(
    wish: Pick<SubscribeWish, 'id' | 'ackMode' | 'prefetch'>,
    filter: MessageFilter | undefined
  ): StompSubscription {
    return new StompSubscription({
      id: wish.id,
      number: this.subscriptions.nextNumber(),
      version: this.version,
      ackMode: wish.ackMode,
      prefetch: wish.prefetch,
      filter,
      output: this.session.output
    })
  }
}

/** Clients cannot choose this key: no header holds a NUL. */
function repliesKey(queueName: string): string {
  return `\0${queueName}`
}

function required(frame: StompFrameView, name: string): string {
  const value = frame.get(name)
  if (value !== undefined && value !== '') return value
  throw violation(`${frame.command} has no ${name} header`)
}

function violation(detail: string): PostroadError {
  return new PostroadError('REMOTE_PROTOCOL_VIOLATION', detail)
}

function invalid(detail: string): PostroadError {
  return new PostroadError('LOCAL_DESTINATION_INVALID', detail)
}
