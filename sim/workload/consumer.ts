// A simulated consumer: one subscription at a time, kept alive across crashes of its broker, moved
// to other brokers when told to. Tells the world of every delivery and acknowledgement.

import type { StompFrameView } from '../../src/protocols/stomp/codec/index.ts'
import type { ConsumerPlan, Leaving } from '../plan/index.ts'
import type { Prng } from '../prng.ts'
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
  private onLeft: () => void = () => {}

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
    return this.session !== undefined && !this.isLeaving
  }

  /** Deliveries it has not acknowledged yet. */
  get unacknowledged(): number {
    return this.held.length
  }

  /** Goes to another broker, or leaves and comes back to the same. */
  moveTo(broker: string, leaving: Leaving): void {
    this.broker = broker
    this.world.trace('move', this.plan.name, broker)
    this.leave(leaving, () => this.connect())
  }

  /** Its heart-beats go unanswered: the broker's machine is off. */
  onSilence(broker: string): void {
    if (this.client?.broker !== broker) return
    this.client.drop()
    this.onLost()
  }

  /** Leaves for good. */
  stop(leaving: Leaving): void {
    this.isStopped = true
    this.leave(leaving, () => {})
  }

  private leave(leaving: Leaving, then: () => void): void {
    const { client } = this
    // Without a connection it waits for its next try, which finds the new broker by itself.
    if (this.isLeaving || client === undefined) return
    if (leaving === 'abrupt' || this.session === undefined) {
      this.endSession()
      client.drop()
      this.client = undefined
      then()
      return
    }
    this.isLeaving = true
    this.acknowledgeAll()
    client.send('UNSUBSCRIBE', [
      ['id', 's'],
      ['destination', this.plan.destination],
      ['receipt', unsubscribeReceipt]
    ])
    this.onLeft = then
    this.world.after(leavePatienceMs, () => {
      if (this.client === client && this.isLeaving) this.finishLeaving()
    })
  }

  private finishLeaving(): void {
    this.isLeaving = false
    this.endSession()
    this.client?.disconnect()
    this.client = undefined
    const then = this.onLeft
    this.onLeft = () => {}
    then()
  }

  private connect(): void {
    if (this.isStopped) return
    this.sessionNumber += 1
    const { version } = this.plan
    const client: StompClient = new StompClient(
      this.world,
      { client: this.plan.name, broker: this.broker, version },
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
    const { destination, ack, prefetch } = this.plan
    client.send('SUBSCRIBE', [
      ['id', 's'],
      ['destination', destination],
      ['ack', ack],
      ['activemq.prefetchSize', String(prefetch)],
      ['receipt', subscribeReceipt]
    ])
  }

  private onReceipt(id: string): void {
    if (id === unsubscribeReceipt) {
      if (this.isLeaving) this.finishLeaving()
      return
    }
    if (id !== subscribeReceipt || this.isLeaving) return
    this.openSession()
  }

  private openSession(): void {
    if (this.session !== undefined) return
    const { destination, name, ack } = this.plan
    const [, kind, pattern] = destination.split('/')
    this.session = `${name}#${this.sessionNumber}`
    this.world.openSession({
      id: this.session,
      consumer: name,
      broker: this.client!.broker,
      kind: kind === 'topic' ? 'topic' : 'queue',
      pattern: pattern!,
      isAuto: ack === 'auto'
    })
  }

  private endSession(): void {
    if (this.session !== undefined) this.world.closeSession(this.session)
    this.session = undefined
    this.held = []
  }

  private onLost(): void {
    this.endSession()
    this.client = undefined
    this.isLeaving = false
    this.onLeft = () => {}
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
    const session = this.session ?? `${this.plan.name}#${this.sessionNumber}`
    this.world.delivered(key, { consumer: this.plan.name, session, isRedelivered })
    // Once it has unsubscribed an ACK would be for nothing: these go back to the queue.
    if (this.plan.ack === 'auto' || this.isLeaving) return
    this.held.push({ key, ackHeaders: this.ackHeaders(frame) })
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
    for (const { key } of held) this.world.acknowledged(key)
  }

  private acknowledge({ key, ackHeaders }: Held): void {
    this.client!.send('ACK', ackHeaders)
    this.world.acknowledged(key)
  }
}
