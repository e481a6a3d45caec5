// SEND frame to message. The hot path makes no string: header names are told apart by length and
// bytes, a destination seen before on this connection is found by its bytes, and the application's
// header lines are taken over as they stand. What cannot be taken over (1.0 values with
// backslashes, CR line ends, reply-to of a temporary queue) is rewritten line by line.

import { PostroadError, quoted } from '../../base/index.ts'
import { type Broker, type Destination, escapeHeader, type Message } from '../../broker/index.ts'
import type { Clock } from '../../ports/index.ts'
import type { StompFrameView, StompVersion } from './codec/index.ts'
import { type DestinationResolver, KnownDestinations } from './known-destinations.ts'

/** A header the mapping acts on, or 'kept' for one that only travels with the message. */
const nameCodes = {
  kept: 0,
  destination: 1,
  'content-length': 2,
  receipt: 3,
  transaction: 4,
  persistent: 5,
  expires: 6,
  priority: 7,
  'reply-to': 8,
  expiration: 9,
  /** Set by the broker on MESSAGE; whatever the producer wrote there is not passed on. */
  'message-id': 10,
  subscription: 11,
  ack: 12,
  redelivered: 13
} as const

const byLength: [Buffer, number][][] = []
for (const [name, code] of Object.entries(nameCodes)) {
  if (code === nameCodes.kept) continue
  byLength[name.length] = [...(byLength[name.length] ?? []), [Buffer.from(name), code]]
}

/** Turns SEND frames of one connection into messages. */
export class SendMapping {
  /** Header index of `receipt`, or -1. Valid after `map`. */
  receiptIndex = -1
  /** Header index of `transaction`, or -1. Valid after `map`. */
  transactionIndex = -1
  private readonly broker: Broker
  private readonly clock: Clock
  private readonly resolver: DestinationResolver
  private readonly known: KnownDestinations
  private destinationIndex = -1
  private replyToIndex = -1
  private expiresIndex = -1
  private expirationIndex = -1
  private priorityIndex = -1
  private persistentIndex = -1
  private runs = 0
  private runStart = 0
  private runEnd = 0
  private isInRun = false
  private needsRewrite = false

  constructor(broker: Broker, clock: Clock, resolver: DestinationResolver) {
    this.broker = broker
    this.clock = clock
    this.resolver = resolver
    this.known = new KnownDestinations(resolver)
  }

  /** Forgets what names stand for, as when a temporary queue was made. */
  forgetDestinations(): void {
    this.known.clear()
  }

  /**
   * Makes the message of a SEND frame. Its bytes stay in the frame's buffer.
   * @throws PostroadError LOCAL_DESTINATION_INVALID, REMOTE_FRAME_MALFORMED naming the header
   */
  map(frame: StompFrameView, version: StompVersion): Message {
    this.classify(frame)
    if (this.destinationIndex < 0) {
      throw malformed('SEND has no destination header; add one, such as destination:/queue/orders')
    }
    const message = this.broker.newMessage(this.destination(frame))
    message.body = frame.bytes
    message.bodyStart = frame.bodyStart
    message.bodyEnd = frame.bodyEnd
    if (this.needsRewrite || needsTranslation(frame, version)) {
      this.rewriteHeaders(frame, message)
    } else if (this.runs === 1) {
      message.headers = frame.bytes
      message.headersStart = this.runStart
      message.headersEnd = this.runEnd
      message.hasEscapes = frame.hasEscapes
    } else if (this.runs > 1) {
      this.gatherHeaders(frame, message)
    }
    this.readFacts(frame, message)
    return message
  }

  private destination(frame: StompFrameView): Destination {
    const at = this.destinationIndex
    if (frame.hasEscapes || frame.hasCarriageReturns) {
      return this.resolver.resolve(frame.get('destination') ?? '')
    }
    return this.known.find(frame.bytes, frame.valueStart[at]!, frame.valueEnd[at]!)
  }

  private classify(frame: StompFrameView): void {
    this.receiptIndex = -1
    this.transactionIndex = -1
    this.destinationIndex = -1
    this.replyToIndex = -1
    this.expiresIndex = -1
    this.expirationIndex = -1
    this.priorityIndex = -1
    this.persistentIndex = -1
    this.runs = 0
    this.isInRun = false
    this.needsRewrite = false
    const { headerCount, nameStart, nameEnd } = frame
    for (let i = 0; i < headerCount; i += 1) {
      const code = codeOf(frame.bytes, nameStart[i]!, nameEnd[i]!)
      const isKept = code === nameCodes.kept || this.note(code, i)
      const lineEnd = i + 1 < headerCount ? nameStart[i + 1]! : frame.headersEnd
      this.extendRun(isKept, nameStart[i]!, lineEnd)
    }
    if (this.replyToIndex >= 0) this.needsRewrite = this.isTemporaryReply(frame)
  }

