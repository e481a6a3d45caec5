// All producers of a plan. Deals the destinations out, starts and stops the connections, adds up
// what they did. Invariant: the producers of a steady rate share it evenly and take turns.

import { delay, inTurn, type Opened, type ProducerReport } from './load-group.ts'
import { dealDestinations, type LoadPlan, type StompEndpoint, streamCount } from './load-plan.ts'
import { Producer } from './producer.ts'
import { sharedNowMs } from './shared-clock.ts'

const connectingMax = 20
const receiptsWaitMs = 3_000

/** The producers of one run. */
export class ProducerGroup {
  private readonly plan: LoadPlan
  private readonly producers: Producer[]
  private readonly streams: number[][]

  constructor(plan: LoadPlan, endpoint: StompEndpoint, onFailure: (reason: Error) => void) {
    const { destinations } = plan
    this.plan = plan
    const dealt = dealDestinations(plan.producers, destinations.length)
    this.streams = dealt.map((indexes, producer) =>
      indexes.map((index) => producer * destinations.length + index)
    )
    this.producers = dealt.map(
      (indexes, producer) =>
        new Producer({
          ...plan,
          endpoint,
          onFailure,
          ratePerSecond: plan.ratePerSecond / plan.producers,
          targets: indexes.map((index, i) => ({
            destination: destinations[index]!,
            stream: this.streams[producer]![i]!,
            probe: index
          }))
        })
    )
  }

  async open(): Promise<Opened> {
    let server = ''
    const starts = this.producers.map((producer) => async () => {
      server = (await producer.connect()).server
    })
    await inTurn(starts, connectingMax)
    return { server }
  }

  /** Sends a probe to each destination of each producer. */
  probe(): void {
    for (const producer of this.producers) producer.sendProbes()
  }

  start(): void {
    const nowMs = sharedNowMs()
    const turnMs = this.plan.ratePerSecond > 0 ? 1000 / this.plan.ratePerSecond : 0
    for (const [index, producer] of this.producers.entries()) {
      producer.start(nowMs + index * turnMs)
    }
  }

  /** Stops sending and waits a little for receipts still to come. */
  async stop(): Promise<ProducerReport> {
    const sent = new Array<number>(streamCount(this.plan)).fill(0)
    let lateMsMax = 0
    this.producers.forEach((producer, p) => {
      const counts = producer.stop()
      lateMsMax = Math.max(lateMsMax, counts.lateMsMax)
      counts.sent.forEach((count, i) => {
        sent[this.streams[p]![i]!] = count
      })
    })
    const deadlineMs = sharedNowMs() + receiptsWaitMs
    while (this.receiptsOpen() > 0 && sharedNowMs() < deadlineMs) await delay(10)
    return { sent, receiptsOpen: this.receiptsOpen(), lateMsMax }
  }

  close(): void {
    for (const producer of this.producers) producer.close()
  }

  private receiptsOpen(): number {
    return this.producers.reduce((sum, producer) => sum + producer.receiptsOpen, 0)
  }
}
