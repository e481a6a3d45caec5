// START opens a bridge: each end says how far it has received the lanes of the other's custody
// channel. The arbiter of the pair (the broker with the larger name) also numbers the connection it
// grants.
//
//   generation varint | volatile: epoch varint, high water varint |
//   persistent: epoch varint, high water varint | (later: more)

import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { Reception } from './custody.ts'
import type { FrameCodec } from './frame-codec.ts'
import { frameTypes } from './frame-types.ts'

/** How far both lanes were received, by their number. */
export type Receptions = readonly [volatile: Reception, persistent: Reception]

/** The terms on which a bridge starts. */
export interface Start {
  /**
   * From the arbiter: number of this grant, rising during its life; the larger wins. From the other
   * end: 0 in a request, the granted number in an answer.
   */
  readonly generation: number
  readonly received: Receptions
}

/** The codec of START. */
export const startFrame: FrameCodec<Start> = {
  name: 'START',
  type: frameTypes.start,
  mayGrow: true,
  encode(writer, { generation, received }) {
    writer.varint(generation)
    writeReceptions(writer, received)
  },
  decode: (reader) => ({
    generation: reader.varint('generation'),
    received: readReceptions(reader)
  })
}

/** Writes how far both lanes were received. */
export function writeReceptions(writer: ByteWriter, [volatile, persistent]: Receptions): void {
  writeReception(writer, volatile)
  writeReception(writer, persistent)
}

/** Reads what {@link writeReceptions} wrote. */
export function readReceptions(reader: ByteReader): Receptions {
  return [readReception(reader, 'volatile'), readReception(reader, 'persistent')]
}

function writeReception(writer: ByteWriter, { epoch, highWater }: Reception): void {
  writer.varint(epoch)
  writer.varint(highWater)
}

function readReception(reader: ByteReader, lane: string): Reception {
  return {
    epoch: reader.varint(`${lane} epoch`),
    highWater: reader.varint(`${lane} high water`)
  }
}
