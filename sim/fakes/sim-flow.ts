// One direction of one simulated connection: what the sender has queued, what is on its way, and
// how it is cut into the pieces the receiver sees. At most `windowBytes` are on their way; the rest
// waits at the sender, who was told 'queued'.
// Invariant: bytes arrive in order, once, and the end arrives after all of them.

import { assert, RingQueue } from '../../src/base/index.ts'
import type { Prng } from '../prng.ts'
import type { SimScheduler } from '../scheduler.ts'
import type { CopySlab } from './copy-slab.ts'
import type { LineUser, PathWaiter, SimPath } from './sim-path.ts'

/** Where a flow ends, and who is told when it moves. */
export interface FlowEnds {
  /** False while the receiver has paused reading or is not attached yet. */
  mayDeliver(): boolean
  /** Bytes for the receiver to keep. */
  onBytes(bytes: Buffer): void
  /** The sender finished, after all its bytes. */
  onEnd(): void
  /** All the sender queued is on its way. */
  onSent(): void
}

/** What a {@link SimFlow} is made of. */
export interface SimFlowOptions {
  readonly scheduler: SimScheduler
  readonly random: Prng
  readonly path: SimPath
  /** The way acknowledgements take. */
  readonly reversePath: SimPath
  readonly windowBytes: number
  /** Where the copies stand that are on their way. */
  readonly slab: CopySlab
  /** True to cut and join chunks at random, as a network may. */
  readonly isResplitting: boolean
  readonly ends: FlowEnds
}

interface Queued {
  /** The sender's own buffer, which it must not change until it is sent. */
  readonly bytes: Buffer
  /** What it held when it was queued. */
  readonly copy: Buffer
  start: number
}

interface Flying {
  /** Undefined for the end of the flow. */
  readonly bytes: Buffer | undefined
  /** When it leaves the line; then it flies. */
  lineUs: number
  arrivalUs: number
  start: number
}

/** Most bytes one read brings. */
const readBytesMax = 65_536
/** More chunks than this wait only if the sender ignores 'queued' for ever. */
const chunksMax = 1_000_000

/** A direction of a connection. */
export class SimFlow implements PathWaiter, LineUser {
  private readonly options: SimFlowOptions
  private readonly queued = new RingQueue<Queued>(chunksMax)
  private readonly flying = new RingQueue<Flying>(chunksMax)
  private queuedBytes = 0
  private windowUsed = 0
  private unacknowledged = 0
  private lastArrivalUs = 0
  private isEnding = false
  private isStopped = false
  private isWaking = false
  /** When it wants to wake; events of other times are left from before the rate changed. */
  private wakeAtUs = 0

  constructor(options: SimFlowOptions) {
    this.options = options
  }

  /** Bytes the sender has queued that are not on their way yet. */
  get bytesQueued(): number {
    return this.queuedBytes
  }

  /** True if bytes have come to the receiver's machine that it has not read. */
  get hasUnread(): boolean {
    const head = this.flying.at(0)
    return head?.bytes !== undefined && head.arrivalUs <= this.options.scheduler.nowUs
  }

  /** Takes bytes from the sender; true if all of them are on their way. */
  send(bytes: Buffer): boolean {
    if (this.isStopped || this.isEnding) return true
    if (this.queued.length === 0 && this.room >= bytes.length) {
      this.launch(this.options.slab.copy(bytes))
      return true
    }
    const copy = this.options.slab.copy(bytes)
    const outcome = this.queued.push({ bytes, copy, start: 0 })
    assert(outcome === 'accepted', 'a sender that was told "queued" stops some time')
    this.queuedBytes += bytes.length
    this.pump()
    return this.queued.length === 0
  }

  /** Sends the end behind all that is queued. */
  end(): void {
    if (this.isEnding) return
    this.isEnding = true
    if (this.queued.length === 0) this.launch(undefined)
  }

  /** Forgets what is queued and sends the end behind what is on its way. */
  abandon(): void {
    this.dropQueued()
    this.end()
  }

  /** Forgets what is queued; what is on its way arrives. */
  dropQueued(): void {
    this.queued.clear()
    this.queuedBytes = 0
  }

  /** Stops for good: nothing more is delivered. */
  stop(): void {
    this.isStopped = true
    this.options.path.offLine(this)
    this.dropQueued()
    this.flying.clear()
  }

  /** Delivers what has arrived and what will; the receiver calls it when it may be delivered to. */
  wake(): void {
    const head = this.flying.at(0)
    if (head === undefined || this.isWaking || this.isStopped) return
    if (!this.options.ends.mayDeliver()) return
    this.isWaking = true
    const { scheduler } = this.options
    this.wakeAtUs = Math.max(head.arrivalUs, scheduler.nowUs)
    scheduler.postUs(this.wakeAtUs, this.onArrival)
  }

