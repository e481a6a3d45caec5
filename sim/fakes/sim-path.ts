// One direction between two hosts: how long bytes take, how many fit through, whether it is cut. A
// cut path loses nothing of a stream for good: like TCP under it, it holds what was sent and brings
// it some time after it is healed. Only resets and dials are lost.

import type { Prng } from '../prng.ts'
import type { SimScheduler } from '../scheduler.ts'

/** How good a path is. */
export interface SimPathQuality {
  /** Time of flight. */
  readonly latencyMs: number
  /** Most that is added to it, drawn for each send. */
  readonly jitterMs: number
  /** Shared by all streams of the path; Infinity for no limit. */
  readonly bytesPerSecond: number
}

/** A local network: a fifth of a millisecond, some jitter, no limit worth the name. */
export const localQuality: SimPathQuality = {
  latencyMs: 0.2,
  jitterMs: 0.1,
  bytesPerSecond: Infinity
}

/** What waits for a path to open. */
export interface PathWaiter {
  onPathOpen(): void
}

/** What has bytes on the line of a path. */
export interface LineUser {
  /** What is on the line from now on takes `scale` times as long as it would have. */
  onRate(scale: number): void
}

/** A slow line is given so much of a second at a time: bytes trickle, they do not come in lumps. */
const pieceSeconds = 0.02
const pieceBytesMin = 512
/** On so fast a line nothing stands for longer than times are rounded. */
const unlimitedBytesPerSecond = 100_000_000
/** Longest wait between a heal and the retransmission that finds the path open. */
const retransmitMsMax = 400

function pieceBytesOf({ bytesPerSecond }: SimPathQuality): number {
  return Math.max(pieceBytesMin, Math.ceil(bytesPerSecond * pieceSeconds))
}

/** A directed path. */
export class SimPath {
  /** Most bytes to be sent at a time. */
  pieceBytesMax = pieceBytesOf(localQuality)
  private current: SimPathQuality = localQuality
  private readonly scheduler: SimScheduler
  private readonly random: Prng
  private readonly waiters = new Set<PathWaiter>()
  private isCutNow = false
  private offEnds = 0
  private lineFreeUs = 0
  private lineUsers = new Set<LineUser>()

  constructor(scheduler: SimScheduler, random: Prng) {
    this.scheduler = scheduler
    this.random = random
  }

  get quality(): SimPathQuality {
    return this.current
  }

  /** What is on the line already goes on at the new rate. */
  set quality(next: SimPathQuality) {
    const { bytesPerSecond: before } = this.current
    this.current = next
    this.pieceBytesMax = pieceBytesOf(next)
    const leftUs = this.lineFreeUs - this.scheduler.nowUs
    if (next.bytesPerSecond === before || leftUs <= 0) return
    if (before >= unlimitedBytesPerSecond) {
      this.lineFreeUs = this.scheduler.nowUs
      this.lineUsers.clear()
      return
    }
    const scale = before / next.bytesPerSecond
    this.lineFreeUs = this.scheduler.nowUs + Math.ceil(leftUs * scale)
    const users = this.lineUsers
    this.lineUsers = new Set()
    for (const user of users) user.onRate(scale)
  }

  /** When the line has sent all it was given. */
  get lineBusyUntilUs(): number {
    return this.lineFreeUs
  }

  /** Asks to be told once when the line gets faster or slower. */
  onLine(user: LineUser): void {
    this.lineUsers.add(user)
  }

  offLine(user: LineUser): void {
    this.lineUsers.delete(user)
  }

  /** True if packets get through now. */
  get isOpen(): boolean {
    return !this.isCutNow && this.offEnds === 0
  }

  /** Time of flight of a small packet sent now, in milliseconds. */
  flightMs(): number {
    const { latencyMs, jitterMs } = this.quality
    return latencyMs + (jitterMs === 0 ? 0 : jitterMs * this.random.float())
  }

  /** When the last of `bytes` sent now arrives, in microseconds of virtual time. */
  arrivalUs(bytes: number): number {
    const { bytesPerSecond } = this.current
    const startUs = Math.max(this.scheduler.nowUs, this.lineFreeUs)
    const lineUs = bytesPerSecond === Infinity ? 0 : (bytes / bytesPerSecond) * 1_000_000
    this.lineFreeUs = startUs + Math.ceil(lineUs)
    return this.lineFreeUs + Math.ceil(this.flightMs() * 1_000)
  }

  /** Asks to be told once when the path is open again. */
  wait(waiter: PathWaiter): void {
    this.waiters.add(waiter)
  }

  /** Cuts or heals the path. */
  setCut(isCut: boolean): void {
    this.isCutNow = isCut
    this.wakeIfOpen()
  }

  /** Counts the ends of the path whose machine is off. */
  addOffEnds(change: 1 | -1): void {
    this.offEnds += change
    this.wakeIfOpen()
  }

  private wakeIfOpen(): void {
    if (!this.isOpen) return
    const woken = [...this.waiters]
    this.waiters.clear()
    for (const waiter of woken) {
      this.scheduler.after(retransmitMsMax * this.random.float(), () => {
        if (this.isOpen) waiter.onPathOpen()
        else this.waiters.add(waiter)
      })
    }
  }
}
