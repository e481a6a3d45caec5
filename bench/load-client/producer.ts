// One producing connection. Sends as fast as the socket takes bytes, or at a steady rate, or with
// a window of receipts; never more than one block beyond what the operating system accepted. It
// allocates nothing per message. Invariant: a block's bytes are not touched while a write holds
// them.

import { command, type FrameScanner } from './frame-scanner.ts'
import type { StompEndpoint } from './load-plan.ts'
import { probeStream, writeMark } from './message-mark.ts'
import { Pacer } from './pacer.ts'
import { SendBlock } from './send-block.ts'
import { sharedNowMs } from './shared-clock.ts'
import { StompSocket, type StompWelcome } from './stomp-socket.ts'

/** What one producer sends and where. */
export interface ProducerOptions {
  readonly endpoint: StompEndpoint
  /** `probe` is the number its probes carry; see `probeStream`. */
  readonly targets: ReadonlyArray<{
    readonly destination: string
    readonly stream: number
    readonly probe: number
  }>
  readonly bodyBytes: number
  readonly persistent: boolean
  /** Messages per second of this producer; 0 for as fast as accepted. */
  readonly ratePerSecond: number
  /** The most messages without a receipt; 0 asks for none. */
  readonly receiptWindow: number
  /** The connection broke. */
  readonly onFailure: (reason: Error) => void
}

/** What a producer did. */
export interface ProducerCounts {
  /** Messages sent per target, in the order of the options. */
  readonly sent: readonly number[]
  readonly receipts: number
  /** The furthest a steady-rate message was behind its due time when it was sent. */
  readonly lateMsMax: number
}

// Blocks sent in one go before other connections of the process get a turn.
const blocksPerTurn = 4
const readBytes = 64 * 1024

/** Sends numbered messages. */
export class Producer {
  private readonly options: ProducerOptions
  private readonly block: SendBlock
  private readonly sent: number[]
  private socket: StompSocket | undefined
  private pacer: Pacer | undefined
  private running = false
  private turnScheduled = false
  /** A write is still holding the block. */
  private blocked = false
  /** The socket was blocked when a steady-rate message fell due. */
  private stalled = false
  private nextFrame = 0
  private sentAll = 0
  private receipts = 0
  private lateMsMax = 0

  constructor(options: ProducerOptions) {
    this.options = options
    this.block = new SendBlock({ ...options, receipts: options.receiptWindow > 0 })
    this.sent = new Array<number>(options.targets.length).fill(0)
  }

  /** Connects; rejects when the broker does not accept. */
  async connect(): Promise<StompWelcome> {
    const handlers = {
      onFrame: (scanner: FrameScanner) => this.frame(scanner),
      onReadEnd: () => this.readEnd(),
      onClosed: this.options.onFailure
    }
    const opened = await StompSocket.open(this.options.endpoint, handlers, readBytes)
    this.socket = opened.socket
    return opened.welcome
  }

  /** Sends one probe to each target. Only before `start`. */
  sendProbes(): void {
    for (const { destination, stream, probe } of this.options.targets) {
      const targets = [{ destination, stream }]
      const single = new SendBlock({ ...this.options, targets, receipts: false })
      const frame = single.range(0, 1)
      const mark = { stream: probeStream, sequence: probe, sentAtMs: sharedNowMs() }
      writeMark(frame, frame.length - 1 - this.options.bodyBytes, mark)
      this.socket?.write(frame)
    }
  }

  /** Starts sending; `startMs` (of `sharedNowMs`) is when the first steady-rate message is due. */
  start(startMs: number): void {
    this.running = true
    const { ratePerSecond } = this.options
    if (ratePerSecond > 0) {
      this.pacer = new Pacer(ratePerSecond, startMs)
      this.tick()
    } else {
      this.pump()
    }
  }

  /** Stops sending. What was counted as sent is with the operating system, or will be. */
  stop(): ProducerCounts {
    this.running = false
    return { sent: this.sent, receipts: this.receipts, lateMsMax: this.lateMsMax }
  }

  /** Receipts asked for and not yet answered. */
  get receiptsOpen(): number {
    return this.options.receiptWindow > 0 ? this.sentAll - this.receipts : 0
  }

  close(): void {
    this.running = false
    this.socket?.close()
  }

  private frame(scanner: FrameScanner): void {
    if (scanner.commandByte === command.receipt) this.receipts++
  }

  private readEnd(): void {
    if (this.options.receiptWindow > 0 && this.running && this.pacer === undefined) this.pump()
  }

  /** Sends until the socket or the window is full, or this connection's turn is over. */
  private pump(): void {
    let framesLeft = blocksPerTurn * this.block.frames
    while (this.running && !this.blocked) {
      const room = this.room(this.block.frames)
      if (room === 0) return // The next receipt calls again.
      if (framesLeft <= 0) {
        this.scheduleTurn()
        return
      }
      framesLeft -= this.send(room, sharedNowMs())
    }
  }

  private scheduleTurn(): void {
    if (this.turnScheduled) return
    this.turnScheduled = true
    setImmediate(() => {
      this.turnScheduled = false
      this.pump()
    })
  }

  /** Sends what is due, then sleeps until the next message is. */
  private tick(): void {
    const { pacer } = this
    if (!this.running || pacer === undefined) return
    const nowMs = sharedNowMs()
    let due = pacer.dueBy(nowMs) - this.sentAll
    while (due > 0 && !this.blocked) {
      const room = this.room(due)
      if (room === 0) break
      this.lateMsMax = Math.max(this.lateMsMax, nowMs - pacer.dueAtMs(this.sentAll))
      due -= this.send(room, nowMs)
    }
    this.stalled = due > 0
    setTimeout(() => this.tick(), pacer.waitMs(this.sentAll, nowMs))
  }

  /** How many of `wanted` messages the receipt window lets out now. */
  private room(wanted: number): number {
    const { receiptWindow } = this.options
    if (receiptWindow === 0) return wanted
    return Math.min(wanted, receiptWindow - this.receiptsOpen)
  }

  /** Sends up to `wanted` frames, at most to the block's end, in one write. Answers how many. */
  private send(wanted: number, nowMs: number): number {
    const { block, sent, options } = this
    const from = this.nextFrame
    const to = Math.min(from + wanted, block.frames)
    for (let frame = from; frame < to; frame++) {
      const target = block.targetOf(frame)
      // A message that had to wait for the broker carries the time it fell due, so that a
      // standstill shows in the latencies; our own late wake-up is not the broker's doing.
      const sentAtMs = this.stalled ? this.pacer!.dueAtMs(this.sentAll) : nowMs
      block.stamp(frame, sent[target]!++, sentAtMs)
      this.sentAll++
      if (options.receiptWindow > 0) block.stampReceipt(frame, this.sentAll)
    }
    this.nextFrame = to === block.frames ? 0 : to
    const socket = this.socket!
    socket.write(block.range(from, to), this.written)
    if (socket.bytesQueued > 0) this.blocked = true
    return to - from
  }

  private readonly written = (): void => {
    if (!this.blocked || this.socket!.bytesQueued > 0) return
    this.blocked = false
    if (this.pacer === undefined) this.pump()
  }
}
