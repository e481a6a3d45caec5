// A naive broker of a few queues, the oracle of the model test: it knows every message and every
// consumer, decides nothing, and judges each delivery as it is made. It never looks into the broker
// but for its totals.

import { type MessageFilter, selectorFilter } from '../../src/broker/index.ts'
import { BrokerWorld, bodyOf, type Delivery, type TestConsumer } from '../support/broker-world.ts'

/** What the oracle remembers of one message. */
interface Known {
  readonly body: string
  readonly queue: string
  /** Order in its queue; those that came back from elsewhere have small ones. */
  readonly place: number
  expiresAtMs: number
  readonly sizeBytes: number
  readonly isPersistent: boolean
  state: 'waiting' | 'delivered' | 'done'
  /** A consumer may have seen it. */
  isSeen: boolean
  /** A broker that crashed need not know what consumers have seen. */
  mayLookSeen: boolean
  refusals: number
}

/** One consumer and what it wants. */
export interface Client {
  readonly name: string
  readonly consumer: TestConsumer
  readonly queues: readonly string[]
  readonly digits: string | undefined
  readonly held: Known[]
  isAlive: boolean
}

/** Queues of the model. */
export const queueNames: readonly string[] = ['q.a', 'q.b']
/** Long enough for some commits, and for what waits for them. */
const settleMs = 60
/** Refusals of a message before it is a dead letter. */
export const refusalsMax = 3

/** See the top of this file. */
export class BrokerOracle {
  readonly world: BrokerWorld
  readonly clients: Client[] = []
  private readonly messages = new Map<string, Known>()
  private readonly faults: string[] = []
  private readonly letters: string[] = []
  private published = 0
  private returned = 0
  private deadLetters = 0
  private hasCrashed = false
  /** What is waiting beyond a few messages is on disk only, and comes back after a while. */
  private readonly isPaged: boolean

  /** @param window messages a queue holds in memory, if the rest is to wait on disk */
  constructor(window?: number) {
    this.isPaged = window !== undefined
    this.world = new BrokerWorld({
      refusalsMax,
      ...(window === undefined ? {} : { queueWindowMessages: window })
    })
    this.takeLetters()
  }

  /** The broker crashes and comes back: consumers are gone, and what was persistent is not. */
  crash(): void {
    const beforeMs = this.world.clock.monotonicMs()
    this.world.crash()
    const shiftMs = this.world.clock.monotonicMs() - beforeMs
    this.hasCrashed = true
    for (const client of this.living) {
      client.isAlive = false
      for (const known of client.held.splice(0)) this.comeBack(known, true)
    }
    for (const known of this.messages.values()) {
      if (known.state !== 'waiting') continue
      known.mayLookSeen = true
      known.refusals = 0
      // The clock of the next life counts from elsewhere.
      if (known.expiresAtMs > 0) known.expiresAtMs = Math.max(1, known.expiresAtMs + shiftMs)
      // It died with the broker.
      if (!known.isPersistent) known.state = 'done'
    }
    this.takeLetters()
  }

  private takeLetters(): void {
    const letters = this.world.subscribe({ settles: true }, { pattern: 'DLQ' })
    letters.onDelivery = ({ body }) => this.letters.push(body)
  }

  get living(): Client[] {
    return this.clients.filter((client) => client.isAlive)
  }

  publish(queue: string, expiresInMs: number | undefined): void {
    this.published += 1
    const body = `${this.published}`
    const facts = { to: queue, body, headers: `last:${body.at(-1)}\n` }
    // Commits take their time, and a message must outlive some to be seen at all.
    const livesMs = expiresInMs === undefined ? undefined : expiresInMs * (this.isPaged ? 30 : 1)
    const message = this.world.aMessage({
      ...facts,
      // Some wait on disk although they need not outlive the broker.
      isPersistent: this.isPaged && this.published % 3 !== 0,
      ...(livesMs === undefined ? {} : { expiresInMs: livesMs })
    })
    this.learn(message, this.published)
    this.world.broker.publish(message)
  }

  /** Messages come back from another broker: they go before all others. */
  takeBack(queue: string, count: number): void {
    this.returned += count
    const messages = Array.from({ length: count }, (_, index) => {
      this.published += 1
      const body = `${this.published}`
      const message = this.world.aMessage({ to: queue, body, headers: `last:${body.at(-1)}\n` })
      this.learn(message, index - this.returned)
      return message
    })
    this.world.broker.takeBack(messages[0]!.destination, messages)
  }

  /** @param digits wants bodies whose last digit is among these; undefined for all */
  subscribe(facts: {
    readonly queues: readonly string[]
    readonly digits: string | undefined
    readonly credit: number
    readonly settles: boolean
  }): void {
    const { queues, digits, credit, settles } = facts
    const filter: MessageFilter | undefined =
      digits === undefined
        ? undefined
        : selectorFilter(`last IN (${[...digits].map((digit) => `'${digit}'`).join()})`)
    const pattern = queues.length > 1 ? 'q.*' : queues[0]!
    const name = `c${this.clients.length}`
    // The broker delivers while it subscribes: deliveries are judged from the first.
    const consumer = this.world.consumer({ credit, settles, filter })
    const client: Client = { name, consumer, queues, digits, held: [], isAlive: true }
    this.clients.push(client)
    consumer.onDelivery = (delivery) => this.onDelivery(client, delivery)
    this.world.attach(consumer, { pattern })
  }