  onRate(scale: number): void {
    const { nowUs } = this.options.scheduler
    let lastUs = nowUs
    for (let i = 0; i < this.flying.length; i += 1) {
      const piece = this.flying.at(i)!
      const { lineUs, arrivalUs } = piece
      if (lineUs > nowUs) {
        piece.lineUs = nowUs + Math.ceil((lineUs - nowUs) * scale)
        piece.arrivalUs = Math.max(piece.lineUs + arrivalUs - lineUs, lastUs)
      }
      lastUs = piece.arrivalUs
    }
    this.lastArrivalUs = lastUs
    if (this.flying.length > 0) this.options.path.onLine(this)
    this.isWaking = false
    this.wake()
  }

  onPathOpen(): void {
    if (this.isStopped) return
    if (this.unacknowledged > 0) this.acknowledge(0)
    this.wake()
  }

  private readonly onArrival = (): void => {
    if (!this.isWaking || this.options.scheduler.nowUs !== this.wakeAtUs) return
    this.isWaking = false
    this.deliver()
  }

  private get room(): number {
    return this.options.windowBytes - this.windowUsed
  }

  private launch(bytes: Buffer | undefined): void {
    const { pieceBytesMax } = this.options.path
    if (bytes === undefined || bytes.length <= pieceBytesMax) this.launchPiece(bytes)
    else {
      for (let start = 0; start < bytes.length; start += pieceBytesMax) {
        this.launchPiece(bytes.subarray(start, start + pieceBytesMax))
      }
    }
    this.wake()
  }

  private launchPiece(bytes: Buffer | undefined): void {
    const { path, scheduler } = this.options
    const arrivalUs = Math.max(path.arrivalUs(bytes?.length ?? 0), this.lastArrivalUs)
    const lineUs = path.lineBusyUntilUs
    this.lastArrivalUs = arrivalUs
    this.windowUsed += bytes?.length ?? 0
    this.flying.push({ bytes, lineUs, arrivalUs, start: 0 })
    if (lineUs > scheduler.nowUs) path.onLine(this)
  }

  /** Puts queued bytes on their way as far as the window allows. */
  private pump(): void {
    const wasQueued = this.queued.length > 0
    for (
      let head = this.queued.at(0);
      head !== undefined && this.room > 0;
      head = this.queued.at(0)
    ) {
      const end = Math.min(head.copy.length, head.start + this.room)
      const isWhole = head.start === 0 && end === head.copy.length
      const piece = isWhole ? head.copy : head.copy.subarray(head.start, end)
      assert(
        piece.equals(head.bytes.subarray(head.start, end)),
        'queued bytes are not changed by the caller before they are sent'
      )
      this.queuedBytes -= piece.length
      head.start = end
      if (end === head.copy.length) this.queued.shift()
      this.launch(piece)
    }
    if (!wasQueued || this.queued.length > 0) return
    if (this.isEnding) this.launch(undefined)
    else this.options.ends.onSent()
  }

  private deliver(): void {
    const { path, ends } = this.options
    const head = this.flying.at(0)
    if (head === undefined || this.isStopped || !ends.mayDeliver()) return
    if (!path.isOpen) {
      path.wait(this)
      return
    }
    if (head.bytes === undefined) {
      this.flying.shift()
      ends.onEnd()
      return
    }
    const piece = this.take(head, head.bytes)
    this.acknowledge(piece.length)
    ends.onBytes(piece)
    this.wake()
  }

  /** The next piece the receiver reads: part of a chunk, a whole one, or several piled up. */
  private take(head: Flying, bytes: Buffer): Buffer {
    const { random, isResplitting } = this.options
    const left = bytes.length - head.start
    const draw = isResplitting && left > 1 ? random.float() : 1
    if (draw < 0.3) {
      const count = draw < 0.05 ? 1 : random.integer(1, left - 1)
      const piece = bytes.subarray(head.start, head.start + count)
      head.start += count
      return piece
    }
    this.flying.shift()
    const whole = head.start === 0 ? bytes : bytes.subarray(head.start)
    return isResplitting && draw > 0.7 ? this.join(whole) : whole
  }

  private join(first: Buffer): Buffer {
    const { nowUs } = this.options.scheduler
    const pieces = [first]
    let length = first.length
    for (let next = this.flying.at(0); next?.bytes !== undefined; next = this.flying.at(0)) {
      if (next.arrivalUs > nowUs || length + next.bytes.length > readBytesMax) break
      pieces.push(next.bytes)
      length += next.bytes.length
      this.flying.shift()
    }
    return pieces.length === 1 ? first : Buffer.concat(pieces)
  }

  /** Read bytes free the window, unless the way back is cut: then the sender fills up. */
  private acknowledge(count: number): void {
    this.unacknowledged += count
    const { reversePath } = this.options
    if (!reversePath.isOpen) {
      reversePath.wait(this)
      return
    }
    this.windowUsed -= this.unacknowledged
    this.unacknowledged = 0
    if (this.queued.length > 0) this.pump()
  }
}
