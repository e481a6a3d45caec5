// One direction of one proxied connection: takes bytes from one socket, holds them for as long as
// the path wants, and gives them to the other. It reads no more while it holds much, so that the
// sender is slowed down as a network would.
// Invariant: bytes leave in order, once, and the end leaves after all of them.

import type { Socket } from 'node:net'
import type { FaultPath } from './fault-path.ts'

/** How one side finished: in order, after all its bytes, or with a reset, which overtakes them. */
export type PipeEnd = 'end' | 'reset'

/** What a pipe is made of. */
export interface FaultPipeOptions {
  readonly path: FaultPath
  /** The way acknowledgements would take: without them little more is sent. */
  readonly reverse: FaultPath
  readonly source: Socket
  /** The end of the other side has arrived here; or bytes did, and nobody is there any more. */
  onArrived(end: PipeEnd | 'nobody-there'): void
}

/** Bytes held, in one direction of one connection, before its sender is read no more. */
export const heldBytesMax = 64 * 1024
/** A throttled line is given so much of a second at a time, so that it flows and does not jerk. */
const sliceSeconds = 0.02
const sliceBytesMin = 64

/** See the top of this file. */
export class FaultPipe {
  private readonly options: FaultPipeOptions
  /** Not on the line yet. */
  private readonly waiting: Buffer[] = []
  /** On the line, with the time of arrival. */
  private readonly flying: { readonly bytes: Buffer; readonly arrivalMs: number }[] = []
  private held = 0
  private sink: Socket | undefined = undefined
  private isForgotten = false
  private end: PipeEnd | undefined = undefined
  private endArrivalMs: number | undefined = undefined
  private lastArrivalMs = 0
  /** Arrived since the way back closed. */
  private unacknowledged = 0
  private timer: NodeJS.Timeout | undefined = undefined
  private isClosed = false

  constructor(options: FaultPipeOptions) {
    this.options = options
  }

  /** Bytes taken and not given on. */
  get heldBytes(): number {
    return this.held
  }

  /** Says where bytes go; they are held until then. */
  attach(sink: Socket): void {
    this.sink = sink
    sink.on('drain', this.pump)
    this.pump()
  }

  /** The receiving end has forgotten the connection: whatever arrives meets nobody. */
  forget(): void {
    this.isForgotten = true
    this.drop()
    this.pump()
  }

  push(bytes: Buffer): void {
    if (this.isClosed || this.end === 'reset') return
    this.held += bytes.length
    this.waiting.push(bytes)
    if (this.held >= heldBytesMax) this.options.source.pause()
    this.pump()
  }

  /** The sending end is finished. */
  finish(end: PipeEnd): void {
    if (this.isClosed || this.end === 'reset') return
    this.end = end
    this.endArrivalMs = undefined
    if (end === 'reset') this.drop()
    this.pump()
  }

  /** Forgets everything; nothing leaves any more. */
  close(): void {
    this.isClosed = true
    clearTimeout(this.timer)
    this.drop()
  }

  private drop(): void {
    this.waiting.length = 0
    this.flying.length = 0
    this.held = 0
  }

  private readonly pump = (): void => {
    if (this.isClosed) return
    clearTimeout(this.timer)
    this.timer = undefined
    this.launch()
    this.land()
  }

  /** Puts bytes on the line, as many as it takes by now. */
  private launch(): void {
    const { path } = this.options
    const nowMs = performance.now()
    for (let head = this.waiting[0]; head !== undefined; head = this.waiting[0]) {
      if (path.lineFreeMs > nowMs) {
        this.pumpAt(path.lineFreeMs)
        return
      }
      const most = Math.max(sliceBytesMin, Math.ceil(path.quality.bytesPerSecond * sliceSeconds))
      const bytes = head.length <= most ? head : head.subarray(0, most)
      if (bytes.length === head.length) this.waiting.shift()
      else this.waiting[0] = head.subarray(most)
      this.lastArrivalMs = Math.max(path.send(bytes.length, nowMs), this.lastArrivalMs)
      this.flying.push({ bytes, arrivalMs: this.lastArrivalMs })
    }
    if (this.end === undefined || this.endArrivalMs !== undefined) return
    const arrivalMs = path.send(0, nowMs)
    this.endArrivalMs = this.end === 'reset' ? arrivalMs : Math.max(arrivalMs, this.lastArrivalMs)
  }

  private land(): void {
    for (let head = this.flying[0]; head !== undefined; head = this.flying[0]) {
      if (!this.mayLand(head.arrivalMs)) return
      if (this.isForgotten) {
        this.drop()
        this.options.onArrived('nobody-there')
        return
      }
      if (this.sink === undefined || this.sink.writableNeedDrain) return
      this.flying.shift()
      this.held -= head.bytes.length
      if (!this.options.reverse.isOpen) this.unacknowledged += head.bytes.length
      if (this.sink.writable) this.sink.write(head.bytes)
      if (this.held < heldBytesMax / 2) this.options.source.resume()
    }
    if (this.end === undefined || this.endArrivalMs === undefined || this.waiting.length > 0) return
    if (!this.mayLand(this.endArrivalMs)) return
    const { end } = this
    this.close()
    this.options.onArrived(this.isForgotten && end === 'end' ? 'nobody-there' : end)
  }

  /** True if what arrives at `arrivalMs` is there; else it is looked at again in time. */
  private mayLand(arrivalMs: number): boolean {
    const { path, reverse } = this.options
    if (!path.isOpen) {
      path.wait(this.pump)
      return false
    }
    if (reverse.isOpen) this.unacknowledged = 0
    else if (this.unacknowledged >= heldBytesMax) {
      reverse.wait(this.pump)
      return false
    }
    if (arrivalMs <= performance.now()) return true
    this.pumpAt(arrivalMs)
    return false
  }

  private pumpAt(timeMs: number): void {
    if (this.timer !== undefined) return
    this.timer = setTimeout(this.pump, Math.max(1, timeMs - performance.now()))
  }
}
