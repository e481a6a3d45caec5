// Writes DATA frames straight into the output slab of one connection, and the DEFINE frames they
// need before them. Keeps this direction's aliases; a DATA frame then costs a few varints beside
// the message's own bytes. The layout is drawn in docs/internals/bridge-protocol.md.

import type { Destination, Message, MessageOrigin } from '../../broker/index.ts'
import type { Clock } from '../../ports/index.ts'
import { writeVarint } from './byte-writer.ts'
import { defineFrame, resetFrame } from './define.ts'
import type { FrameOutput } from './frame-output.ts'
import { aliasesMax, frameTypes, pathLengthMax, targetsMax } from './frame-types.ts'

/** Bits of the flags byte of DATA. */
export const dataFlags = {
  persistent: 0x01,
  hasEscapes: 0x02,
  redelivered: 0x04,
  maybeDuplicate: 0x08,
  hasExpiry: 0x10,
  manyTargets: 0x20,
  hasPath: 0x40,
  hasExtras: 0x80
} as const

/** What the sender of a message says about the transfer itself, as bits. */
export const transferFlags = {
  /** The receiver may have had this message before: it must consult its duplicate window. */
  maybeDuplicate: 1
} as const

/** Bytes of everything in a DATA frame but path, targets, headers and body, at most. */
const headBytesMax = 64
/** An alias is below 65,536: three bytes of varint at most. */
const aliasBytesMax = 3
/** Longest frame that is gathered in one piece; a longer one is appended range by range. */
const wholeFrameBytesMax = 16_384

/** Most bytes a DATA frame for this message takes, its type byte included. */
export function dataFrameBytesMax(message: Message, targets: readonly string[]): number {
  const aliases = (message.brokerPath.length + targets.length) * aliasBytesMax
  return headBytesMax + aliases + message.headersBytes + message.bodyBytes
}

/** False when no DATA frame can carry the message: path or target list too long. */
export function fitsDataFrame(message: Message, targets: readonly string[]): boolean {
  return message.brokerPath.length <= pathLengthMax && targets.length <= targetsMax
}

/** One direction's DATA writer; lives as long as its connection. */
export class DataEncoder {
  private readonly output: FrameOutput
  private readonly origins = new Map<MessageOrigin, number>()
  private readonly destinations = new Map<Destination, number>()
  private readonly brokers = new Map<string, number>()
  private readonly aliasesMax: number
  private pathAliases: number[] = []
  private targetAliases: number[] = []

  /** @param most aliases per kind, lower than the protocol's limit only in tests */
  constructor(output: FrameOutput, most = aliasesMax) {
    this.output = output
    this.aliasesMax = most
  }

