// A simulated consumer: one subscription at a time, kept alive across crashes of its broker, moved
// to other brokers when told to. Tells the world of every delivery, acknowledgement and refusal.
// A durable subscription stays at its broker while the consumer is away; it is ended when the
// consumer leaves that broker for good, in an orderly way.

import type { StompFrameView } from '../../src/protocols/stomp/codec/index.ts'
import type { ConsumerPlan, Leaving } from '../plan/index.ts'
import type { Prng } from '../prng.ts'
import { refuses } from './consumer-rule.ts'
import { keyInBody } from './record-index.ts'
import { StompClient } from './stomp-client.ts'
import type { WorkloadPort } from './workload-port.ts'

const reconnectMsMin = 50
const reconnectMsMax = 400
const subscribeReceipt = 'subscribed'
const unsubscribeReceipt = 'unsubscribed'
/** How long it waits for the broker's answer before it leaves without. */
const leavePatienceMs = 2_000

interface Held {
  readonly key: string
  readonly isRefused: boolean
  readonly isDeadLetter: boolean
  /** Header lines that name the delivery in an ACK. */
  readonly ackHeaders: [string, string][]
}

/** See the top of this file. */
export class SimConsumer {
  readonly plan: ConsumerPlan
  private readonly world: WorkloadPort
  private readonly random: Prng
  private broker: string
  private client: StompClient | undefined = undefined
  private sessionNumber: number
  /** Set while the subscription stands: from SUBSCRIBE's receipt on. */
  private session: string | undefined = undefined
  private held: Held[] = []
  private isAckScheduled = false
  private isStopped = false
  private isLeaving = false
  private isStalled = false
  private onLeft: () => void = () => {}
  /** What it was told to do before its subscription stood. */
  private afterSubscribed: (() => void) | undefined = undefined

  /** @param sessions subscriptions it had before it left and came back */
  constructor(world: WorkloadPort, plan: ConsumerPlan, sessions = 0) {
    this.world = world
    this.plan = plan
    this.sessionNumber = sessions
    this.broker = plan.at
    this.random = world.random(`consumer/${plan.name}`)
    this.connect()
  }

  /** The broker it is at, or on its way to. */
  get at(): string {
    return this.broker
  }

  /** Subscriptions so far. */
  get sessions(): number {
    return this.sessionNumber
  }

  /** Its subscription, while it stands. */
  get sessionId(): string | undefined {
    return this.session
  }

  /** True while its subscription stands where it wants to be. */
  get isSubscribed(): boolean {
    return this.session !== undefined && !this.isLeaving && !this.isStalled
  }

  /** Deliveries it has not acknowledged yet. */
  get unacknowledged(): number {
    return this.held.length
  }

  /** Reads and says nothing until it wakes or loses its connection. */
  stall(): void {
    if (this.session === undefined || this.isLeaving) return
    this.isStalled = true
    this.client!.stall()
  }

  /** Goes on after a stall. */
  wake(): void {
    if (!this.isStalled) return
    this.isStalled = false
    this.client!.wake()
    if (this.held.length > 0 && !this.isAckScheduled) this.scheduleAck()
  }

  /** Says what no client may say: its broker ends the connection, and it comes back. */
  misspeak(what: 'bytes' | 'frame'): void {
    if (this.session !== undefined && !this.isLeaving) this.client!.misspeak(what)
  }

  /** Goes to another broker, or leaves and comes back to the same. */
  moveTo(broker: string, leaving: Leaving): void {
    const isElsewhere = broker !== (this.client?.broker ?? this.broker)
    this.broker = broker
    this.world.trace('move', this.plan.name, broker)
    this.leave(leaving, isElsewhere, () => this.connect())
  }

  /** Its connection is reset; it comes back by itself. */
  drop(): void {
    if (this.client === undefined) return
    this.client.drop()
    this.onLost()
  }

