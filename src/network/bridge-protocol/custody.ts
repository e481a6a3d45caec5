// The frames of the custody channel beside DATA. EPOCH opens the channel on a new connection, ACK
// takes custody of everything up to a sequence.
//
//   EPOCH  epoch varint | first varint (sequence of the next DATA on this connection)
//   ACK    high water varint

import type { FrameCodec } from './frame-codec.ts'
import { frameTypes } from './frame-types.ts'

/** Which numbering the DATA frames that follow belong to. */
export interface Epoch {
  /** Random and never 0; sequences of different epochs have nothing to do with each other. */
  readonly epoch: number
  /** Sequence of the next DATA: everything before it is acknowledged, or never was. */
  readonly first: number
}

/** The codec of EPOCH. */
export const epochFrame: FrameCodec<Epoch> = {
  name: 'EPOCH',
  type: frameTypes.epoch,
  mayGrow: false,
  encode(writer, { epoch, first }) {
    writer.varint(epoch)
    writer.varint(first)
  },
  decode(reader) {
    const epoch = reader.varint('epoch')
    const first = reader.varint('first')
    if (epoch === 0) reader.fail('epoch', 'is 0, which stands for none')
    if (first === 0) reader.fail('first', 'is 0, sequences start with 1')
    return { epoch, first }
  }
}

/** The codec of ACK; the value is the highest sequence in the sender's custody. */
export const ackFrame: FrameCodec<number> = {
  name: 'ACK',
  type: frameTypes.ack,
  mayGrow: false,
  encode: (writer, highWater) => writer.varint(highWater),
  decode: (reader) => reader.varint('highWater')
}
