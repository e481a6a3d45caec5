// Random values of every control frame of the bridge protocol, for property tests.

import fc from 'fast-check'
import {
  ackFrame,
  answerFrame,
  defineFrame,
  deltaFrame,
  demandFrame,
  demandRequestFrame,
  digestFrame,
  epochFrame,
  type FrameCodec,
  goodbyeFrame,
  grantFrame,
  helloFrame,
  inquiryFrame,
  lanes,
  pingFrame,
  pongFrame,
  type RefusalCode,
  type RejectionCode,
  recordFrame,
  refusalCodes,
  refuseFrame,
  rejectFrame,
  rejectionCodes,
  resetFrame,
  shortFrame,
  startFrame,
  voidFrame
} from '../../src/network/bridge-protocol/index.ts'

/** A codec with values for it. */
export interface FrameCase {
  readonly codec: FrameCodec<unknown>
  readonly values: fc.Arbitrary<unknown>
}

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/)
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter(isWellFormed)
const id = fc.string({ minLength: 1, maxLength: 64 }).filter(isWellFormed)
const integer = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 127, 128, 16_383, 16_384))
const u32 = fc.nat({ max: 0xffffffff })
const cost = fc.integer({ min: 0, max: 65_535 })
const patterns = fc.array(text, { maxLength: 5 })
const kind = fc.constantFrom('queue' as const, 'topic' as const)
const removed = fc.record({ kind, pattern: text })
const entry = fc.record(
  {
    ...{ kind, pattern: text, weight: fc.nat({ max: 16 }) },
    selectors: fc.array(text, { maxLength: 8 })
  },
  { requiredKeys: ['kind', 'pattern', 'weight'] }
)
const filter = fc.option(fc.record({ include: patterns, exclude: patterns }), { nil: undefined })
const refusal = fc.record({
  code: fc.constantFrom(...(Object.keys(refusalCodes) as RefusalCode[])),
  text
})
const hello = fc.record({
  versionMin: fc.constant(1),
  version: fc.integer({ min: 1, max: 255 }),
  capabilities: u32,
  network: name,
  broker: name,
  brokerId: id,
  incarnation: integer,
  connectorName: text,
  isDuplex: fc.boolean(),
  frameBytesMax: fc.integer({ min: 65_536, max: 0xffffffff }),
  cost,
  include: patterns,
  exclude: patterns
})
const bridge = fc.record({ peer: text, cost, sends: fc.boolean(), filter })
const record = fc.record({
  broker: text,
  brokerId: text,
  incarnation: integer,
  sequence: integer,
  isTransit: fc.boolean(),
  bridges: fc.array(bridge, { maxLength: 4 })
})
const mark = fc.record({ broker: text, brokerId: text, incarnation: integer, sequence: integer })
const demandMark = fc.record({ broker: text, incarnation: integer, version: integer })
const digest = fc.record({
  records: fc.array(mark, { maxLength: 4 }),
  demands: fc.array(demandMark, { maxLength: 4 })
})
const demand = fc.record({
  broker: text,
  incarnation: integer,
  version: integer,
  entries: fc.array(entry, { maxLength: 8 })
})
const delta = fc.record({
  broker: text,
  incarnation: integer,
  fromVersion: integer,
  toVersion: integer,
  set: fc.array(entry, { maxLength: 5 }),
  removed: fc.array(removed, { maxLength: 5 })
})
const alias = fc.nat({ max: 65_535 })
const define = fc.oneof(
  fc.record({ kind: fc.constant('origin'), alias, broker: text, incarnation: integer }),
  fc.record({
    kind: fc.constant('destination'),
    alias,
    of: fc.constantFrom('queue', 'topic', 'temp-queue'),
    name: text
  }),
  fc.record({ kind: fc.constant('broker'), alias, broker: text })
)
const positive = integer.map((value) => Math.max(1, value))
const reception = fc.record({ epoch: integer, highWater: integer })
const received = fc.tuple(reception, reception)
const start = fc.record({ generation: integer, received })
const lane = fc.constantFrom(...Object.values(lanes))
const rejection = fc.record({
  lane,
  sequence: integer,
  code: fc.constantFrom(...(Object.keys(rejectionCodes) as RejectionCode[])),
  text
})
const inquiry = {
  to: text,
  from: text,
  fromIncarnation: integer,
  toIncarnation: integer,
  generation: integer,
  hopsLeft: fc.nat({ max: 255 })
}

const routed = { to: text, from: text, hopsLeft: fc.nat({ max: 255 }) }
const queueGrant = fc.record({ queue: text, arrived: integer, room: integer, capacity: integer })

function frameCase<T>(codec: FrameCodec<T>, values: fc.Arbitrary<unknown>): FrameCase {
  return { codec: codec as FrameCodec<unknown>, values }
}

/** Every frame but PART and DATA, which carry ranges of bytes and are tested by themselves. */
export const frameCases: readonly FrameCase[] = [
  frameCase(helloFrame, hello),
  frameCase(startFrame, start),
  frameCase(refuseFrame, refusal),
  frameCase(goodbyeFrame, refusal),
  frameCase(pingFrame, u32),
  frameCase(pongFrame, u32),
  frameCase(recordFrame, record),
  frameCase(digestFrame, digest),
  frameCase(demandFrame, demand),
  frameCase(deltaFrame, delta),
  frameCase(demandRequestFrame, text),
  frameCase(inquiryFrame, fc.record(inquiry)),
  frameCase(answerFrame, fc.record({ ...inquiry, fromId: text, received })),
  frameCase(grantFrame, fc.record({ ...routed, via: patterns, queues: fc.array(queueGrant) })),
  frameCase(
    shortFrame,
    fc.record({ ...routed, queues: fc.array(fc.record({ queue: text, limit: integer })) })
  ),
  frameCase(epochFrame, fc.record({ lane, epoch: positive, first: positive })),
  frameCase(defineFrame, define),
  frameCase(resetFrame, fc.constantFrom('origin', 'destination', 'broker')),
  frameCase(ackFrame, fc.record({ lane, highWater: integer })),
  frameCase(rejectFrame, rejection),
  frameCase(voidFrame, fc.record({ lane, sequence: integer }))
]

/** True when UTF-8 can carry the text: no half of a surrogate pair. */
function isWellFormed(candidate: string): boolean {
  return Buffer.from(candidate).toString() === candidate
}
