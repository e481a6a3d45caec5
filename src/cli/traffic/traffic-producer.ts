// One producer of the traffic: numbered messages at a rate, each confirmed by its broker. Probes go
// out while some flow does not listen yet. Numbers go on across reconnects.

import type { StompClient } from '../../client/index.ts'
import type { FlowLedger } from './flow-ledger.ts'

/** Header that tells producer and number: '<producer>#<number>', number 0 for a probe. */
export const markHeader = 'traffic-mark'

const probeMs = 200
/** After a pause a producer catches up with no more than so long. */
const catchUpMsMax = 1_000

/** Reads a mark; undefined for what is none. */
export function readMark(
  mark: string | undefined
): { producer: string; number: number } | undefined {
  const at = mark?.lastIndexOf('#') ?? -1
  if (mark === undefined || at < 0) return undefined
  return { producer: mark.slice(0, at), number: Number(mark.slice(at + 1)) }
}

/** See the top of this file. */
export class TrafficProducer {
  /** Numbered messages sent. */
  sent = 0
  private readonly name: string
  private readonly destination: string
  private readonly rate: number
  private readonly flows: ReadonlyMap<string, FlowLedger>
  private readonly unconfirmed = new Set<number>()
  private lastMs: number | undefined = undefined
  private lastProbeMs = Number.NEGATIVE_INFINITY
  /** Messages due, with fractions. */
  private dueNow = 0

  constructor(
    name: string,
    destination: string,
    rate: number,
    flows: ReadonlyMap<string, FlowLedger>
  ) {
    this.name = name
    this.destination = destination
    this.rate = rate
    this.flows = flows
  }

  /** True when every message was confirmed. */
  get isConfirmed(): boolean {
    return this.unconfirmed.size === 0
  }

  /** Sends what is due since the last call. */
  tick(client: StompClient | undefined, nowMs: number): void {
    const elapsedMs = Math.min(nowMs - (this.lastMs ?? nowMs), catchUpMsMax)
    this.lastMs = nowMs
    if (client === undefined || client.isCongested) return
    this.probe(client, nowMs)
    this.dueNow = Math.min(this.dueNow + (elapsedMs / 1_000) * this.rate, this.rate)
    for (; this.dueNow >= 1; this.dueNow -= 1) this.sendOne(client, nowMs)
  }

  /** The connection is gone: what was not confirmed may or may not have been taken. */
  onLost(): void {
    for (const number of this.unconfirmed) {
      for (const flow of this.flows.values()) flow.forget(number)
    }
    this.unconfirmed.clear()
  }

  private probe(client: StompClient, nowMs: number): void {
    if (nowMs - this.lastProbeMs < probeMs) return
    if ([...this.flows.values()].every((flow) => flow.isListening)) return
    this.lastProbeMs = nowMs
    client.send(this.destination, 'probe', { headers: [[markHeader, `${this.name}#0`]] })
  }

  private sendOne(client: StompClient, nowMs: number): void {
    this.sent += 1
    const number = this.sent
    this.unconfirmed.add(number)
    for (const flow of this.flows.values()) flow.sent(number, nowMs)
    client.send(this.destination, JSON.stringify({ number, from: this.name }), {
      headers: [[markHeader, `${this.name}#${number}`]],
      onReceipt: () => this.unconfirmed.delete(number)
    })
  }
}
