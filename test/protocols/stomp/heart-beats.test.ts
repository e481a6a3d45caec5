// Heart-beats in both directions, in virtual time.

import test from 'ava'
import { StompWorld } from '../../support/stomp-world.ts'

const clause = '[STOMP 1.2 Heart-beating]'

/** heart-beat header of CONNECTED for the client's. */
function agreed(asked: string, version: '1.0' | '1.1' | '1.2' = '1.2'): string | undefined {
  const world = new StompWorld()
  const peer = world.open()
  const headers = version === '1.0' ? {} : { 'accept-version': version }
  peer.send('CONNECT', { ...headers, 'heart-beat': asked })
  world.run()
  return peer.frames[0]?.get('heart-beat')
}

test(`CONNECTED mirrors the intervals the client asked for ${clause}`, (t) => {
  t.is(agreed('5000,7000'), '7000,5000')
  t.is(agreed('5000,7000', '1.1'), '7000,5000')
  t.is(agreed('0,1000'), '1000,0')
  t.is(agreed('1000,0'), '0,1000')
  t.is(agreed('0,0'), '0,0')
})

test('intervals below the shortest are raised to it, zero stays zero', (t) => {
  t.is(agreed('1,99'), '100,100')
  t.is(agreed('0,1'), '100,0')
})

test('1.0 knows no heart-beats', (t) => {
  t.is(agreed('5000,7000', '1.0'), undefined)
})

for (const bad of ['', '1', '1,', 'a,b', '-1,0', '1,2,3', '1.5,2', '9999999999,0']) {
  test(`heart-beat:"${bad}" is refused ${clause}`, (t) => {
    const world = new StompWorld()
    const peer = world.open()
    peer.send('CONNECT', { 'accept-version': '1.2', 'heart-beat': bad })
    world.run()
    t.regex(peer.error?.get('message') ?? '', /heart-beat:".*" must be two numbers/)
    t.true(peer.isClosed)
  })
}

test(`a client silent for twice its interval is ended ${clause}`, (t) => {
  const world = new StompWorld()
  const peer = world.client({ headers: { 'heart-beat': '1000,0' } })
  world.run(1_900)
  t.false(peer.isClosed)
  world.run(200)
  t.regex(peer.error?.get('message') ?? '', /no heart-beat from the client for 2000 ms/)
  t.true(peer.isClosed)
  t.is(world.server.registry.size, 0)
})

test('the two intervals count from the last byte the client sent', (t) => {
  const world = new StompWorld()
  const peer = world.client({ headers: { 'heart-beat': '1000,0' } })
  for (let i = 0; i < 10; i += 1) {
    world.run(1_900)
    peer.write(i % 2 === 0 ? '\n' : 'SEND\n')
    if (i % 2 === 1) peer.write(`destination:/queue/a\n\n${i}\0`)
  }
  t.false(peer.isClosed)
  world.run(1_900)
  t.false(peer.isClosed)
  world.run(150)
  t.true(peer.isClosed)
})

test('half a frame is a sign of life too', (t) => {
  const world = new StompWorld()
  const peer = world.client({ headers: { 'heart-beat': '1000,0' } })
  const frame = 'SEND\ndestination:/queue/a\n\nhello'
  for (const letter of frame) {
    peer.write(letter)
    world.run(1_500)
  }
  t.false(peer.isClosed)
})

test(`the broker is never silent for longer than it promised ${clause}`, (t) => {
  const world = new StompWorld()
  const peer = world.client({ headers: { 'heart-beat': '0,1000' } })
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  world.run()
  const sender = world.client()
  let bytes = peer.bytesReceived
  let silentMs = 0
  let longestMs = 0
  for (let ms = 0; ms < 60_000; ms += 10) {
    // Now and then something is sent, at times that meet every phase of the beat.
    if (ms % 3_370 === 0) sender.send('SEND', { destination: '/queue/a' }, 'x')
    world.run(10)
    silentMs = peer.bytesReceived === bytes ? silentMs + 10 : 0
    longestMs = Math.max(longestMs, silentMs)
    bytes = peer.bytesReceived
  }
  t.true(longestMs <= 1_000, `${longestMs} ms of silence`)
  t.true(peer.heartBeats > 30)
})

