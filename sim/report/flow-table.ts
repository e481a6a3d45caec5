// Who was getting what from whom just now: the flows of a run, with when each was last served and
// how long its messages took lately. A flow of a queue goes from a producer to the queue, one of a
// topic from a producer to a consumer.

import type { Delivery } from '../watcher.ts'

/** Latencies are kept for one to two of these. */
const windowMs = 1_000

/** One flow. */
export interface Flow {
  readonly producer: string
  /** Of a topic's flow; undefined for a queue's, which any consumer serves. */
  readonly consumer: string | undefined
  /** Name of the queue or topic. */
  readonly destination: string
  servedAtMs: number
  /** Longest latency since `windowFromMs`, and in the window before. */
  latencyMs: number
  latencyMsBefore: number
  windowFromMs: number
}

/** See the top of this file. Times are of the world. */
export class FlowTable {
  /** By producer, which has one destination, and consumer; under '' for a queue. */
  private readonly flows = new Map<string, Map<string, Flow>>()

  onDelivered({ record, consumer }: Delivery, nowMs: number): Flow {
    const { producer, destination } = record
    const isTopic = record.kind === 'topic'
    let flows = this.flows.get(producer)
    if (flows === undefined) {
      flows = new Map()
      this.flows.set(producer, flows)
    }
    const key = isTopic ? consumer : ''
    let flow = flows.get(key)
    if (flow === undefined) {
      flow = {
        ...{ producer, consumer: isTopic ? consumer : undefined, destination },
        ...{ servedAtMs: nowMs, latencyMs: 0, latencyMsBefore: 0, windowFromMs: nowMs }
      }
      flows.set(key, flow)
    }
    if (nowMs - flow.windowFromMs > windowMs) {
      flow.latencyMsBefore = nowMs - flow.windowFromMs > 2 * windowMs ? 0 : flow.latencyMs
      flow.latencyMs = 0
      flow.windowFromMs = nowMs
    }
    flow.latencyMs = Math.max(flow.latencyMs, nowMs - record.acceptedAtMs)
    flow.servedAtMs = nowMs
    return flow
  }

  /** Flows that were served in the last second. */
  live(nowMs: number): Flow[] {
    return [...this.flows.values()].flatMap((flows) =>
      [...flows.values()].filter(({ servedAtMs }) => nowMs - servedAtMs <= windowMs)
    )
  }
}

/** The longest latency a flow had lately. */
export function usualMs({ latencyMs, latencyMsBefore }: Flow): number {
  return Math.max(latencyMs, latencyMsBefore)
}
