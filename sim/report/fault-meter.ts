// Measures what one fault came to; docs/internals/report.md tells the same to operators.
//
// detectMs: from its begin until a broker took down a bridge the fault concerns: one to its broker,
//   or, of several brokers, one between two of them or to one that is dead. Noticed later than
//   `graceMs` after its end is not noticed.
// rerouteMs: of the flows served in the last second before it, the longest time from its begin to
//   the first delivery of a message taken after its begin. A flow is left out if the first such
//   message took no longer than usual; or if it was served only after the fault's end, while there
//   was no way between its ends. One that was not served although there was a way counts on.
// recoverMs: from its end, or its begin if it has none, to the last late delivery of a message
//   taken before its end; 0 if none was late, undefined if it has an end and that did not come.
//
// Undefined where there is nothing to measure.

import type { FaultSpan } from '../plan/index.ts'
import type { Delivery } from '../watcher.ts'
import type { MessageRecord } from '../workload/ledger.ts'
import { type Flow, type FlowTable, usualMs } from './flow-table.ts'
import { rounded } from './latency-histogram.ts'
import { type FaultReport, lateMs } from './report.ts'
import type { WaysLeft } from './ways-left.ts'

const graceMs = 10_000
/** A latency of up to so many times the longest before, and so much more, is usual. */
const usualFactor = 2
const usualMarginMs = 20

/** What a fault is measured against. */
export interface FaultGround {
  readonly flows: FlowTable
  readonly ways: WaysLeft
  /** Brokers that both ends of a flow are at; several for a queue's consumers. */
  endsOf(flow: Flow): { readonly from: string; readonly to: readonly string[] }
}

/** A flow that was served before the fault. */
interface Watched {
  readonly usualMs: number
  /** The first message taken after the fault's begin, if there was one. */
  first: string | undefined
}

/** See the top of this file. Times are since the network was at work. */
export class FaultMeter {
  private readonly span: FaultSpan
  private readonly ground: FaultGround
  private state: 'ahead' | 'on' | 'over' = 'ahead'
  private readonly watched = new Map<Flow, Watched>()
  /** By producer, those without a first message. */
  private readonly unstarted = new Map<string, Flow[]>()
  private detectMs: number | undefined = undefined
  private rerouteMs: number | undefined = undefined
  private lastLateMs: number | undefined = undefined

  constructor(span: FaultSpan, ground: FaultGround) {
    this.span = span
    this.ground = ground
  }

  private get endMs(): number {
    return this.span.toMs ?? Number.POSITIVE_INFINITY
  }

  /** Time goes on; to be called before anything that happens then. */
  advance(atMs: number, worldMs: number): void {
    if (this.state === 'ahead' && atMs >= this.span.fromMs) {
      this.state = 'on'
      for (const flow of this.ground.flows.live(worldMs)) {
        this.watched.set(flow, { usualMs: usualMs(flow), first: undefined })
        const { producer } = flow
        this.unstarted.set(producer, [...(this.unstarted.get(producer) ?? []), flow])
      }
    }
    if (this.state === 'on' && atMs >= this.endMs) {
      this.state = 'over'
      for (const flow of this.watched.keys()) if (!this.hasWay(flow)) this.watched.delete(flow)
    }
  }

  onBridgeDown(broker: string, peer: string, atMs: number): void {
    if (this.state === 'ahead' || this.detectMs !== undefined) return
    if (atMs > this.endMs + graceMs || !this.concerns(broker, peer)) return
    this.detectMs = atMs - this.span.fromMs
  }

  onAccepted({ producer, key, kind, destination, expected }: MessageRecord): void {
    const flows = this.unstarted.get(producer)
    if (flows === undefined) return
    const left = flows.filter((flow) => {
      const { consumer } = flow
      const isForIt =
        flow.destination === destination &&
        (kind === 'queue' ||
          [...expected.values()].some((one) => one.session.consumer === consumer))
      const watched = this.watched.get(flow)
      if (isForIt && watched !== undefined) watched.first = key
      return !isForIt
    })
    if (left.length > 0) this.unstarted.set(producer, left)
    else this.unstarted.delete(producer)
  }

  /** @param acceptedMs when the message was taken, since the network was at work */
  onDelivered({ record }: Delivery, flow: Flow, acceptedMs: number, atMs: number): void {
    if (this.state === 'ahead') return
    const latencyMs = atMs - acceptedMs
    if (latencyMs > lateMs && acceptedMs <= this.endMs) this.lastLateMs = atMs
    const watched = this.watched.get(flow)
    if (watched === undefined || acceptedMs < this.span.fromMs) return
    this.watched.delete(flow)
    const isUsual = latencyMs <= watched.usualMs * usualFactor + usualMarginMs
    if (watched.first !== record.key || !isUsual) this.noteReroute(atMs)
  }

  report(atMs: number): FaultReport {
    for (const [flow, { first }] of this.watched) {
      if (first !== undefined && this.hasWay(flow)) this.noteReroute(atMs)
    }
    const { text, fromMs, toMs, brokers } = this.span
    const sinceMs = toMs ?? fromMs
    const isUnended = toMs !== undefined && this.state !== 'over'
    const recoverMs = Math.max(0, (this.lastLateMs ?? sinceMs) - sinceMs)
    return {
      ...{ text, fromMs, toMs, brokers },
      detectMs: optional(this.detectMs),
      rerouteMs: optional(this.rerouteMs),
      recoverMs: this.state === 'ahead' || isUnended ? undefined : rounded(recoverMs)
    }
  }

  private noteReroute(atMs: number): void {
    this.rerouteMs = Math.max(this.rerouteMs ?? 0, atMs - this.span.fromMs)
  }

  private hasWay(flow: Flow): boolean {
    const { ways } = this.ground
    const { from, to } = this.ground.endsOf(flow)
    return to.some((broker) => ways.isJoined(from, broker))
  }

  private concerns(broker: string, peer: string): boolean {
    const { brokers } = this.span
    if (!brokers.includes(peer)) return false
    if (brokers.length === 1) return broker !== peer
    return brokers.includes(broker) || !this.ground.ways.isAlive(peer)
  }
}

function optional(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : rounded(ms)
}
