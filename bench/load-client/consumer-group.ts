// All consumers of a plan. Adds up what they received and judges whether anything is missing.
// Invariant: the consumers of a queue share one sequence check, those of a topic have one each.

import { Consumer } from './consumer.ts'
import { LatencySamples } from './latency-samples.ts'
import { type ConsumerReport, delay, inTurn, type Mark, type Opened } from './load-group.ts'
import {
  consumerDestinations,
  type LoadPlan,
  type StompEndpoint,
  streamCount
} from './load-plan.ts'
import { SequenceCheck, type SequenceCounts } from './sequence-check.ts'
import { sharedNowMs } from './shared-clock.ts'

const connectingMax = 20
const drainPollMs = 20
// A broker that delivers nothing for this long while messages are missing has lost them.
const silenceMsMax = 3_000

/** The consumers of one run. */
export class ConsumerGroup {
  private readonly plan: LoadPlan
  private readonly consumers: Consumer[]
  private readonly checks: SequenceCheck[]
  private readonly latencies: LatencySamples | undefined
  private readonly dealt: number[][]

  constructor(plan: LoadPlan, endpoint: StompEndpoint, onFailure: (reason: Error) => void) {
    this.plan = plan
    this.dealt = consumerDestinations(plan)
    const checkCount = plan.everyConsumerGetsAll ? plan.consumers : 1
    this.checks = Array.from({ length: checkCount }, () => new SequenceCheck(streamCount(plan)))
    this.latencies =
      plan.latencySamplesMax > 0 ? new LatencySamples(plan.latencySamplesMax) : undefined
    this.consumers = this.dealt.map(
      (indexes, consumer) =>
        new Consumer({
          endpoint,
          destinations: indexes.map((index) => plan.destinations[index]!),
          ackMode: plan.ackMode,
          sequences: this.checks[consumer % checkCount]!,
          latencies: this.latencies,
          onFailure
        })
    )
  }

  async open(): Promise<Opened> {
    let server = ''
    const starts = this.consumers.map((consumer) => async () => {
      server = (await consumer.connect()).server
    })
    await inTurn(starts, connectingMax)
    return { server }
  }

  /** How many (consumer, destination) pairs have not seen a probe; 0 means every way is open. */
  probesMissing(): number {
    if (this.plan.everyConsumerGetsAll) {
      const wanted = this.plan.destinations.length
      return this.consumers.reduce((sum, consumer) => sum + wanted - consumer.probes.size, 0)
    }
    const seen = new Set<number>()
    for (const consumer of this.consumers) for (const probe of consumer.probes) seen.add(probe)
    return this.plan.destinations.length - seen.size
  }

  /** How many messages have come. The first mark also starts, the second ends, the latencies. */
  mark(): Mark {
    const atMs = sharedNowMs()
    for (const consumer of this.consumers) {
      if (consumer.latencyFromMs === Number.POSITIVE_INFINITY) consumer.latencyFromMs = atMs
      else consumer.latencyToMs = Math.min(consumer.latencyToMs, atMs)
    }
    return { received: this.counts().received, atMs }
  }

  /** Waits until all that was sent has come, or nothing more comes, and judges it. */
  async drain(sent: readonly number[]): Promise<ConsumerReport> {
    let received = this.counts().received
    let progressMs = sharedNowMs()
    while (this.lost(sent) > 0 && sharedNowMs() - progressMs < silenceMsMax) {
      await delay(drainPollMs)
      const now = this.counts().received
      if (now !== received) progressMs = sharedNowMs()
      received = now
    }
    // Duplicates come after the originals, so give them a moment.
    await delay(drainPollMs * 2)
    return { ...this.counts(), lost: this.lost(sent), latency: this.latencies?.figures() }
  }

  close(): void {
    for (const consumer of this.consumers) consumer.close()
  }

  private lost(sent: readonly number[]): number {
    return this.checks.reduce((sum, check) => sum + check.lost(sent), 0)
  }

  private counts(): SequenceCounts {
    const sum = { received: 0, duplicates: 0, reordered: 0, gaps: 0 }
    for (const check of this.checks) {
      const counts = check.counts()
      sum.received += counts.received
      sum.duplicates += counts.duplicates
      sum.reordered += counts.reordered
      sum.gaps += counts.gaps
    }
    return sum
  }
}
