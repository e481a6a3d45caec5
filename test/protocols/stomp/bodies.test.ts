// Bodies: any bytes, any length, with and without content-length, on the small and the large path.

import test from 'ava'
import { StompWorld } from '../../support/stomp-world.ts'

const bodyClause = '[STOMP 1.2 Body]'
const versions = ['1.0', '1.1', '1.2'] as const

function patterned(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let i = 0; i < length; i += 1) bytes[i] = (i * 31 + (i >> 8)) & 0xff
  return bytes
}

/** Around every bound on the way out: short copies, whole frames, slabs, the transport's window. */
const sizes = [
  0, 1, 47, 48, 49, 1_000, 32_767, 32_768, 32_769, 48_700, 49_152, 65_535, 65_536, 70_000
]
const largeSizes = [262_144, 1_048_576]

for (const version of versions) {
  test(`bodies of all sizes come to a ${version} client byte for byte ${bodyClause}`, (t) => {
    const world = new StompWorld()
    const peer = world.client({ version })
    peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
    for (const size of [...sizes, ...largeSizes]) {
      const body = patterned(size)
      const headers = { destination: '/queue/a', size: `${size}`, escaped: 'a\\b' }
      peer.send('SEND', headers, body)
      world.run(500)
      const frame = peer.take()[0]!
      t.is(frame.get('size'), `${size}`)
      t.is(frame.get('escaped'), 'a\\b')
      t.is(frame.get('content-length'), `${size}`)
      t.true(frame.body.equals(body), `${size} bytes`)
    }
  })
}

test('bodies of all sizes come through when many are on their way at once', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  const sent = [...sizes, ...[...sizes].reverse(), ...largeSizes, ...sizes]
  for (const size of sent) peer.send('SEND', { destination: '/queue/a' }, patterned(size))
  world.run(2_000)
  t.deepEqual(
    peer.messages.map((frame) => frame.body.length),
    sent
  )
  t.true(peer.messages.every((frame) => frame.body.equals(patterned(frame.body.length))))
})

test('bodies that wait in a queue come through later, and after their connection ended', (t) => {
  const world = new StompWorld()
  const producer = world.client()
  const sent = [...sizes, ...largeSizes]
  for (const size of sent) producer.send('SEND', { destination: '/queue/a' }, patterned(size))
  world.run(1_000)
  producer.end()
  world.run(1_000)
  const consumer = world.client()
  consumer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
  world.run(1_000)
  t.true(consumer.messages.every((frame, i) => frame.body.equals(patterned(sent[i]!))))
  t.is(consumer.messages.length, sent.length)
})

test(`a body with content-length may hold NUL bytes ${bodyClause}`, (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  const body = Buffer.from('\0a\0\0b\n\0')
  peer.send('SEND', { destination: '/queue/a' }, body)
  world.run()
  t.true(peer.messages[0]!.body.equals(body))
})

test(`a body without content-length ends at the first NUL ${bodyClause}`, (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  const long = 'y'.repeat(200_000)
  for (const body of ['', 'x', long]) peer.write(`SEND\ndestination:/queue/a\n\n${body}\0\n`)
  world.run(500)
  t.deepEqual(peer.bodies, ['', 'x', long])
  t.deepEqual(
    peer.messages.map((frame) => frame.get('content-length')),
    ['0', '1', '200000']
  )
})

test('a body with more bytes than content-length says ends the connection', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.write('SEND\ndestination:/queue/a\ncontent-length:2\n\nabc\0')
  world.run()
  t.regex(peer.error?.get('message') ?? '', /malformed frame/)
  t.is(world.broker.counters.published, 0)
})

test('frames other than SEND may have no body [STOMP 1.2 Body]', (t) => {
  const world = new StompWorld()
  for (const version of ['1.1', '1.2'] as const) {
    const peer = world.client({ version })
    peer.write('BEGIN\ntransaction:t\n\nbody\0')
    world.run()
    t.regex(peer.error?.get('message') ?? '', /malformed frame: .*BEGIN/)
  }
  const old = world.client({ version: '1.0' })
  old.write('BEGIN\ntransaction:t\nreceipt:r\n\nbody\0')
  world.run()
  t.deepEqual(old.receipts, ['r'])
})

test('a frame at the limit is taken, one byte more ends the connection', (t) => {
  const world = new StompWorld({ stomp: { frameBytesMax: 10_000 } })
  const head = 'SEND\ndestination:/queue/a\nreceipt:r\n\n'
  const fitting = world.client()
  fitting.write(`${head}${'x'.repeat(10_000 - head.length - 1)}\0`)
  world.run()
  t.deepEqual(fitting.receipts, ['r'])
  const large = world.client()
  large.write(`${head}${'x'.repeat(10_000 - head.length)}\0`)
  world.run()
  t.regex(large.error?.get('message') ?? '', /10000/)
  t.true(large.isClosed)
})

test('a content-length over the limit is refused before the body comes', (t) => {
  const world = new StompWorld({ stomp: { frameBytesMax: 10_000 } })
  const peer = world.client()
  peer.write('SEND\ndestination:/queue/a\ncontent-length:999999999\n\n')
  world.run()
  t.regex(peer.error?.get('message') ?? '', /content-length "999999999"/)
})
