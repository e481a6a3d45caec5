// The form a message has in the store: one header of facts, then the encoded form as it is. Version
// 1:
//
//   u8 version | u8 flags | u8 priority | u8 redirects | f64 expires (wall ms, 0 never)
//   u16 n, origin broker | f64 incarnation | f64 sequence | u8 kind | u16 n, destination name
//   u8 n, broker path: n times (u8 n, name) | u32 n, headers | body to the end
//
// flags: 1 persistent, 2 has escapes, 4 redelivered, 8 maybe a duplicate. Numbers are big-endian.

import { assert } from '../base/index.ts'
import type { Clock } from '../ports/index.ts'
import type { DestinationKind, DestinationTable } from './destination.ts'
import { Message, messageOrigin } from './message.ts'
import type { WritableMessage } from './write-batch.ts'

const storedVersion = 1
const fixedBytes = 4 + 8 + 2 + 8 + 8 + 1 + 2 + 1 + 4
/** A path is the last guard against circles; what is longer than anybody allows is not kept. */
const pathMax = 255
const noPath: readonly string[] = []
const kinds: readonly DestinationKind[] = ['queue', 'topic', 'temp-queue']

/** The message as something a store can keep; encoded only when the store asks. */
export function storableMessage(message: Message, clock: Clock): WritableMessage {
  return {
    get encodedBytes() {
      return storedBytes(message)
    },
    encode: () => encodeStored(message, clock.wallMs() - clock.monotonicMs()),
    onWriting: () => {
      message.isOnDisk = true
    }
  }
}

/** Length of a message's form in the store. */
export function storedBytes(message: Message): number {
  const names =
    Buffer.byteLength(message.origin.broker) + Buffer.byteLength(message.destination.name)
  return fixedBytes + names + pathBytes(message) + message.headersBytes + message.bodyBytes
}

function pathBytes({ brokerPath }: Message): number {
  let bytes = 0
  for (let at = 0; at < brokerPath.length && at < pathMax; at += 1) {
    bytes += 1 + Buffer.byteLength(brokerPath[at]!)
  }
  return bytes
}

function encodeStored(message: Message, wallOffsetMs: number): Buffer {
  const broker = Buffer.from(message.origin.broker)
  const name = Buffer.from(message.destination.name)
  const head = Buffer.alloc(fixedBytes + broker.length + name.length + pathBytes(message))
  const flags =
    (message.isPersistent ? 1 : 0) |
    (message.hasEscapes ? 2 : 0) |
    (message.isRedelivered ? 4 : 0) |
    (message.isMaybeDuplicate ? 8 : 0)
  let at = head.writeUInt8(storedVersion)
  at = head.writeUInt8(flags, at)
  at = head.writeUInt8(message.priority, at)
  at = head.writeUInt8(Math.min(message.redirects, 255), at)
  at = head.writeDoubleBE(message.expiresAtMs === 0 ? 0 : message.expiresAtMs + wallOffsetMs, at)
  at = head.writeUInt16BE(broker.length, at)
  at += broker.copy(head, at)
  at = head.writeDoubleBE(message.origin.incarnation, at)
  at = head.writeDoubleBE(message.sequence, at)
  at = head.writeUInt8(kinds.indexOf(message.destination.kind), at)
  at = head.writeUInt16BE(name.length, at)
  at += name.copy(head, at)
  const pathLength = Math.min(message.brokerPath.length, pathMax)
  at = head.writeUInt8(pathLength, at)
  for (let i = 0; i < pathLength; i += 1) {
    const hop = Buffer.from(message.brokerPath[i]!)
    at = head.writeUInt8(hop.length, at)
    at += hop.copy(head, at)
  }
  head.writeUInt32BE(message.headersBytes, at)
  return Buffer.concat([
    head,
    message.headers.subarray(message.headersStart, message.headersEnd),
    message.body.subarray(message.bodyStart, message.bodyEnd)
  ])
}

/**
 * Reads back what {@link storableMessage} encoded. `bytes` belong to the message afterwards.
 * @param clockSetByMs by how much the wall clock was set since, where that is known
 */
export function readStoredMessage(
  bytes: Buffer,
  destinations: DestinationTable,
  clock: Clock,
  clockSetByMs = 0
): Message {
  assert(bytes[0] === storedVersion, 'the stored message has a known version')
  const flags = bytes[1]!
  const expiresWallMs = bytes.readDoubleBE(4)
  let at = 12
  const brokerEnd = at + 2 + bytes.readUInt16BE(at)
  const broker = bytes.toString('utf8', at + 2, brokerEnd)
  const incarnation = bytes.readDoubleBE(brokerEnd)
  const sequence = bytes.readDoubleBE(brokerEnd + 8)
  const kind = kinds[bytes[brokerEnd + 16]!]!
  at = brokerEnd + 17
  const nameEnd = at + 2 + bytes.readUInt16BE(at)
  const destination = destinations.get(kind, bytes.toString('utf8', at + 2, nameEnd))
  const message = new Message(destination, messageOrigin(broker, incarnation), sequence)
  message.isPersistent = (flags & 1) !== 0
  message.hasEscapes = (flags & 2) !== 0
  message.isRedelivered = (flags & 4) !== 0
  message.priority = bytes[2]!
  message.redirects = bytes[3]!
  const wallOffsetMs = clock.wallMs() - clock.monotonicMs() - clockSetByMs
  message.expiresAtMs = expiresWallMs === 0 ? 0 : Math.max(1, expiresWallMs - wallOffsetMs)
  message.isMaybeDuplicate = (flags & 8) !== 0
  message.isOnDisk = true
  at = nameEnd + 1
  const path: string[] = []
  for (let left = bytes[nameEnd]!; left > 0; left -= 1) {
    const end = at + 1 + bytes[at]!
    path.push(bytes.toString('utf8', at + 1, end))
    at = end
  }
  message.brokerPath = path.length === 0 ? noPath : path
  message.headers = bytes
  message.headersStart = at + 4
  message.headersEnd = message.headersStart + bytes.readUInt32BE(at)
  message.body = bytes
  message.bodyStart = message.headersEnd
  message.bodyEnd = bytes.length
  return message
}
