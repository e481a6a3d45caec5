// A simulated producer: sends numbered messages at its pace to one destination of the broker it is
// at, and connects again when that broker comes back, or goes to another one when told to. A
// message is sent once; what was on its way to a broker that crashed was never taken, and is
// nobody's loss.

import type { Leaving, ProducerPlan } from '../plan/index.ts'
import type { Prng } from '../prng.ts'
import { BodyTemplate } from './body-template.ts'
import { headersOf } from './selection.ts'
import { StompClient } from './stomp-client.ts'
import { fateOf, nextTransactionFirst, transactionOf } from './transaction-rule.ts'
import type { WorkloadPort } from './workload-port.ts'

const reconnectMsMin = 50
const reconnectMsMax = 400

/** See the top of this file. */
export class SimProducer {
  readonly plan: ProducerPlan
  /** Number of the last message; those of transactions that broke off are left out. */
  sent = 0
  /** Receipts asked for on the present connection that have not come. */
  private readonly unanswered = new Set<string>()
  private readonly world: WorkloadPort
  private readonly random: Prng
  private readonly bodies: BodyTemplate
  private broker: string
  private client: StompClient | undefined = undefined
  private isStopped = false
  private hasLeft = false
  /** Name of the transaction that is open on the present connection. */
  private transaction: string | undefined = undefined

  constructor(world: WorkloadPort, plan: ProducerPlan) {
    this.world = world
    this.plan = plan
    this.broker = plan.at
    this.random = world.random(`producer/${plan.name}`)
    this.bodies = new BodyTemplate(plan.name, plan.bodyBytes)
    this.connect()
    this.tickLater()
  }

  /** The broker it is at, or on its way to. */
  get at(): string {
    return this.broker
  }

  /** True once it has left, until it comes back. */
  get isGone(): boolean {
    return this.hasLeft
  }

  get isConnected(): boolean {
    return this.client?.isConnected ?? false
  }

  /** Receipts it waits for. */
  get receiptsPending(): number {
    return this.unanswered.size
  }

  /** Goes to another broker, or leaves and comes back to the same. */
  moveTo(broker: string, leaving: Leaving): void {
    this.broker = broker
    this.world.trace('move', this.plan.name, broker)
    // Without a connection it waits for its next try, which finds the new broker by itself.
    if (this.client === undefined || this.hasLeft) return
    this.disconnect(leaving)
    this.connect()
  }

  /** Leaves, until it comes back. */
  leave(leaving: Leaving): void {
    if (this.hasLeft) return
    this.stop()
    this.hasLeft = true
    this.disconnect(leaving)
  }

  /** Comes back after it has left, and goes on with its numbers. */
  comeBack(): void {
    if (!this.hasLeft) return
    this.hasLeft = false
    this.isStopped = false
    this.connect()
    this.tickLater()
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

  /** Says what no client may say: its broker ends the connection, and it comes back. */
  misspeak(what: 'bytes' | 'frame'): void {
    this.client?.misspeak(what)
  }

  /** Sends no more; its connection stays, and the last receipts may come. */
  stop(): void {
    this.isStopped = true
    if (this.transaction === undefined) return
    this.client?.send('ABORT', [['transaction', this.transaction]])
    this.endTransaction()
  }

  private disconnect(leaving: Leaving): void {
    if (leaving === 'orderly') this.client?.disconnect()
    else this.client?.drop()
    this.forgetConnection()
  }

  private tickLater(): void {
    const { everyMs, isSteady } = this.plan
    this.world.after(isSteady === true ? everyMs : everyMs * (0.5 + this.random.float()), () => {
      if (this.isStopped) return
      for (let left = this.plan.burst ?? 1; left > 0; left -= 1) this.produce()
      if (!this.isDone) this.tickLater()
    })
  }

  private get isDone(): boolean {
    return this.sent >= (this.plan.messagesMax ?? Number.POSITIVE_INFINITY)
  }

  private produce(): void {
    const { client, plan } = this
    if (client === undefined || !client.isConnected || client.isBackedUp || this.isDone) return
    this.sent += 1
    this.beginIfFirst(client)
    const headers: [string, string][] = [['destination', plan.destination]]
    if (plan.isPersistent) headers.push(['persistent', 'true'])
    if (plan.ttlMs !== undefined) headers.push(['expiration', String(plan.ttlMs)])
    for (const header of headersOf(plan, this.sent)) headers.push(header)
    if (this.transaction !== undefined) headers.push(['transaction', this.transaction])
    // What a transaction holds is answered for by its COMMIT.
    else if (this.sent % plan.receiptEvery === 0) headers.push(this.receipt())
    client.send('SEND', headers, this.bodies.of(this.sent))
    this.endIfLast(client)
  }

  private receipt(): [string, string] {
    const receipt = String(this.sent)
    this.unanswered.add(receipt)
    return ['receipt', receipt]
  }

  private beginIfFirst(client: StompClient): void {
    const transaction = transactionOf(this.plan, this.sent)
    if (transaction === undefined || this.transaction !== undefined) return
    this.transaction = `t${transaction.index}`
    client.send('BEGIN', [['transaction', this.transaction]])
  }

  private endIfLast(client: StompClient): void {
    const transaction = transactionOf(this.plan, this.sent)
    if (transaction === undefined || (this.sent < transaction.last && !this.isDone)) return
    const isKept = fateOf(transaction) === 'committed'
    const headers: [string, string][] = [['transaction', this.transaction!], this.receipt()]
    client.send(isKept ? 'COMMIT' : 'ABORT', headers)
    this.transaction = undefined
  }

  private connect(): void {
    const { name, version } = this.plan
    this.client = new StompClient(
      this.world,
      { client: name, broker: this.broker, version },
      {
        onConnected: () => {},
        onMessage: () => {},
        onReceipt: (id) => this.unanswered.delete(id),
        onLost: () => this.onLost()
      }
    )
  }

  private onLost(): void {
    this.forgetConnection()
    const span = reconnectMsMax - reconnectMsMin
    this.world.after(reconnectMsMin + span * this.random.float(), () => {
      if (this.client === undefined && !this.hasLeft) this.connect()
    })
  }

  private forgetConnection(): void {
    this.client = undefined
    this.unanswered.clear()
    if (this.transaction !== undefined) this.endTransaction()
  }

  /** A transaction that breaks off: its numbers are not used again. */
  private endTransaction(): void {
    this.transaction = undefined
    this.sent = nextTransactionFirst(this.plan, this.sent) - 1
  }
}
