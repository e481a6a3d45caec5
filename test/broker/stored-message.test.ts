// The stored form of a message reads back as what it was.

import test from 'ava'
import fc from 'fast-check'
import { AssertionFailure } from '../../src/base/index.ts'
import { Message, messageOrigin } from '../../src/broker/index.ts'
import { readStoredMessage, storableMessage } from '../../src/broker/stored-message.ts'
import { BrokerWorld } from '../support/broker-world.ts'

const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array))
const name = fc.stringMatching(/^[a-zé注]{1,8}(\.[a-z]{1,4}){0,2}$/)

const facts = fc.record({
  kind: fc.constantFrom('queue', 'topic', 'temp-queue'),
  name,
  broker: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,20}$/),
  incarnation: fc.maxSafeNat(),
  sequence: fc.maxSafeNat(),
  isPersistent: fc.boolean(),
  hasEscapes: fc.boolean(),
  isRedelivered: fc.boolean(),
  priority: fc.integer({ min: 0, max: 9 }),
  redirects: fc.integer({ min: 0, max: 255 }),
  liveMs: fc.option(fc.integer({ min: 1, max: 10_000_000 })),
  before: bytes,
  headers: bytes,
  between: bytes,
  body: bytes
})

test('any message is read back as it was, wherever its bytes lay', (t) => {
  const world = new BrokerWorld()
  const { destinations } = world.broker
  fc.assert(
    fc.property(facts, (f) => {
      const origin = messageOrigin(f.broker, f.incarnation)
      const message = new Message(destinations.get(f.kind, f.name), origin, f.sequence)
      Object.assign(message, {
        isPersistent: f.isPersistent,
        hasEscapes: f.hasEscapes,
        isRedelivered: f.isRedelivered,
        priority: f.priority,
        redirects: f.redirects,
        expiresAtMs: f.liveMs === null ? 0 : world.clock.monotonicMs() + f.liveMs
      })
      const chunk = Buffer.concat([f.before, f.headers, f.between, f.body])
      message.headers = chunk
      message.headersStart = f.before.length
      message.headersEnd = f.before.length + f.headers.length
      message.body = chunk
      message.bodyStart = chunk.length - f.body.length
      message.bodyEnd = chunk.length
      const storable = storableMessage(message, world.clock)
      const stored = storable.encode()
      t.is(stored.length, storable.encodedBytes)
      const read = readStoredMessage(stored, destinations, world.clock)
      t.is(read.destination, message.destination)
      t.is(read.id, message.id)
      t.is(read.origin.incarnation, f.incarnation)
      for (const key of ['isPersistent', 'hasEscapes', 'isRedelivered', 'priority'] as const) {
        t.is(read[key], message[key])
      }
      t.is(read.redirects, f.redirects)
      t.true(Math.abs(read.expiresAtMs - message.expiresAtMs) < 0.01)
      t.deepEqual(read.headers.subarray(read.headersStart, read.headersEnd), f.headers)
      t.deepEqual(read.body.subarray(read.bodyStart, read.bodyEnd), f.body)
    }),
    { numRuns: 300 }
  )
})

test('time to live goes on while the broker is down, by the wall clock', (t) => {
  const world = new BrokerWorld()
  const message = world.aMessage({ expiresInMs: 5_000 })
  const stored = storableMessage(message, world.clock).encode()
  world.clock.stepWall(3_000)
  const read = readStoredMessage(stored, world.broker.destinations, world.clock)
  t.is(Math.round(read.expiresAtMs - world.clock.monotonicMs()), 2_000)
  world.clock.stepWall(10_000)
  const late = readStoredMessage(stored, world.broker.destinations, world.clock)
  t.true(late.expiresAtMs > 0 && late.expiresAtMs < world.clock.monotonicMs())
})

test('an unknown version is not guessed at', (t) => {
  const world = new BrokerWorld()
  const stored = storableMessage(world.aMessage(), world.clock).encode()
  stored[0] = 9
  t.throws(() => readStoredMessage(stored, world.broker.destinations, world.clock), {
    instanceOf: AssertionFailure
  })
})
