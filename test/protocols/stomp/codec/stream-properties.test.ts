import test from 'ava'
import fc from 'fast-check'
import {
  encodeFrame,
  type StompVersion,
  stompVersions
} from '../../../../src/protocols/stomp/codec/index.ts'
import { arbitraryFrame, type GeneratedFrame } from './arbitrary-frames.ts'
import { byteByByte, cutAt, readStream, smallLimits } from './read-stream.ts'

const cuts = fc.array(fc.nat({ max: 5_000 }), { maxLength: 12 })

function encodeStream(frames: readonly GeneratedFrame[], version: StompVersion): Buffer {
  return Buffer.concat(
    frames.flatMap(({ command, headers, body, heartBeats }) => [
      encodeFrame(command, headers, { body, version }),
      Buffer.from(heartBeats)
    ])
  )
}

for (const version of stompVersions) {
  test(`any frames written in ${version} are read back as they were`, (t) => {
    const frames = fc.array(arbitraryFrame(version), { maxLength: 5 })
    fc.assert(
      fc.property(frames, cuts, (written, offsets) => {
        const stream = encodeStream(written, version)
        const read = readStream(cutAt(stream, offsets), version)
        t.is(read.detail, undefined)
        t.deepEqual(
          read.frames.map(({ command, headers, body }) => ({
            command,
            headers: headers.filter(([name]) => name !== 'content-length'),
            body
          })),
          written.map(({ command, headers, body }) => ({
            command,
            headers: headers.map(([name, value]) => [name, value] as const),
            body: body.toString('latin1')
          }))
        )
      }),
      { numRuns: 300 }
    )
  })

  test(`a ${version} stream gives the same frames whole, byte by byte and cut at random`, (t) => {
    const frames = fc.array(arbitraryFrame(version), { maxLength: 4 })
    fc.assert(
      fc.property(frames, cuts, (written, offsets) => {
        const stream = encodeStream(written, version)
        const whole = readStream([stream], version, smallLimits)
        t.deepEqual(readStream(byteByByte(stream), version, smallLimits), whole)
        t.deepEqual(readStream(cutAt(stream, offsets), version, smallLimits), whole)
      }),
      { numRuns: 150 }
    )
  })
}

// Bytes that mean something to the parser, and words it knows, in no order.
const meaningful = fc
  .array(
    fc.oneof(
      fc.constantFrom('\n', '\r', ':', '\\', '\0', ' ', 'a', '0', '7', '\xff'),
      fc.constantFrom('SEND\n', 'CONNECT\r\n', 'BEGIN\n', 'ERROR\n\n', 'STOMP\n', 'a:b\n', '\n\n'),
      fc.constantFrom('content-length:', 'content-length:3\n', 'version:1.2\n', '\\n', '\\r', '\\c')
    ),
    { maxLength: 40 }
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'))

const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
const anyVersion = fc.constantFrom(...stompVersions)

/** The one demand on any bytes: frames or a fault, the same however cut, nothing kept beyond it. */
function holdsForAnyBytes(stream: Buffer, version: StompVersion, offsets: readonly number[]): void {
  const whole = readStream([stream], version, smallLimits)
  const pieces = readStream(byteByByte(stream), version, smallLimits)
  const cut = readStream(cutAt(stream, offsets), version, smallLimits)
  for (const read of [whole, pieces, cut]) {
    if (read.bytesHeld >= smallLimits.frameBytesMax) throw new Error(`${read.bytesHeld} bytes held`)
    if ((read.end === 'malformed') !== (read.detail !== undefined)) throw new Error('no detail')
    if (read.frames.some(({ headers }) => headers.length > smallLimits.headerCountMax)) {
      throw new Error('more headers than the limit')
    }
  }
  if (JSON.stringify(pieces) !== JSON.stringify(whole)) throw new Error('byte by byte differs')
  if (JSON.stringify(cut) !== JSON.stringify(whole)) throw new Error('cut stream differs')
}

test('arbitrary bytes give frames or a fault, however they are cut, and never a throw', (t) => {
  fc.assert(
    fc.property(fc.oneof(anyBytes, meaningful), anyVersion, cuts, (stream, version, offsets) => {
      holdsForAnyBytes(stream, version, offsets)
    }),
    { numRuns: 3_000 }
  )
  t.pass()
})

interface Mutation {
  readonly at: number
  readonly removed: number
  readonly inserted: Buffer
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat({ max: 500 }),
  removed: fc.nat({ max: 3 }),
  inserted: fc.oneof(
    fc.constantFrom('', '\0', '\n', '\r', '\r\n', ':', '\\', '9', 'é').map((s) => Buffer.from(s)),
    fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes))
  )
})

function mutate(stream: Buffer, mutations: readonly Mutation[]): Buffer {
  let mutated = stream
  for (const { at, removed, inserted } of mutations) {
    const from = at % (mutated.length + 1)
    mutated = Buffer.concat([mutated.subarray(0, from), inserted, mutated.subarray(from + removed)])
  }
  return mutated
}

test('valid streams with some bytes changed give frames or a fault, however they are cut', (t) => {
  const versionAndFrames = anyVersion.chain((version) =>
    fc.tuple(
      fc.constant(version),
      fc.array(arbitraryFrame(version), { minLength: 1, maxLength: 3 })
    )
  )
  const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 })
  const outcomes = new Set<string>()
  fc.assert(
    fc.property(versionAndFrames, mutations, cuts, ([version, frames], changes, offsets) => {
      const stream = mutate(encodeStream(frames, version), changes)
      holdsForAnyBytes(stream, version, offsets)
      outcomes.add(readStream([stream], version, smallLimits).end)
    }),
    { numRuns: 1_500 }
  )
  t.deepEqual([...outcomes].sort(), ['malformed', 'need-more'], 'both outcomes were exercised')
})