test('the broker sends no beats while it has messages to send', (t) => {
  const world = new StompWorld({ network: { isResplitting: false } })
  const peer = world.client({ headers: { 'heart-beat': '0,1000' } })
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  const sender = world.client()
  for (let i = 0; i < 40; i += 1) {
    sender.send('SEND', { destination: '/queue/a' }, 'x')
    world.run(500)
  }
  t.is(peer.messages.length, 40)
  t.is(peer.heartBeats, 0)
})

test('a client that asked for no beats gets none', (t) => {
  const world = new StompWorld()
  const peer = world.client({ headers: { 'heart-beat': '0,0' } })
  const bytes = peer.bytesReceived
  world.run(100_000)
  t.is(peer.bytesReceived, bytes)
  t.false(peer.isClosed)
})

test('the longest interval there is ends nobody early', (t) => {
  const world = new StompWorld()
  const peer = world.client({ headers: { 'heart-beat': '2147483647,2147483647' } })
  world.run(100_000)
  t.false(peer.isClosed)
})

test('a producer that is held back is not taken for dead', (t) => {
  const world = new StompWorld({ broker: { queueMessagesMax: 2 } })
  const peer = world.client({ headers: { 'heart-beat': '1000,0' } })
  for (let i = 0; i < 4; i += 1) peer.send('SEND', { destination: '/queue/a' }, `${i}`)
  const beating = setBeats(world, peer, 500)
  beating(20_000)
  t.is(world.server.registry.pausedProducers, 1)
  t.false(peer.isClosed)
  const consumer = world.client()
  consumer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  beating(5_000)
  t.deepEqual(consumer.bodies, ['0', '1', '2', '3'])
  t.false(peer.isClosed)
})

/** Lets time pass while the client beats. */
function setBeats(
  world: StompWorld,
  peer: ReturnType<StompWorld['client']>,
  everyMs: number
): (spanMs: number) => void {
  return (spanMs) => {
    for (let ms = 0; ms < spanMs; ms += everyMs) {
      peer.write('\n')
      world.run(everyMs)
    }
  }
}

test('the death of a producer that is held back is noticed, though nothing is read', (t) => {
  const world = new StompWorld({ broker: { queueMessagesMax: 4 } })
  const peer = world.client()
  // It holds all that is in the queue, and has filled it: only its end can free the queue.
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
  for (let i = 0; i < 6; i += 1) peer.send('SEND', { destination: '/queue/a' }, `${i}`)
  world.run()
  t.is(peer.messages.length, 4)
  t.is(world.server.registry.pausedProducers, 1)
  peer.destroy()
  world.run(15_000)
  t.is(world.server.registry.size, 0)
  t.is(world.server.registry.pausedProducers, 0)
  const heir = world.client()
  heir.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  world.run()
  t.deepEqual(heir.bodies, ['0', '1', '2', '3'])
})

test('a beat never comes in the middle of a large frame', (t) => {
  // Turns are long enough for beats to fall between the parts of a frame.
  const world = new StompWorld({ turnUsMax: 90_000, network: { windowBytes: 40_000 } })
  const peer = world.open()
  peer.send('CONNECT', { 'accept-version': '1.2', 'heart-beat': '0,100' })
  world.run(500)
  const sender = world.open()
  sender.send('CONNECT', { 'accept-version': '1.2' })
  const body = Buffer.alloc(100_000, 'b')
  peer.send('SUBSCRIBE', { id: '1', destination: '/topic/a' })
  world.run(500)
  for (let i = 0; i < 50; i += 1) {
    sender.send('SEND', { destination: '/topic/a' }, body)
    world.run(300 + i * 7)
  }
  world.run(1_000)
  t.is(peer.messages.length, 50)
  t.true(peer.messages.every((frame) => frame.body.equals(body)))
  t.true(peer.heartBeats > 0)
})
