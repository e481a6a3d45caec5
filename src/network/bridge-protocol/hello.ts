// HELLO introduces a broker to the other end of a connection; the first frame in each direction.
//
//   'POSTROAD' | versionMin u8 | version u8 | capabilities u32 | network text | broker text |
//   broker id text | incarnation varint | connector text | duplex u8 | frameBytesMax varint |
//   cost varint | include list of text | exclude list of text | (later versions: more)

import { filterPatternsMax, isBrokerName } from '../map/index.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { FrameCodec } from './frame-codec.ts'
import { frameBytesMaxLeast, frameTypes, nameBytesMax, patternBytesMax } from './frame-types.ts'

/** Who is at the other end, and on what terms. */
export interface Hello {
  /** Oldest and newest protocol version spoken. */
  readonly versionMin: number
  readonly version: number
  /** Bits of optional abilities; what both ends have is used. None is defined in version 1. */
  readonly capabilities: number
  /** Name of the network; bridges join brokers of one network only. */
  readonly network: string
  /** Name of the broker, unique in its network. */
  readonly broker: string
  /** Identity of the broker, made once for its life on disk. */
  readonly brokerId: string
  /** Which life of that broker: larger is later. */
  readonly incarnation: number
  /** Name of the dialler's network connector; '' from the acceptor. */
  readonly connectorName: string
  /** False: messages go only from the dialler to the acceptor. The acceptor repeats it. */
  readonly isDuplex: boolean
  /** Longest frame the sender of this HELLO takes. */
  readonly frameBytesMax: number
  /** Cost of the bridge as this end sees it; the larger of both counts. */
  readonly cost: number
  /** Destinations that may or may not cross: 'queue://p', 'topic://p'; none from the acceptor. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

const magic = 'POSTROAD'

/** The codec of HELLO. */
export const helloFrame: FrameCodec<Hello> = {
  name: 'HELLO',
  type: frameTypes.hello,
  mayGrow: true,
  encode(writer, hello) {
    for (const letter of Buffer.from(magic)) writer.u8(letter)
    writer.u8(hello.versionMin)
    writer.u8(hello.version)
    writer.u32(hello.capabilities)
    writer.text(hello.network)
    writer.text(hello.broker)
    writer.text(hello.brokerId)
    writer.varint(hello.incarnation)
    writer.text(hello.connectorName)
    writer.flag(hello.isDuplex)
    writer.varint(hello.frameBytesMax)
    writer.varint(hello.cost)
    writeTexts(writer, hello.include)
    writeTexts(writer, hello.exclude)
  },
  decode(reader) {
    for (const letter of Buffer.from(magic)) {
      if (reader.u8('magic') !== letter) reader.fail('magic', `is not '${magic}'`)
    }
    const hello: Hello = {
      versionMin: reader.u8('versionMin'),
      version: reader.u8('version'),
      capabilities: reader.u32('capabilities'),
      network: readName(reader, 'network'),
      broker: readName(reader, 'broker'),
      brokerId: reader.name('brokerId'),
      incarnation: reader.varint('incarnation'),
      connectorName: reader.name('connectorName'),
      isDuplex: reader.flag('duplex'),
      frameBytesMax: reader.bounded('frameBytesMax', 0xffffffff),
      cost: reader.bounded('cost', 65_535),
      include: readTexts(reader, 'include'),
      exclude: readTexts(reader, 'exclude')
    }
    if (hello.brokerId === '') reader.fail('brokerId', 'is empty')
    if (hello.versionMin > hello.version) reader.fail('versionMin', 'is above version')
    if (hello.frameBytesMax < frameBytesMaxLeast) {
      reader.fail('frameBytesMax', `is ${hello.frameBytesMax}, at least ${frameBytesMaxLeast}`)
    }
    return hello
  }
}

/** Writes a list of texts behind its length. */
export function writeTexts(writer: ByteWriter, texts: readonly string[]): void {
  writer.varint(texts.length)
  for (const text of texts) writer.text(text)
}

const noTexts: readonly string[] = []

/** Reads a list of at most {@link filterPatternsMax} patterns. */
export function readTexts(reader: ByteReader, field: string): readonly string[] {
  const count = reader.count(field, filterPatternsMax)
  if (count === 0) return noTexts
  const texts: string[] = []
  for (let i = 0; i < count && reader.fault === undefined; i += 1) {
    texts.push(reader.text(field, patternBytesMax))
  }
  return texts
}

function readName(reader: ByteReader, field: string): string {
  const name = reader.text(field, nameBytesMax)
  if (!isBrokerName(name)) reader.fail(field, 'is no name of letters, digits, "_", "-"')
  return name
}