  ack(client: Client, at: number): void {
    const index = at % client.held.length
    const [known] = client.held.splice(index, 1)
    const [entry] = client.consumer.unsettled.splice(index, 1)
    known!.state = 'done'
    entry!.queue.settle(entry!)
  }

  nack(client: Client, at: number): void {
    const index = at % client.held.length
    const [known] = client.held.splice(index, 1)
    const [entry] = client.consumer.unsettled.splice(index, 1)
    known!.refusals += 1
    if (known!.refusals < refusalsMax) this.comeBack(known!, true)
    else {
      known!.state = 'done'
      this.deadLetters += 1
    }
    this.world.broker.refuse(entry!)
  }

  leave(client: Client, maySeen: boolean): void {
    client.isAlive = false
    for (const known of client.held.splice(0)) this.comeBack(known, maySeen)
    client.consumer.die(maySeen)
  }

  /** What is wrong now, as sentences; empty for nothing. */
  judge(): string[] {
    const { faults } = this
    if (this.isPaged) this.world.run(settleMs)
    for (const client of this.living) {
      if (client.consumer.credit <= 0) continue
      const missed = this.waiting().find((known) => this.isWanted(client, known))
      if (missed !== undefined)
        faults.push(`${client.name} has credit, ${missed.body} waits for it`)
    }
    if (this.letters.length !== this.deadLetters) {
      faults.push(`${this.letters.length} dead letters, expected ${this.deadLetters}`)
    }
    return faults
  }

  /** As `judge`, of all totals, after expired messages have been swept away. */
  judgeTotals(): string[] {
    const faults = this.judge()
    const { broker } = this.world
    // What is on disk is swept piece by piece.
    if (this.isPaged) this.world.run(1_000)
    broker.sweep()
    if (this.isPaged) this.world.run(settleMs)
    const held = [...this.messages.values()].filter(
      (known) =>
        known.state === 'delivered' || (known.state === 'waiting' && !this.isExpired(known))
    )
    const bytes = held.reduce((sum, known) => sum + known.sizeBytes, 0)
    const isWrong = this.isPaged
      ? broker.memory.bytesUsed > bytes
      : broker.memory.bytesUsed !== bytes
    if (isWrong) {
      faults.push(`memory is ${broker.memory.bytesUsed} bytes, expected ${bytes}`)
    }
    for (const name of queueNames) {
      const expected = held.filter((known) => known.queue === name).length
      const found = broker.queues.find(name)?.held ?? 0
      if (found !== expected) faults.push(`${name} holds ${found}, expected ${expected}`)
    }
    const expired = [...this.messages.values()].filter(
      (known) => known.state === 'waiting' && this.isExpired(known)
    )
    const counted = broker.notDelivered.get('expired')
    // A broker counts what it saw itself.
    if (!this.hasCrashed && counted !== expired.length) {
      faults.push(`${counted} expired, expected ${expired.length}`)
    }
    return faults
  }

  private learn(message: ReturnType<BrokerWorld['aMessage']>, place: number): void {
    const body = bodyOf(message)
    this.messages.set(body, {
      ...{ body, place, queue: message.destination.name },
      expiresAtMs: message.expiresAtMs,
      sizeBytes: message.sizeBytes,
      ...{ isPersistent: message.isPersistent, state: 'waiting' },
      ...{ isSeen: false, mayLookSeen: false, refusals: 0 }
    })
  }

  private onDelivery(client: Client, { body, entry, isRedelivered }: Delivery): void {
    const known = this.messages.get(body)!
    const say = (fault: string): void => {
      this.faults.push(`${client.name} got ${body}: ${fault}`)
    }
    if (!client.isAlive) say('it has left')
    if (client.consumer.credit < 0) say('it had no credit')
    if (known.state !== 'waiting') say(`it is ${known.state}`)
    if (!this.isWanted(client, known)) say('it does not want it, or it has expired')
    const isRight = known.isSeen === isRedelivered || (known.mayLookSeen && isRedelivered)
    if (!isRight) say(`redelivered is ${isRedelivered}`)
    const older = this.waiting().find(
      (other) =>
        other.queue === known.queue && other.place < known.place && this.isWanted(client, other)
    )
    if (older !== undefined) say(`${older.body} was before it`)
    if (entry === undefined) known.state = 'done'
    else {
      known.state = 'delivered'
      client.held.push(known)
    }
  }

  private comeBack(known: Known, maySeen: boolean): void {
    known.state = 'waiting'
    if (maySeen) known.isSeen = true
  }

  private waiting(): Known[] {
    return [...this.messages.values()].filter((known) => known.state === 'waiting')
  }

  private isExpired(known: Known): boolean {
    return known.expiresAtMs > 0 && known.expiresAtMs <= this.world.clock.monotonicMs()
  }

  private isWanted(client: Client, known: Known): boolean {
    if (!client.queues.includes(known.queue) || this.isExpired(known)) return false
    return client.digits === undefined || client.digits.includes(known.body.at(-1)!)
  }
}
