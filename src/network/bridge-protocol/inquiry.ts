// What became of messages that were under way when a bridge broke, asked and answered by any other
// way there is. Brokers in between hand both on along their routes.
//
//   INQUIRY  to text | from text | from incarnation varint | to incarnation varint |
//            generation varint | hops u8
//   ANSWER   to text | from text | from id text | from incarnation varint |
//            to incarnation varint | generation varint | volatile: epoch, high water varint |
//            persistent: epoch, high water varint | hops u8

import type { FrameCodec } from './frame-codec.ts'
import { frameTypes } from './frame-types.ts'
import { type Receptions, readReceptions, writeReceptions } from './start.ts'

/** What both say of the way and of the bridge that broke. */
interface Routed {
  /** The broker it is for. */
  readonly to: string
  /** The broker that says it, and which life of it. */
  readonly from: string
  readonly fromIncarnation: number
  /** Of the broker it is for: the life that had the bridge or asked; 0 for none that is known. */
  readonly toIncarnation: number
  /**
   * Number of the grant under which the bridge that broke stood; 0 for none in the asker's life.
   */
  readonly generation: number
  /** Bridges it may still cross. */
  readonly hopsLeft: number
}

/** A broker asks another how far it received its messages. */
export type Inquiry = Routed

/** How far; the one that answers takes nothing more over that bridge. */
export interface Answer extends Routed {
  readonly fromId: string
  readonly received: Receptions
}

/** The codec of INQUIRY. */
export const inquiryFrame: FrameCodec<Inquiry> = {
  name: 'INQUIRY',
  type: frameTypes.inquiry,
  mayGrow: false,
  encode(writer, { to, from, fromIncarnation, toIncarnation, generation, hopsLeft }) {
    writer.text(to)
    writer.text(from)
    writer.varint(fromIncarnation)
    writer.varint(toIncarnation)
    writer.varint(generation)
    writer.u8(hopsLeft)
  },
  decode: (reader) => ({
    to: reader.name('to'),
    from: reader.name('from'),
    fromIncarnation: reader.varint('from incarnation'),
    toIncarnation: reader.varint('to incarnation'),
    generation: reader.varint('generation'),
    hopsLeft: reader.u8('hops')
  })
}

/** The codec of ANSWER. */
export const answerFrame: FrameCodec<Answer> = {
  name: 'ANSWER',
  type: frameTypes.answer,
  mayGrow: false,
  encode(writer, answer) {
    writer.text(answer.to)
    writer.text(answer.from)
    writer.text(answer.fromId)
    writer.varint(answer.fromIncarnation)
    writer.varint(answer.toIncarnation)
    writer.varint(answer.generation)
    writeReceptions(writer, answer.received)
    writer.u8(answer.hopsLeft)
  },
  decode: (reader) => ({
    to: reader.name('to'),
    from: reader.name('from'),
    fromId: reader.name('from id'),
    fromIncarnation: reader.varint('from incarnation'),
    toIncarnation: reader.varint('to incarnation'),
    generation: reader.varint('generation'),
    received: readReceptions(reader),
    hopsLeft: reader.u8('hops')
  })
}