  /** Remembers where a header stands (the first one counts); answers whether it travels on. */
  private note(code: number, index: number): boolean {
    switch (code) {
      case nameCodes.destination:
        if (this.destinationIndex < 0) this.destinationIndex = index
        return false
      case nameCodes.receipt:
        if (this.receiptIndex < 0) this.receiptIndex = index
        return false
      case nameCodes.transaction:
        if (this.transactionIndex < 0) this.transactionIndex = index
        return false
      case nameCodes.persistent:
        if (this.persistentIndex < 0) this.persistentIndex = index
        return true
      case nameCodes.expires:
        if (this.expiresIndex < 0) this.expiresIndex = index
        return true
      case nameCodes.expiration:
        if (this.expirationIndex < 0) this.expirationIndex = index
        return true
      case nameCodes.priority:
        if (this.priorityIndex < 0) this.priorityIndex = index
        return true
      case nameCodes['reply-to']:
        if (this.replyToIndex < 0) this.replyToIndex = index
        return true
      default:
        return false
    }
  }

  private extendRun(isKept: boolean, start: number, end: number): void {
    if (!isKept) {
      this.isInRun = false
    } else if (this.isInRun) {
      this.runEnd = end
    } else {
      this.isInRun = true
      this.runs += 1
      if (this.runs === 1) {
        this.runStart = start
        this.runEnd = end
      }
    }
  }

  private isTemporaryReply(frame: StompFrameView): boolean {
    const at = this.replyToIndex
    return frame.bytes
      .toString('latin1', frame.valueStart[at]!, frame.valueEnd[at]!)
      .startsWith('/temp-queue/')
  }

  /** Kept lines with others between them: brought together in bytes of their own. */
  private gatherHeaders(frame: StompFrameView, message: Message): void {
    const own = Buffer.allocUnsafe(frame.headersEnd - frame.headersStart)
    let length = 0
    for (let i = 0; i < frame.headerCount; i += 1) {
      if (!this.isKept(frame, i)) continue
      const end = i + 1 < frame.headerCount ? frame.nameStart[i + 1]! : frame.headersEnd
      length += frame.bytes.copy(own, length, frame.nameStart[i]!, end)
    }
    message.headers = own
    message.headersEnd = length
    message.hasEscapes = frame.hasEscapes
  }

  private rewriteHeaders(frame: StompFrameView, message: Message): void {
    const lines: string[] = []
    for (const [index, [name, value]] of frame.entries().entries()) {
      if (!this.isKept(frame, index)) continue
      const isReply = index === this.replyToIndex
      const text = isReply ? this.resolver.resolveReplyTo(value) : value
      lines.push(`${escapeHeader(name)}:${escapeButColons(text)}\n`)
    }
    message.headers = Buffer.from(lines.join(''))
    message.headersEnd = message.headers.length
    message.hasEscapes = message.headers.includes(0x5c)
  }

  private isKept(frame: StompFrameView, index: number): boolean {
    const code = codeOf(frame.bytes, frame.nameStart[index]!, frame.nameEnd[index]!)
    return code === nameCodes.kept || (code >= nameCodes.persistent && code <= nameCodes.expiration)
  }

  private readFacts(frame: StompFrameView, message: Message): void {
    if (this.persistentIndex >= 0) {
      message.isPersistent = frame.get('persistent')?.toLowerCase() === 'true'
    }
    if (this.priorityIndex >= 0) {
      message.priority = Math.min(9, readNumber(frame, 'priority'))
    }
    if (this.expiresIndex >= 0) {
      const expiresWallMs = readNumber(frame, 'expires')
      const leftMs = expiresWallMs - this.clock.wallMs()
      if (expiresWallMs > 0) message.expiresAtMs = Math.max(1, this.clock.monotonicMs() + leftMs)
    } else if (this.expirationIndex >= 0) {
      message.expiresAtMs = this.clock.monotonicMs() + readNumber(frame, 'expiration')
    }
  }
}

/** A colon need not be escaped in a value, and clients of 1.0 could not read it if it were. */
function escapeButColons(text: string): string {
  return text.split(':').map(escapeHeader).join(':')
}

/** Whether header lines of an older version must be rewritten as 1.2 writes them. */
function needsTranslation(frame: StompFrameView, version: StompVersion): boolean {
  return frame.hasCarriageReturns || frame.hasPadding || (frame.hasEscapes && version === '1.0')
}

function codeOf(bytes: Buffer, start: number, end: number): number {
  const candidates = byLength[end - start]
  if (candidates === undefined) return nameCodes.kept
  for (const [name, code] of candidates) {
    let i = 0
    while (i < name.length && bytes[start + i] === name[i]) i += 1
    if (i === name.length) return code
  }
  return nameCodes.kept
}

function readNumber(frame: StompFrameView, name: string): number {
  const text = frame.get(name) ?? ''
  if (!/^\d{1,15}$/.test(text)) {
    throw malformed(`header ${name}:${quoted(text, 40)} must be a whole number of 0 or more`)
  }
  return Number(text)
}

function malformed(detail: string): PostroadError {
  return new PostroadError('REMOTE_FRAME_MALFORMED', detail)
}
