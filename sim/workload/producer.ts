// A simulated producer: sends numbered messages at its pace to one destination of the broker it is
// at, and connects again when that broker comes back. A message is sent once; what was on its way
// to a broker that crashed was never taken and is nobody's loss.

import type { Leaving, ProducerPlan } from '../plan/index.ts'
import type { Prng } from '../prng.ts'
import { bodyOf } from './ledger.ts'
import { StompClient } from './stomp-client.ts'
import type { WorkloadPort } from './workload-port.ts'

const reconnectMsMin = 50
const reconnectMsMax = 400

/** See the top of this file. */
export class SimProducer {
  readonly plan: ProducerPlan
  sent = 0
  /** Receipts asked for on the present connection that have not come. */
  private readonly unanswered = new Set<string>()
  private readonly world: WorkloadPort
  private readonly random: Prng
  private broker: string
  private client: StompClient | undefined = undefined
  private isStopped = false
  private hasLeft = false

  constructor(world: WorkloadPort, plan: ProducerPlan) {
    this.world = world
    this.plan = plan
    this.broker = plan.at
    this.random = world.random(`producer/${plan.name}`)
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

  /** Its heart-beats go unanswered: the broker's machine is off. */
  onSilence(broker: string): void {
    if (this.client?.broker !== broker) return
    this.client.drop()
    this.onLost()
  }

  /** Sends no more; its connection stays, and the last receipts may come. */
  stop(): void {
    this.isStopped = true
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

  private disconnect(leaving: Leaving): void {
    if (leaving === 'orderly') this.client?.disconnect()
    else this.client?.drop()
    this.client = undefined
    this.unanswered.clear()
  }

  private tickLater(): void {
    this.world.after(this.plan.everyMs * (0.5 + this.random.float()), () => {
      if (this.isStopped) return
      this.produce()
      this.tickLater()
    })
  }

  private produce(): void {
    const { client, plan } = this
    if (client === undefined || !client.isConnected || client.isBackedUp) return
    this.sent += 1
    const headers: [string, string][] = [['destination', plan.destination]]
    if (plan.isPersistent) headers.push(['persistent', 'true'])
    if (this.sent % plan.receiptEvery === 0) {
      const receipt = String(this.sent)
      headers.push(['receipt', receipt])
      this.unanswered.add(receipt)
    }
    client.send('SEND', headers, bodyOf(plan.name, this.sent, plan.bodyBytes))
  }

  private connect(): void {
    const { broker } = this
    const { name, version } = this.plan
    this.unanswered.clear()
    this.client = new StompClient(
      this.world,
      { client: name, broker, version },
      {
        onConnected: () => {},
        onMessage: () => {},
        onReceipt: (id) => this.unanswered.delete(id),
        onLost: () => this.onLost()
      }
    )
  }

  private onLost(): void {
    this.client = undefined
    this.unanswered.clear()
    const span = reconnectMsMax - reconnectMsMin
    this.world.after(reconnectMsMin + span * this.random.float(), () => {
      if (this.client === undefined && !this.hasLeft) this.connect()
    })
  }
}