  /**
   * Writes one message. The caller has checked that it fits, and that the output is not busy. The
   * clock is read only for messages that expire.
   */
  encode(
    sequence: number,
    message: Message,
    transfer: { readonly targets: readonly string[]; readonly flags: number },
    clock: Pick<Clock, 'monotonicMs'>
  ): void {
    const { output } = this
    const { brokerPath } = message
    const { targets } = transfer
    const origin = this.origins.get(message.origin) ?? this.defineOrigin(message.origin)
    const destination =
      this.destinations.get(message.destination) ?? this.defineDestination(message.destination)
    this.makeRoomForBrokers(brokerPath.length + targets.length)
    this.lookUp(brokerPath, this.pathAliases)
    this.lookUp(targets, this.targetAliases)

    const { buffer } = output
    const frameMax = dataFrameBytesMax(message, targets)
    const isWhole = frameMax <= wholeFrameBytesMax
    const { headersBytes, bodyBytes } = message
    buffer.reserve(isWhole ? frameMax : frameMax - headersBytes - bodyBytes)
    const { bytes, length: start } = buffer
    const flags = flagsOf(message, targets.length, transfer.flags)
    bytes[start + 4] = frameTypes.data
    bytes[start + 5] = flags
    let at = writeVarint(bytes, start + 6, sequence)
    at = writeVarint(bytes, at, origin)
    at = writeVarint(bytes, at, message.sequence)
    at = writeVarint(bytes, at, destination)
    if ((flags & dataFlags.hasExtras) !== 0) {
      bytes[at] = message.priority
      at = writeVarint(bytes, at + 1, message.redirects)
      at = writeVarint(bytes, at, Math.max(message.chosenAt, 0))
    }
    if ((flags & dataFlags.hasExpiry) !== 0) {
      // What has expired here goes on with its last millisecond: the receiver takes it for over.
      const leftMs = Math.ceil(message.expiresAtMs - clock.monotonicMs())
      at = writeVarint(bytes, at, Math.max(leftMs, 1))
    }
    if ((flags & dataFlags.hasPath) !== 0) {
      at = writeAliases(bytes, at, this.pathAliases, brokerPath.length)
    }
    if ((flags & dataFlags.manyTargets) !== 0) {
      at = writeAliases(bytes, at, this.targetAliases, targets.length)
    } else {
      at = writeVarint(bytes, at, this.targetAliases[0]!)
    }
    at = writeVarint(bytes, at, headersBytes)
    bytes.writeUInt32BE(at - start - 4 + headersBytes + bodyBytes, start)
    if (isWhole) {
      at += message.headers.copy(bytes, at, message.headersStart, message.headersEnd)
      at += message.body.copy(bytes, at, message.bodyStart, message.bodyEnd)
      buffer.length = at
    } else {
      buffer.length = at
      buffer.append(message.headers, message.headersStart, message.headersEnd)
      buffer.append(message.body, message.bodyStart, message.bodyEnd)
    }
    output.touch()
  }

  private lookUp(names: readonly string[], aliases: number[]): void {
    for (let i = 0; i < names.length; i += 1) {
      const name = names[i]!
      aliases[i] = this.brokers.get(name) ?? this.defineBroker(name)
    }
  }

  private defineOrigin(origin: MessageOrigin): number {
    if (this.origins.size >= this.aliasesMax) {
      this.origins.clear()
      this.output.send(resetFrame, 'origin')
    }
    const alias = this.origins.size
    const { broker, incarnation } = origin
    this.output.send(defineFrame, { kind: 'origin', alias, broker, incarnation })
    this.origins.set(origin, alias)
    return alias
  }

  private defineDestination(destination: Destination): number {
    if (this.destinations.size >= this.aliasesMax) {
      this.destinations.clear()
      this.output.send(resetFrame, 'destination')
    }
    const alias = this.destinations.size
    const { kind: of, name } = destination
    this.output.send(defineFrame, { kind: 'destination', alias, of, name })
    this.destinations.set(destination, alias)
    return alias
  }

  private defineBroker(broker: string): number {
    const alias = this.brokers.size
    this.output.send(defineFrame, { kind: 'broker', alias, broker })
    this.brokers.set(broker, alias)
    return alias
  }

  /** Starts a new table unless `count` more names fit: one frame must not span two tables. */
  private makeRoomForBrokers(count: number): void {
    if (this.brokers.size + count <= this.aliasesMax) return
    this.brokers.clear()
    this.output.send(resetFrame, 'broker')
  }
}

function flagsOf(message: Message, targetCount: number, transfer: number): number {
  let flags = 0
  if (message.isPersistent) flags |= dataFlags.persistent
  if (message.hasEscapes) flags |= dataFlags.hasEscapes
  if (message.isRedelivered) flags |= dataFlags.redelivered
  if ((transfer & transferFlags.maybeDuplicate) !== 0) flags |= dataFlags.maybeDuplicate
  if (message.expiresAtMs !== 0) flags |= dataFlags.hasExpiry
  if (targetCount !== 1) flags |= dataFlags.manyTargets
  if (message.brokerPath.length > 0) flags |= dataFlags.hasPath
  const isPlain = message.priority === 4 && message.redirects === 0 && message.chosenAt <= 0
  if (!isPlain) flags |= dataFlags.hasExtras
  return flags
}

function writeAliases(bytes: Buffer, start: number, aliases: number[], count: number): number {
  let at = writeVarint(bytes, start, count)
  for (let i = 0; i < count; i += 1) at = writeVarint(bytes, at, aliases[i]!)
  return at
}