  /** Its heart-beats go unanswered: the broker's machine is off. */
  onSilence(broker: string): void {
    if (this.client?.broker === broker) this.drop()
  }

  /** Leaves for good. A durable subscription is ended only by an orderly leave. */
  stop(leaving: Leaving): void {
    this.isStopped = true
    this.leave(leaving, true, () => {})
  }

  /** @param isForGood a durable subscription is ended, if the leave is orderly */
  private leave(leaving: Leaving, isForGood: boolean, then: () => void): void {
    const { client, plan } = this
    this.wake()
    // Without a connection it waits for its next try, which finds the new broker by itself.
    if (this.isLeaving || client === undefined) return
    const isDurable = plan.durableName !== undefined
    if (leaving === 'orderly' && this.session === undefined && isDurable) {
      // Its SUBSCRIBE may be under way: what it makes must not be left behind.
      this.afterSubscribed = () => this.leave(leaving, isForGood, then)
      return
    }
    if (leaving === 'abrupt' || this.session === undefined) {
      this.endSession(false)
      client.drop()
      this.client = undefined
      then()
      return
    }
    this.acknowledgeAll()
    if (isDurable && !isForGood) {
      this.endSession(false)
      client.disconnect()
      this.client = undefined
      then()
      return
    }
    this.isLeaving = true
    client.send('UNSUBSCRIBE', [
      ['id', 's'],
      ['destination', plan.destination],
      ...this.durableHeaders(),
      ['receipt', unsubscribeReceipt]
    ])
    this.onLeft = then
    this.world.after(leavePatienceMs, () => {
      if (this.client === client && this.isLeaving) this.finishLeaving()
    })
  }

  private finishLeaving(): void {
    this.isLeaving = false
    this.endSession(true)
    this.client?.disconnect()
    this.client = undefined
    const then = this.onLeft
    this.onLeft = () => {}
    then()
  }

  private connect(): void {
    if (this.isStopped) return
    const { name, version, durableName, heartBeatMs } = this.plan
    this.sessionNumber += 1
    const clientId = durableName === undefined ? {} : { clientId: name }
    const beats = heartBeatMs === undefined ? {} : { heartBeatMs }
    const client: StompClient = new StompClient(
      this.world,
      { client: name, broker: this.broker, version, ...clientId, ...beats },
      {
        onConnected: () => this.subscribe(client),
        onMessage: (frame) => this.onMessage(frame),
        onReceipt: (id) => this.onReceipt(id),
        onLost: () => this.onLost()
      }
    )
    this.client = client
  }

  private subscribe(client: StompClient): void {
    const { destination, ack, prefetch, selector } = this.plan
    const headers: [string, string][] = [
      ['id', 's'],
      ['destination', destination],
      ['ack', ack],
      ['activemq.prefetchSize', String(prefetch)],
      ...this.durableHeaders()
    ]
    if (selector !== undefined) headers.push(['selector', selector])
    client.send('SUBSCRIBE', [...headers, ['receipt', subscribeReceipt]])
  }

  private durableHeaders(): [string, string][] {
    const { durableName } = this.plan
    return durableName === undefined ? [] : [['activemq.subscriptionName', durableName]]
  }

  /** Of a durable one the name stays the same at each broker. */
  private nameOfSession(): string {
    const { name, durableName } = this.plan
    if (durableName !== undefined) return `${name}@${this.client!.broker}`
    return `${name}#${this.sessionNumber}`
  }

  private onReceipt(id: string): void {
    if (id === unsubscribeReceipt) {
      if (this.isLeaving) this.finishLeaving()
      return
    }
    if (id !== subscribeReceipt || this.isLeaving) return
    this.openSession()
    const then = this.afterSubscribed
    this.afterSubscribed = undefined
    then?.()
  }

