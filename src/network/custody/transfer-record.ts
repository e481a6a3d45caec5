// A message on its way to other brokers, as a store keeps it: where it goes, and what of its
// transfer a later life must know. Version 1, big-endian:
//
//   u8 version | u8 transfer flags | f64 epoch | f64 sequence | f64 life of the peer |
//   u8 n, targets: n times (u8 n, name) | the message as stored-message.ts writes it

import { PostroadError } from '../../base/index.ts'
import {
  type DestinationTable,
  type Message,
  readStoredMessage,
  storableMessage,
  type WritableMessage
} from '../../broker/index.ts'
import type { Clock } from '../../ports/index.ts'

const version = 1
const fixedBytes = 2 + 3 * 8 + 1

/** A message and its transfer. */
export interface TransferRecord {
  readonly message: Message
  readonly targets: readonly string[]
  /** Bits of `transferFlags`. */
  readonly flags: number
  /** Its place in a custody channel: the sender's epoch, and its number in it; 0 and 0 for none. */
  readonly epoch: number
  readonly sequence: number
  /** Incarnation of the broker it was on its way to; 0 if it was never bridged with. */
  readonly peerLife: number
}

/** The record as something a store can keep; encoded only when the store asks. */
export function storableTransfer(record: TransferRecord, clock: Clock): WritableMessage {
  const inner = storableMessage(record.message, clock)
  const { targets } = record
  let targetBytes = 0
  for (const target of targets) targetBytes += 1 + Buffer.byteLength(target)
  return {
    get encodedBytes() {
      return fixedBytes + targetBytes + inner.encodedBytes
    },
    encode: () => {
      const head = Buffer.alloc(fixedBytes + targetBytes)
      let at = head.writeUInt8(version)
      at = head.writeUInt8(record.flags, at)
      at = head.writeDoubleBE(record.epoch, at)
      at = head.writeDoubleBE(record.sequence, at)
      at = head.writeDoubleBE(record.peerLife, at)
      at = head.writeUInt8(targets.length, at)
      for (const target of targets) {
        at = head.writeUInt8(Buffer.byteLength(target), at)
        at += head.write(target, at)
      }
      return Buffer.concat([head, inner.encode()])
    },
    onWriting: () => inner.onWriting()
  }
}

/**
 * Reads back what {@link storableTransfer} encoded.
 * @throws PostroadError LOCAL_STORE_FAILED for a version this program does not know
 */
export function readTransfer(
  bytes: Buffer,
  destinations: DestinationTable,
  clock: Clock
): TransferRecord {
  if (bytes[0] !== version) {
    const text = `a stored transfer has version ${bytes[0]}, this program reads ${version}`
    throw new PostroadError('LOCAL_STORE_FAILED', text)
  }
  const targets: string[] = []
  let at = fixedBytes
  for (let left = bytes[fixedBytes - 1]!; left > 0; left -= 1) {
    const end = at + 1 + bytes[at]!
    targets.push(bytes.toString('utf8', at + 1, end))
    at = end
  }
  return {
    message: readStoredMessage(bytes.subarray(at), destinations, clock),
    targets,
    flags: bytes[1]!,
    epoch: bytes.readDoubleBE(2),
    sequence: bytes.readDoubleBE(10),
    peerLife: bytes.readDoubleBE(18)
  }
}
