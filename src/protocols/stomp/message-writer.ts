// Message to MESSAGE frame, written straight into a connection's output. Only the few lines that
// differ per subscriber are written anew; header lines and body are copied from the message's one
// encoded form.
//
//   MESSAGE LF subscription:… LF destination:… LF message-id:  | cached per destination
//   ID:<broker>-<life>-<sequence> LF                           | cached prefix and digits
//   [ack:<subscription>-<delivery> LF] [redelivered:true LF]
//   content-length:<n> LF                                      |
//   <the application's header lines>                           | copied
//   LF <body> NUL                                              | copied

import type { OutputBuffer } from '../../base/index.ts'
import type { Destination, Message } from '../../broker/index.ts'
import { escapeValue, type StompVersion } from './codec/index.ts'
import { headersForVersion } from './header-translation.ts'
import { writeStompDestination } from './stomp-destination.ts'

/**
 * Bytes at the most of what is neither cached nor copied: digits of the sequence, ack (4 + 26 + 1),
 * redelivered (17), content-length (15 + 11), line ends and NUL. The cached prefixes come on top.
 */
const variableBytesMax = 112
/** Prefixes remembered per subscription; only wildcards need more than one. */
const prefixesMax = 256
/** Frames up to this size are written in one piece, so that a write never ends inside them. */
const wholeFrameBytesMax = 48 * 1024
/** Below this a loop beats a call into the runtime. */
const shortCopyBytes = 48

const redeliveredLine = Buffer.from('redelivered:true\n')
const ackLine = Buffer.from('ack:')
const contentLengthLine = Buffer.from('content-length:')
const lineFeed = 10
const dash = 45

/** What a delivery adds to a message. */
export interface DeliveryFacts {
  /** Number of the delivery, for the ack header; 0 for none. */
  readonly delivery: number
  readonly isRedelivered: boolean
}

/** Writes the MESSAGE frames of one subscription. */
export class MessageWriter {
  private readonly version: StompVersion
  private readonly subscriptionLine: string
  private readonly subscriptionNumber: number
  private readonly prefixes = new Map<Destination, Buffer>()
  private lastDestination: Destination | undefined = undefined
  private lastPrefix: Buffer = redeliveredLine

  /**
   * @param subscriptionId the client's id; undefined for a 1.0 subscription without one
   * @param subscriptionNumber the first half of ack ids
   */
  constructor(
    version: StompVersion,
    subscriptionId: string | undefined,
    subscriptionNumber: number
  ) {
    this.version = version
    this.subscriptionNumber = subscriptionNumber
    this.subscriptionLine =
      subscriptionId === undefined ? '' : `subscription:${escapeValue(subscriptionId, version)}\n`
  }

  /** Appends one MESSAGE frame to `output`. */
  write(output: OutputBuffer, message: Message, delivery: number, isRedelivered: boolean): void {
    const { destination } = message
    const prefix =
      destination === this.lastDestination ? this.lastPrefix : this.prefixFor(destination)
    const translated = message.hasEscapes ? headersForVersion(message, this.version) : undefined
    const headersBytes = translated === undefined ? message.headersBytes : translated.length
    const ownBytes = prefix.length + message.origin.idPrefix.length + variableBytesMax
    const frameBytes = ownBytes + headersBytes + message.bodyBytes
    const isWhole = frameBytes < wholeFrameBytesMax
    output.reserve(isWhole ? frameBytes : ownBytes)

    const { bytes } = output
    let at = copyShort(prefix, bytes, output.length)
    at = copyShort(message.origin.idPrefix, bytes, at)
    at = writeDigits(bytes, at, message.sequence)
    bytes[at++] = lineFeed
    if (delivery > 0) at = this.writeAck(bytes, at, delivery)
    if (isRedelivered) at = copyShort(redeliveredLine, bytes, at)
    at = copyShort(contentLengthLine, bytes, at)
    at = writeDigits(bytes, at, message.bodyEnd - message.bodyStart)
    bytes[at++] = lineFeed
    output.length = at
    if (isWhole) writeRest(output, message, translated)
    else writeLargeRest(output, message, translated)
  }

  private writeAck(bytes: Buffer, at: number, delivery: number): number {
    let next = copyShort(ackLine, bytes, at)
    next = writeDigits(bytes, next, this.subscriptionNumber)
    bytes[next++] = dash
    next = writeDigits(bytes, next, delivery)
    bytes[next++] = lineFeed
    return next
  }

  private prefixFor(destination: Destination): Buffer {
    let prefix = this.prefixes.get(destination)
    if (prefix === undefined) {
      if (this.prefixes.size >= prefixesMax) this.prefixes.clear()
      const name = escapeValue(writeStompDestination(destination), this.version)
      prefix = Buffer.from(`MESSAGE\n${this.subscriptionLine}destination:${name}\nmessage-id:`)
      this.prefixes.set(destination, prefix)
    }
    this.lastDestination = destination
    this.lastPrefix = prefix
    return prefix
  }
}

/** Writes `value` in decimal digits; answers the position behind them. */
export function writeDigits(bytes: Buffer, at: number, value: number): number {
  let digits = 1
  for (let power = 10; value >= power; power *= 10) digits += 1
  const end = at + digits
  let rest = value
  for (let i = end - 1; i >= at; i -= 1) {
    const tenth = Math.floor(rest / 10)
    bytes[i] = 48 + (rest - tenth * 10)
    rest = tenth
  }
  return end
}

function writeRest(output: OutputBuffer, message: Message, translated: Buffer | undefined): void {
  if (translated === undefined) {
    copyRange(output, message.headers, message.headersStart, message.headersEnd)
  } else {
    copyRange(output, translated, 0, translated.length)
  }
  output.bytes[output.length++] = lineFeed
  copyRange(output, message.body, message.bodyStart, message.bodyEnd)
  output.bytes[output.length++] = 0
}

function writeLargeRest(
  output: OutputBuffer,
  message: Message,
  translated: Buffer | undefined
): void {
  if (translated === undefined) {
    output.append(message.headers, message.headersStart, message.headersEnd)
  } else {
    output.append(translated, 0, translated.length)
  }
  output.reserve(1)
  output.bytes[output.length++] = lineFeed
  output.append(message.body, message.bodyStart, message.bodyEnd)
  output.reserve(1)
  output.bytes[output.length++] = 0
}

function copyShort(source: Buffer, target: Buffer, at: number): number {
  const { length } = source
  for (let i = 0; i < length; i += 1) target[at + i] = source[i]!
  return at + length
}

/** Appends a range for which there is room. */
function copyRange(output: OutputBuffer, source: Buffer, start: number, end: number): void {
  const { bytes, length } = output
  const count = end - start
  if (count > shortCopyBytes) source.copy(bytes, length, start, end)
  else for (let i = 0; i < count; i += 1) bytes[length + i] = source[start + i]!
  output.length = length + count
}
