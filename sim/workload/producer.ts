// A simulated producer: sends numbered messages at its pace to one destination of the broker it is
// at, and connects again when that broker comes back. A message is sent once; what was on its way
// to a broker that crashed was never taken and is nobody's loss.

import type { ProducerPlan } from '../plan/index.ts'
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
  private client: StompClient | undefined = undefined
  private isStopped = false

  constructor(world: WorkloadPort, plan: ProducerPlan) {
    this.world = world
    this.plan = plan
    this.random = world.random(`producer/${plan.name}`)
    this.connect()
    this.tickLater()
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
    if (this.plan.at !== broker || this.client === undefined) return
    this.client.drop()
    this.onLost()
  }

  /** Sends no more; its connection stays, and the last receipts may come. */
  stop(): void {
    this.isStopped = true
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
    const { name, at: broker, version } = this.plan
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
    this.world.after(reconnectMsMin + span * this.random.float(), () => this.connect())
  }
}
