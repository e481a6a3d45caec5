// A ring of SEND frames encoded once. Before each sending only the marks (number, time) and
// receipt digits are renewed in place. It never writes to a socket. Invariant: all frames of a
// block lie one behind the other, so any run of frames is one contiguous range of bytes.

import { markBytes, stampMark, writeMark } from './message-mark.ts'

/** What the frames of a block have in common. */
export interface SendBlockOptions {
  /** The destinations to send to in turn, each with the stream its messages are numbered in. */
  readonly targets: ReadonlyArray<{ readonly destination: string; readonly stream: number }>
  readonly bodyBytes: number
  readonly persistent: boolean
  readonly receipts: boolean
}

// About what a socket takes in one write without much waiting.
const blockBytes = 256 * 1024
const receiptDigits = 10
const receiptName = 'receipt:'

/** Pre-encoded SEND frames to one or more destinations, in turn. */
export class SendBlock {
  /** The frames' bytes. */
  readonly bytes: Buffer
  /** How many frames the block holds; a multiple of the number of destinations. */
  readonly frames: number
  private readonly frameStarts: number[] = []
  private readonly markStarts: number[] = []
  private readonly receiptStarts: number[] = []
  private readonly targets: number

  /** @throws RangeError when the body is too short to hold the mark */
  constructor(options: SendBlockOptions) {
    const { bodyBytes, targets } = options
    if (bodyBytes < markBytes) {
      throw new RangeError(`bodyBytes is ${bodyBytes}: give at least ${markBytes}`)
    }
    this.targets = targets.length
    const heads = targets.map((target) => Buffer.from(sendHead(target.destination, options)))
    const roundBytes = heads.reduce((sum, head) => sum + head.length + bodyBytes + 1, 0)
    const turns = Math.max(1, Math.floor(blockBytes / roundBytes))
    this.frames = turns * targets.length
    this.bytes = Buffer.alloc(turns * roundBytes)
    const filling = Buffer.alloc(bodyBytes, 'the quick brown fox jumps over the lazy dog ')
    let at = 0
    for (let frame = 0; frame < this.frames; frame++) {
      const head = heads[frame % targets.length]!
      this.frameStarts.push(at)
      this.receiptStarts.push(at + head.indexOf(`\n${receiptName}`) + 1 + receiptName.length)
      head.copy(this.bytes, at)
      at += head.length
      this.markStarts.push(at)
      filling.copy(this.bytes, at)
      const { stream } = targets[frame % targets.length]!
      writeMark(this.bytes, at, { stream, sequence: 0, sentAtMs: 0 })
      at += bodyBytes + 1 // The final NUL is there already.
    }
    this.frameStarts.push(at)
  }

  /** Which of the targets frame `frame` goes to. */
  targetOf(frame: number): number {
    return frame % this.targets
  }

  /** Renews number and time of one frame. */
  stamp(frame: number, sequence: number, sentAtMs: number): void {
    stampMark(this.bytes, this.markStarts[frame]!, sequence, sentAtMs)
  }

  /** Renews the receipt id of one frame; only for a block made with receipts. */
  stampReceipt(frame: number, receipt: number): void {
    let at = this.receiptStarts[frame]! + receiptDigits
    let rest = receipt
    for (let i = 0; i < receiptDigits; i++) {
      this.bytes[--at] = 48 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
  }

  /** The bytes of frames `from` (included) to `to` (not included). */
  range(from: number, to: number): Buffer {
    return this.bytes.subarray(this.frameStarts[from], this.frameStarts[to])
  }
}

function sendHead(destination: string, options: SendBlockOptions): string {
  const lines = ['SEND', `destination:${destination}`, `content-length:${options.bodyBytes}`]
  if (options.persistent) lines.push('persistent:true')
  if (options.receipts) lines.push(`${receiptName}${'0'.repeat(receiptDigits)}`)
  return `${lines.join('\n')}\n\n`
}
