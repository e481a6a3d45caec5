// What can be known from outside of who had a message: not where it was, only where it can have
// been. Excuses of a real run are made of that, and are therefore wider than the simulator's, which
// books every crossing.
//
// A message that was not delivered when a broker died is excused if that broker took it from its
// producer, or lies on a path (no broker twice) between two brokers that the message was from
// or for: its origin, and every broker at which somebody who takes it was subscribed since it was
// sent.

import { patternMatches } from '../../src/broker/index.ts'
import type { SimTopology } from '../topologies.ts'
import type { Excuse, Ledger, LedgerSession, MessageRecord } from '../workload/ledger.ts'
import { canLieBetween } from './reach.ts'

interface KnownSession {
  readonly session: LedgerSession
  readonly openedAtMs: number
  closedAtMs: number | undefined
  /** It ended without a word: what was on its way to it may be gone. */
  isCutShort: boolean
}

/** A reason that brokers counted, and how often. */
export interface CountedReason {
  readonly broker: string
  readonly reason: string
  readonly count: number
}

/** See the top of this file. */
export class CustodyGuess {
  private readonly topology: SimTopology
  private readonly ledger: Ledger
  private readonly sessions = new Map<string, KnownSession>()
  private readonly between = new Map<string, boolean>()

  constructor(topology: SimTopology, ledger: Ledger) {
    this.topology = topology
    this.ledger = ledger
  }

  onOpened(session: LedgerSession, nowMs: number): void {
    const facts = { session, openedAtMs: nowMs, closedAtMs: undefined, isCutShort: false }
    this.sessions.set(session.id, facts)
  }

  onClosed(id: string, nowMs: number, isCutShort: boolean): void {
    const known = this.sessions.get(id)
    if (known === undefined) return
    known.closedAtMs = nowMs
    known.isCutShort = isCutShort
  }

  /** When the youngest subscription to a topic at a broker was made; undefined without any. */
  youngestMs(broker: string, topic: string): number | undefined {
    let youngestMs: number | undefined
    for (const { session, openedAtMs, closedAtMs } of this.sessions.values()) {
      if (session.broker !== broker || closedAtMs !== undefined) continue
      if (session.kind !== 'topic' || !patternMatches(session.pattern, topic)) continue
      youngestMs = Math.max(youngestMs ?? 0, openedAtMs)
    }
    return youngestMs
  }

  /** A broker has died: excuses what it can have had. */
  excuseDead(broker: string): void {
    const why: Excuse = {
      kind: 'died-with-broker',
      text: `${broker} ended, and can have had it`
    }
    for (const record of this.ledger.all()) {
      if (record.kind === 'queue') {
        if (record.consumed > 0 || record.excuse !== undefined) continue
        if (this.canHaveHeld(broker, this.placesOf(record))) record.excuse = why
        continue
      }
      for (const expectation of record.expected.values()) {
        const { copies, excuse, session } = expectation
        if (copies > 0 || excuse !== undefined) continue
        if (this.canHaveHeld(broker, [record.origin, session.broker])) expectation.excuse = why
      }
    }
  }

  /** What was on its way to a consumer with automatic acknowledgement that was cut off is gone. */
  excuseCutShort(): void {
    const cut = [...this.sessions.values()].filter(
      ({ session, isCutShort }) => isCutShort && session.isAuto && session.kind === 'queue'
    )
    for (const record of this.ledger.all()) {
      if (record.kind !== 'queue' || record.consumed > 0 || record.excuse !== undefined) continue
      const one = cut.find(
        ({ session, closedAtMs }) =>
          patternMatches(session.pattern, record.destination) &&
          closedAtMs !== undefined &&
          closedAtMs >= record.acceptedAtMs
      )
      if (one === undefined) continue
      const text = `${one.session.id} was cut off and can have been sent it`
      record.excuse = { kind: 'subscriber-left', text }
    }
  }

  /**
   * Excuses as many missing messages as brokers counted given up, and no more. Which ones they were
   * nobody can tell; those of stable phases are none of them.
   */
  excuseGivenUp(
    counted: readonly CountedReason[],
    tell: (record: MessageRecord, reason: CountedReason) => void
  ): void {
    const left = counted.flatMap((one) => Array.from({ length: one.count }, () => one))
    for (const record of this.ledger.all()) {
      if (record.isStable) continue
      for (const missing of missingOf(record)) {
        const reason = left.pop()
        if (reason === undefined) return
        const text = `${reason.broker} counted one (${reason.reason})`
        missing.excuse = { kind: 'given-up', text }
        tell(record, reason)
      }
    }
  }

  /** Brokers a queue's message was from or for. */
  private placesOf({ origin, destination, acceptedAtMs }: MessageRecord): string[] {
    const places = new Set([origin])
    for (const { session, closedAtMs } of this.sessions.values()) {
      if (session.kind !== 'queue' || !patternMatches(session.pattern, destination)) continue
      if (closedAtMs === undefined || closedAtMs >= acceptedAtMs) places.add(session.broker)
    }
    return [...places]
  }

  private canHaveHeld(broker: string, places: readonly string[]): boolean {
    return places.some((from, at) =>
      places.slice(at).some((to) => this.canLieBetween(broker, from, to))
    )
  }

  private canLieBetween(broker: string, from: string, to: string): boolean {
    const key = `${broker} ${from} ${to}`
    let answer = this.between.get(key)
    if (answer === undefined) {
      answer = canLieBetween(this.topology, broker, [from, to])
      this.between.set(key, answer)
    }
    return answer
  }
}

/** What of a record has not come and need not be excused by anything else. */
function missingOf(record: MessageRecord): { excuse: Excuse | undefined }[] {
  if (record.kind === 'queue') {
    return record.consumed === 0 && record.excuse === undefined ? [record] : []
  }
  return [...record.expected.values()].filter(
    ({ copies, excuse }) => copies === 0 && excuse === undefined
  )
}
