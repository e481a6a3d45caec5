// Tells whether the other end of a bridge is alive, and how far away it is. Any byte counts as a
// sign of life. It pings when it has heard or said nothing for an interval: the first asks for a
// sign of life, the second gives one, so that a peer busy receiving one long frame from us is not
// taken for dead while its answers wait behind that frame.

import { mark } from '../../base/index.ts'
import type { Cancel, Clock } from '../../ports/index.ts'

/** How often to ping, and when to give up. */
export interface LivenessOptions {
  /** Silence after which a PING is sent, in milliseconds. */
  readonly pingIntervalMs: number
  /** Unanswered PINGs after which the peer counts as dead. */
  readonly pingMisses: number
}

/** The connection watched. */
export interface LivenessOwner {
  /** Bytes written so far, sent or gathered, to see whether anything was said since. */
  readonly bytesWritten: number
  sendPing(id: number): void
  /** Called once per interval, for work that belongs to it. */
  onInterval(): void
  /** Nothing was heard for too long; the watch has stopped. */
  onSilent(silentMs: number): void
}

/** Answer time of an explicit probe, in milliseconds; more where round trips take longer. */
const probeDeadlineMs = 1000
const probeRoundTrips = 3
/** Intervals between PINGs that only measure the round trip. */
const measureEvery = 10
/** Share of a new measurement in the smoothed round trip. */
const rttShare = 1 / 8

/** The watch over one bridge; `start` once, `stop` once. */
export class Liveness {
  /** Smoothed round trip in milliseconds; undefined before the first answer. */
  rttMs: number | undefined = undefined
  private readonly clock: Clock
  private readonly options: LivenessOptions
  private readonly owner: LivenessOwner
  private hasHeard = false
  private heardAtMs: number
  private misses = 0
  private intervals = 0
  private bytesWrittenThen = 0
  private pingId = 0
  /** The PING whose answer is measured, and when it left; -1 while none is under way. */
  private measuredId = 0
  private measuredAtMs = -1
  private cancelInterval: Cancel | undefined = undefined
  private cancelProbe: Cancel | undefined = undefined

  constructor(clock: Clock, options: LivenessOptions, owner: LivenessOwner) {
    this.clock = clock
    this.options = options
    this.owner = owner
    this.heardAtMs = clock.monotonicMs()
  }

  start(): void {
    this.heardAtMs = this.clock.monotonicMs()
    this.ping()
    this.schedule()
  }

  stop(): void {
    this.cancelInterval?.()
    this.cancelProbe?.()
    this.cancelInterval = undefined
    this.cancelProbe = undefined
  }

  /** To be called for every chunk that arrives. */
  onHeard(): void {
    this.hasHeard = true
    if (this.cancelProbe === undefined) return
    mark('bridge-probe-answered')
    this.cancelProbe()
    this.cancelProbe = undefined
  }

  /** To be called for every PONG. */
  onPong(id: number): void {
    if (this.measuredAtMs < 0 || id !== this.measuredId) return
    const sampleMs = this.clock.monotonicMs() - this.measuredAtMs
    this.measuredAtMs = -1
    const { rttMs } = this
    this.rttMs = rttMs === undefined ? sampleMs : rttMs + (sampleMs - rttMs) * rttShare
  }

  /** Asks for a sign of life now, and calls the bridge dead if none comes in time. */
  probe(): void {
    if (this.cancelInterval === undefined || this.cancelProbe !== undefined) return
    this.ping()
    const deadlineMs = Math.max(probeDeadlineMs, probeRoundTrips * (this.rttMs ?? 0))
    this.cancelProbe = this.clock.schedule(deadlineMs, () => {
      mark('bridge-probe-unanswered')
      this.giveUp()
    })
  }

  private schedule(): void {
    const { clock, options } = this
    this.cancelInterval = clock.schedule(options.pingIntervalMs, () => this.onTick())
  }

  private onTick(): void {
    this.cancelInterval = undefined
    this.intervals += 1
    const isQuietHere = this.owner.bytesWritten === this.bytesWrittenThen
    const isQuietThere = !this.hasHeard
    if (isQuietThere && this.misses >= this.options.pingMisses) {
      mark('bridge-pings-unanswered')
      this.giveUp()
      return
    }
    if (!isQuietThere) {
      this.misses = 0
      this.hasHeard = false
      this.heardAtMs = this.clock.monotonicMs()
    }
    if (isQuietThere || isQuietHere || this.intervals % measureEvery === 0) {
      if (isQuietThere) {
        mark('bridge-ping-missed')
        this.misses += 1
      }
      this.ping()
    }
    this.bytesWrittenThen = this.owner.bytesWritten
    this.schedule()
    this.owner.onInterval()
  }

  private ping(): void {
    this.pingId = (this.pingId + 1) % 0x100000000
    // Over a long way answers take longer than an interval: wait for the one that is measured.
    if (this.measuredAtMs < 0) {
      this.measuredId = this.pingId
      this.measuredAtMs = this.clock.monotonicMs()
    }
    this.owner.sendPing(this.pingId)
  }

  private giveUp(): void {
    this.stop()
    this.owner.onSilent(Math.round(this.clock.monotonicMs() - this.heardAtMs))
  }
}
