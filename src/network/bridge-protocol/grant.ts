// How much one broker takes of another's messages. GRANT says it, queue by queue, to a broker that
// sends some; SHORT asks for more, or for a GRANT that was lost. Brokers in between hand both on:
// along the names that are left of the way the messages came, backwards, else along their routes.
//
//   GRANT  to text | from text | hops u8 | list of names: the way there |
//          list of: queue text | arrived varint | room varint | capacity varint
//   SHORT  to text | from text | hops u8 | list of: queue text | limit varint

import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { FrameCodec } from './frame-codec.ts'
import { frameTypes, grantQueuesMax, pathLengthMax, patternBytesMax } from './frame-types.ts'

/** What a broker takes of one queue from the one that is told. */
export interface QueueGrant {
  readonly queue: string
  /** Messages that it has had from there, since it began to count. */
  readonly arrived: number
  /** How many more may be on their way. */
  readonly room: number
  /** Deliveries that its consumers take at once. */
  readonly capacity: number
}

interface Routed {
  /** The broker it is for, and the one that says it. */
  readonly to: string
  readonly from: string
  /** Bridges it may still cross. */
  readonly hopsLeft: number
}

/** How much a broker takes. */
export interface Grant extends Routed {
  /** Brokers still to cross, where the way is known. */
  readonly via: readonly string[]
  readonly queues: readonly QueueGrant[]
}

/** A queue whose messages wait for a grant. */
export interface QueueShort {
  readonly queue: string
  /** What is used up: how many may have come in the end, as the last grant said. */
  readonly limit: number
}

/** Queues whose messages wait for grants. */
export interface Short extends Routed {
  readonly queues: readonly QueueShort[]
}

/** The codec of GRANT. */
export const grantFrame: FrameCodec<Grant> = {
  name: 'GRANT',
  type: frameTypes.grant,
  mayGrow: false,
  encode(writer, grant) {
    writeRouted(writer, grant)
    writer.varint(grant.via.length)
    for (const name of grant.via) writer.text(name)
    writer.varint(grant.queues.length)
    for (const { queue, arrived, room, capacity } of grant.queues) {
      writer.text(queue)
      writer.varint(arrived)
      writer.varint(room)
      writer.varint(capacity)
    }
  },
  decode(reader) {
    const routed = readRouted(reader)
    const via: string[] = []
    const hops = reader.count('way', pathLengthMax)
    for (let i = 0; i < hops && reader.fault === undefined; i += 1) via.push(reader.name('way'))
    const queues: QueueGrant[] = []
    const count = reader.count('queues', grantQueuesMax)
    for (let i = 0; i < count && reader.fault === undefined; i += 1) {
      queues.push({
        queue: reader.text('queue', patternBytesMax),
        arrived: reader.varint('arrived'),
        room: reader.varint('room'),
        capacity: reader.varint('capacity')
      })
    }
    return { ...routed, via, queues }
  }
}

/** The codec of SHORT. */
export const shortFrame: FrameCodec<Short> = {
  name: 'SHORT',
  type: frameTypes.short,
  mayGrow: false,
  encode(writer, short) {
    writeRouted(writer, short)
    writer.varint(short.queues.length)
    for (const { queue, limit } of short.queues) {
      writer.text(queue)
      writer.varint(limit)
    }
  },
  decode(reader) {
    const routed = readRouted(reader)
    const queues: QueueShort[] = []
    const count = reader.count('queues', grantQueuesMax)
    for (let i = 0; i < count && reader.fault === undefined; i += 1) {
      const queue = reader.text('queue', patternBytesMax)
      queues.push({ queue, limit: reader.varint('limit') })
    }
    return { ...routed, queues }
  }
}

function writeRouted(writer: ByteWriter, { to, from, hopsLeft }: Routed): void {
  writer.text(to)
  writer.text(from)
  writer.u8(hopsLeft)
}

function readRouted(reader: ByteReader): Routed {
  return { to: reader.name('to'), from: reader.name('from'), hopsLeft: reader.u8('hops') }
}
