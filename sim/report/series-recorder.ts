// The course of a run in a bounded number of equal slices of time. When there would be too many,
// slices become twice as long and each two of them one; so nobody has to know how long a run lasts.

import { LatencyHistogram, rounded } from './latency-histogram.ts'
import type { BrokerSample } from './observed-world.ts'
import type { ReportSeries } from './report.ts'

/** Slices aimed at for the expected length, and where two become one. */
const slicesWanted = 250
const slicesMax = 400
const intervalsMs = [50, 100, 150, 200, 250, 300, 400, 500, 600, 800]

interface Slice {
  accepted: number
  delivered: number
  readonly latency: LatencyHistogram
  bridgeBytes: number
}

/** See the top of this file. Times are since the network was at work. */
export class SeriesRecorder {
  private intervalMs: number
  private slices: Slice[] = []
  /** Most that waited at each broker, by slice. */
  private backlog: Map<string, number[]>
  /** Slices at whose end the world has been looked at. */
  private sampled = 0
  private bridgeBytesBefore = 0

  constructor(expectedMs: number, brokers: readonly string[]) {
    this.intervalMs = niceInterval(expectedMs / slicesWanted)
    this.backlog = new Map(brokers.map((broker) => [broker, []]))
  }

  onAccepted(atMs: number): void {
    this.at(atMs).accepted += 1
  }

  onDelivered(atMs: number): void {
    this.at(atMs).delivered += 1
  }

  /** The first delivery of a message. */
  onLatency(atMs: number, latencyMs: number, bucket: number): void {
    this.at(atMs).latency.add(latencyMs, bucket)
  }

  /** True when a slice is over whose end nobody has looked at. */
  isDue(atMs: number): boolean {
    return atMs >= (this.sampled + 1) * this.intervalMs
  }

  /** What brokers hold at the end of a slice, and bytes over all bridges until now. */
  sample(atMs: number, samples: readonly BrokerSample[], bridgeBytes: number): void {
    // Making room may join slices.
    this.at(atMs)
    this.sampled = Math.floor(atMs / this.intervalMs)
    this.look(Math.max(0, this.sampled - 1), samples, bridgeBytes)
  }

  /**
   * @param endMs when the run is over: the last slice may be shorter
   * @param samples what brokers hold then
   */
  finish(endMs: number, samples: readonly BrokerSample[], bridgeBytes: number): ReportSeries {
    this.at(endMs)
    const count = Math.max(1, Math.ceil(endMs / this.intervalMs))
    this.look(count - 1, samples, bridgeBytes)
    // What happens at the very end belongs to the slice that ends there.
    for (const slice of this.slices.splice(count)) addTo(this.slices[count - 1]!, slice)
    const { slices } = this
    const ends = slices.map((_, at) => Math.min((at + 1) * this.intervalMs, endMs))
    const rates = (of: (slice: Slice) => number): number[] =>
      slices.map((slice, at) => {
        const seconds = (ends[at]! - at * this.intervalMs) / 1_000
        return seconds > 0 ? rounded(of(slice) / seconds) : 0
      })
    return {
      atMs: ends.map(rounded),
      accepted: rates(({ accepted }) => accepted),
      delivered: rates(({ delivered }) => delivered),
      latencyP50Ms: slices.map(({ latency }) => orNull(latency, latency.percentile(0.5))),
      latencyMaxMs: slices.map(({ latency }) => orNull(latency, latency.max)),
      backlog: Object.fromEntries(this.backlog),
      bridgeBytes: rates(({ bridgeBytes }) => bridgeBytes)
    }
  }

  private look(index: number, samples: readonly BrokerSample[], bridgeBytes: number): void {
    this.slices[index]!.bridgeBytes += bridgeBytes - this.bridgeBytesBefore
    this.bridgeBytesBefore = bridgeBytes
    for (const { broker, waiting } of samples) {
      const values = this.backlog.get(broker)
      if (values === undefined) continue
      while (values.length < index) values.push(values.at(-1) ?? 0)
      values[index] = Math.max(values[index] ?? 0, waiting)
    }
  }

  private at(atMs: number): Slice {
    let index = Math.floor(Math.max(0, atMs) / this.intervalMs)
    while (index >= slicesMax) {
      this.join()
      index = Math.floor(atMs / this.intervalMs)
    }
    while (this.slices.length <= index) this.slices.push(newSlice())
    return this.slices[index]!
  }

  private join(): void {
    this.intervalMs *= 2
    this.sampled = Math.floor(this.sampled / 2)
    const joined: Slice[] = []
    for (const [at, slice] of this.slices.entries()) {
      if (at % 2 === 0) joined.push(slice)
      else addTo(joined.at(-1)!, slice)
    }
    this.slices = joined
    for (const [broker, values] of this.backlog) {
      const kept = values.filter((_, at) => at % 2 === 0)
      this.backlog.set(
        broker,
        kept.map((value, at) => Math.max(value, values[at * 2 + 1] ?? 0))
      )
    }
  }
}

function newSlice(): Slice {
  return { accepted: 0, delivered: 0, latency: new LatencyHistogram(), bridgeBytes: 0 }
}

function addTo(slice: Slice, next: Slice): void {
  slice.accepted += next.accepted
  slice.delivered += next.delivered
  slice.bridgeBytes += next.bridgeBytes
  slice.latency.merge(next.latency)
}

function orNull({ count }: LatencyHistogram, ms: number): number | null {
  return count === 0 ? null : rounded(ms)
}

function niceInterval(ms: number): number {
  const found = intervalsMs.find((one) => one >= ms)
  return found ?? Math.ceil(ms / 1_000) * 1_000
}
