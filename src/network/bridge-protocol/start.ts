// START opens a bridge: each end says how far it has received the other's custody channel. The
// arbiter of the pair (the broker with the larger name) also numbers the connection it grants.
//
//   generation varint | received epoch varint | received high water varint | (later: more)

import type { FrameCodec } from './frame-codec.ts'
import { frameTypes } from './frame-types.ts'

/** The terms on which a bridge starts. */
export interface Start {
  /**
   * From the arbiter: number of this grant, rising during its life; the larger wins. From the other
   * end: 0 in a request, the granted number in an answer.
   */
  readonly generation: number
  /** Epoch of the other end's outgoing channel as last received; 0 if none. */
  readonly receivedEpoch: number
  /** Highest sequence of that epoch in this end's custody. */
  readonly receivedHighWater: number
}

/** The codec of START. */
export const startFrame: FrameCodec<Start> = {
  name: 'START',
  type: frameTypes.start,
  mayGrow: true,
  encode(writer, start) {
    writer.varint(start.generation)
    writer.varint(start.receivedEpoch)
    writer.varint(start.receivedHighWater)
  },
  decode: (reader) => ({
    generation: reader.varint('generation'),
    receivedEpoch: reader.varint('receivedEpoch'),
    receivedHighWater: reader.varint('receivedHighWater')
  })
}
