// The frames of the custody channels beside DATA. A direction has two of them, its lanes: one for
// persistent messages, which wait for disks, and one for the others, which never do. EPOCH opens a
// lane on a new connection, ACK takes custody of everything up to a sequence. REJECT refuses one
// message; the sender takes it back and puts a VOID in its place.
//
//   EPOCH   lane u8 | epoch varint | first varint (sequence of the next DATA on this connection)
//   ACK     lane u8 | high water varint
//   REJECT  lane u8 | sequence varint | code u8 | text
//   VOID    lane u8 | sequence varint

import type { ByteReader } from './byte-reader.ts'
import type { FrameCodec } from './frame-codec.ts'
import { frameTypes, refusalTextBytesMax } from './frame-types.ts'
import { clipped } from './refusal.ts'

/** The lanes of one direction of a bridge, by number; DATA tells its lane by being persistent. */
export const lanes = { volatile: 0, persistent: 1 } as const

/** Number of a lane. */
export type Lane = (typeof lanes)[keyof typeof lanes]

/** The lane a message travels on. */
export function laneOf({ isPersistent }: { readonly isPersistent: boolean }): Lane {
  return isPersistent ? lanes.persistent : lanes.volatile
}

/** How far a lane was received. */
export interface Reception {
  /** Epoch last received; 0 if none. */
  readonly epoch: number
  /** Highest sequence of it in the receiver's custody. */
  readonly highWater: number
}

/** Which numbering the DATA frames of a lane that follow belong to. */
export interface Epoch {
  readonly lane: Lane
  /** Random and never 0; sequences of different epochs have nothing to do with each other. */
  readonly epoch: number
  /** Sequence of the next DATA: everything before it is acknowledged, or never was. */
  readonly first: number
}

/** Custody of everything up to a sequence. */
export interface Ack {
  readonly lane: Lane
  readonly highWater: number
}

/** Why a broker refuses a message, and the byte that stands for it. */
export const rejectionCodes = { undecodable: 1, 'no-room': 2 } as const

/** Code of a refused message; it stands in the sender's dead letter. */
export type RejectionCode = keyof typeof rejectionCodes

/** One message that the other end does not take; it waits for a VOID in its place. */
export interface Rejection {
  readonly lane: Lane
  readonly sequence: number
  readonly code: RejectionCode
  readonly text: string
}

/** A sequence that stands for no message any more. */
export interface Void {
  readonly lane: Lane
  readonly sequence: number
}

/** The codec of EPOCH. */
export const epochFrame: FrameCodec<Epoch> = {
  name: 'EPOCH',
  type: frameTypes.epoch,
  mayGrow: false,
  encode(writer, { lane, epoch, first }) {
    writer.u8(lane)
    writer.varint(epoch)
    writer.varint(first)
  },
  decode(reader) {
    const lane = readLane(reader)
    const epoch = reader.varint('epoch')
    const first = reader.varint('first')
    if (epoch === 0) reader.fail('epoch', 'is 0, which stands for none')
    if (first === 0) reader.fail('first', 'is 0, sequences start with 1')
    return { lane, epoch, first }
  }
}

/** The codec of ACK. */
export const ackFrame: FrameCodec<Ack> = {
  name: 'ACK',
  type: frameTypes.ack,
  mayGrow: false,
  encode(writer, { lane, highWater }) {
    writer.u8(lane)
    writer.varint(highWater)
  },
  decode: (reader) => ({ lane: readLane(reader), highWater: reader.varint('highWater') })
}

/** The codec of REJECT. */
export const rejectFrame: FrameCodec<Rejection> = {
  name: 'REJECT',
  type: frameTypes.reject,
  mayGrow: false,
  encode(writer, { lane, sequence, code, text }) {
    writer.u8(lane)
    writer.varint(sequence)
    writer.u8(rejectionCodes[code])
    writer.text(clipped(text))
  },
  decode(reader) {
    const lane = readLane(reader)
    const sequence = reader.varint('sequence')
    const byte = reader.u8('code')
    const text = reader.text('text', refusalTextBytesMax)
    const code = codesByByte.get(byte)
    if (code !== undefined) return { lane, sequence, code, text }
    // A later version may know more reasons; its text still tells people what happened.
    return { lane, sequence, code: 'undecodable', text: `code ${byte}: ${text}` }
  }
}

/** The codec of VOID. */
export const voidFrame: FrameCodec<Void> = {
  name: 'VOID',
  type: frameTypes.void,
  mayGrow: false,
  encode(writer, { lane, sequence }) {
    writer.u8(lane)
    writer.varint(sequence)
  },
  decode: (reader) => ({ lane: readLane(reader), sequence: reader.varint('sequence') })
}

const codesByByte = new Map(
  Object.entries(rejectionCodes).map(([code, byte]) => [byte as number, code as RejectionCode])
)

function readLane(reader: ByteReader): Lane {
  const lane = reader.u8('lane')
  if (lane > lanes.persistent) reader.fail('lane', `is ${lane}, at most ${lanes.persistent}`)
  return lane === lanes.persistent ? lanes.persistent : lanes.volatile
}