  private openSession(): void {
    if (this.session !== undefined) return
    const { destination, name, ack, selector, durableName } = this.plan
    const [, kind, pattern] = destination.split('/')
    this.session = this.nameOfSession()
    this.world.openSession({
      ...(selector === undefined ? {} : { selector }),
      ...(durableName === undefined ? {} : { isDurable: true }),
      id: this.session,
      consumer: name,
      broker: this.client!.broker,
      kind: kind === 'topic' ? 'topic' : 'queue',
      pattern: pattern!,
      isAuto: ack === 'auto'
    })
  }

  /** @param isForGood false leaves a durable subscription where it is */
  private endSession(isForGood: boolean): void {
    if (this.session !== undefined) this.world.closeSession(this.session, isForGood)
    this.session = undefined
    this.held = []
  }

  private onLost(): void {
    this.endSession(false)
    this.client = undefined
    this.isStalled = false
    this.isLeaving = false
    this.onLeft = () => {}
    this.afterSubscribed = undefined
    const span = reconnectMsMax - reconnectMsMin
    this.world.after(reconnectMsMin + span * this.random.float(), () => {
      if (this.client === undefined) this.connect()
    })
  }

  private onMessage(frame: StompFrameView): void {
    // A broker may deliver before it answers the SUBSCRIBE: the subscription stands already.
    if (!this.isLeaving) this.openSession()
    const key = keyInBody(frame.bytes, frame.bodyStart, frame.bodyEnd)
    if (key === undefined) return
    const isRedelivered = frame.get('redelivered') === 'true'
    const session = this.session ?? this.nameOfSession()
    const isDeadLetter = frame.get('dead-letter-reason') !== undefined
    const receipt = { consumer: this.plan.name, session, isRedelivered }
    this.world.delivered(key, isDeadLetter ? { ...receipt, isDeadLetter } : receipt)
    // Once it has unsubscribed an ACK would be for nothing: these go back to the queue.
    if (this.plan.ack === 'auto' || this.isLeaving) return
    const isRefused = refuses(this.plan, key)
    this.held.push({ key, isRefused, isDeadLetter, ackHeaders: this.ackHeaders(frame) })
    if (!this.isAckScheduled) this.scheduleAck()
  }

  private ackHeaders(frame: StompFrameView): [string, string][] {
    if (this.plan.version === '1.2') return [['id', frame.get('ack') ?? '']]
    const headers: [string, string][] = [['message-id', frame.get('message-id') ?? '']]
    if (this.plan.version === '1.1') headers.push(['subscription', 's'])
    return headers
  }

  private scheduleAck(): void {
    this.isAckScheduled = true
    const { client } = this
    this.world.after(this.plan.workMs * (0.5 + this.random.float()), () => {
      this.isAckScheduled = false
      if (this.isStalled) return
      if (this.client !== client || this.held.length === 0) {
        if (this.client !== undefined && this.held.length > 0) this.scheduleAck()
        return
      }
      if (this.plan.ack === 'client') this.acknowledgeAll()
      else this.acknowledge(this.held.splice(this.random.integer(0, this.held.length - 1), 1)[0]!)
      if (this.held.length > 0) this.scheduleAck()
    })
  }

  /** In client mode the last one speaks for all. */
  private acknowledgeAll(): void {
    const { held } = this
    this.held = []
    if (held.length === 0) return
    if (this.plan.ack !== 'client') {
      for (const one of held) this.acknowledge(one)
      return
    }
    this.client!.send('ACK', held.at(-1)!.ackHeaders)
    for (const one of held) if (!one.isDeadLetter) this.world.acknowledged(one.key)
  }

  private acknowledge({ key, isRefused, isDeadLetter, ackHeaders }: Held): void {
    this.client!.send(isRefused ? 'NACK' : 'ACK', ackHeaders)
    if (this.plan.repeatsAcks && !isRefused) this.client!.send('ACK', ackHeaders)
    if (isRefused && !isDeadLetter) this.world.refused?.(key)
    else if (!isDeadLetter) this.world.acknowledged(key)
  }
}
