// DEFINE gives a small number to something DATA frames keep naming; RESET forgets all numbers of
// one kind. Each direction of each connection has numbers of its own, given in rising order from 0.
//
//   DEFINE  kind u8 | alias varint | value
//     0 origin       broker text | incarnation varint
//     1 destination  kind u8 (0 queue, 1 topic, 2 temp-queue) | name text
//     2 broker       name text
//   RESET   kind u8

import type { DestinationKind } from '../../broker/index.ts'
import type { ByteReader } from './byte-reader.ts'
import type { FrameCodec } from './frame-codec.ts'
import { aliasesMax, frameTypes, patternBytesMax } from './frame-types.ts'

/** What an alias may stand for. */
export type AliasKind = 'origin' | 'destination' | 'broker'

/** One alias and its meaning. */
export type Define =
  | { readonly kind: 'origin'; readonly alias: number; broker: string; incarnation: number }
  | { readonly kind: 'destination'; readonly alias: number; of: DestinationKind; name: string }
  | { readonly kind: 'broker'; readonly alias: number; readonly broker: string }

const aliasKinds: readonly AliasKind[] = ['origin', 'destination', 'broker']
const destinationKinds: readonly DestinationKind[] = ['queue', 'topic', 'temp-queue']

/** The codec of DEFINE. */
export const defineFrame: FrameCodec<Define> = {
  name: 'DEFINE',
  type: frameTypes.define,
  mayGrow: false,
  encode(writer, define) {
    writer.u8(aliasKinds.indexOf(define.kind))
    writer.varint(define.alias)
    switch (define.kind) {
      case 'origin':
        writer.text(define.broker)
        writer.varint(define.incarnation)
        return
      case 'destination':
        writer.u8(destinationKinds.indexOf(define.of))
        writer.text(define.name)
        return
      case 'broker':
        writer.text(define.broker)
    }
  },
  decode(reader) {
    const kind = readAliasKind(reader)
    const alias = reader.bounded('alias', aliasesMax - 1)
    switch (kind) {
      case 'origin': {
        const broker = reader.name('broker')
        return { kind, alias, broker, incarnation: reader.varint('incarnation') }
      }
      case 'destination': {
        const of = destinationKinds[reader.u8('destination kind')]
        if (of === undefined) reader.fail('destination kind', 'is unknown')
        const name = reader.text('name', patternBytesMax)
        return { kind, alias, of: of ?? 'queue', name }
      }
      case 'broker':
        return { kind, alias, broker: reader.name('broker') }
    }
  }
}

/** The codec of RESET; the value is the kind whose aliases are forgotten. */
export const resetFrame: FrameCodec<AliasKind> = {
  name: 'RESET',
  type: frameTypes.reset,
  mayGrow: false,
  encode: (writer, kind) => writer.u8(aliasKinds.indexOf(kind)),
  decode: readAliasKind
}

function readAliasKind(reader: ByteReader): AliasKind {
  const kind = aliasKinds[reader.u8('alias kind')]
  if (kind === undefined) reader.fail('alias kind', 'is unknown')
  return kind ?? 'origin'
}
