// DIGEST says what its sender knows, by version only, so that the other end can send what is newer.
//
//   list of records: broker text | broker id text | incarnation varint | sequence varint
//   list of demands: broker text | incarnation varint | version varint

import type { DemandMark } from '../demand/index.ts'
import type { RecordMark } from '../map/index.ts'
import type { FrameCodec } from './frame-codec.ts'
import { digestEntriesMax, frameTypes } from './frame-types.ts'

/** Everything known, by version. */
export interface Digest {
  readonly records: readonly RecordMark[]
  readonly demands: readonly DemandMark[]
}

/** The codec of DIGEST. */
export const digestFrame: FrameCodec<Digest> = {
  name: 'DIGEST',
  type: frameTypes.digest,
  mayGrow: false,
  encode(writer, digest) {
    writer.varint(digest.records.length)
    for (const record of digest.records) {
      writer.text(record.broker)
      writer.text(record.brokerId)
      writer.varint(record.incarnation)
      writer.varint(record.sequence)
    }
    writer.varint(digest.demands.length)
    for (const demand of digest.demands) {
      writer.text(demand.broker)
      writer.varint(demand.incarnation)
      writer.varint(demand.version)
    }
  },
  decode(reader) {
    const records: RecordMark[] = []
    const demands: DemandMark[] = []
    const recordCount = reader.count('records', digestEntriesMax)
    for (let i = 0; i < recordCount && reader.fault === undefined; i += 1) {
      records.push({
        broker: reader.name('broker'),
        brokerId: reader.name('brokerId'),
        incarnation: reader.varint('incarnation'),
        sequence: reader.varint('sequence')
      })
    }
    const demandCount = reader.count('demands', digestEntriesMax)
    for (let i = 0; i < demandCount && reader.fault === undefined; i += 1) {
      demands.push({
        broker: reader.name('broker'),
        incarnation: reader.varint('incarnation'),
        version: reader.varint('version')
      })
    }
    return { records, demands }
  }
}
