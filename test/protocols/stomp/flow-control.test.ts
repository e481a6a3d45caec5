// Back-pressure both ways: clients that read slowly or not at all, queues and a broker that are
// full, and that nobody else notices.

import test from 'ava'
import type { StompSession } from '../../../src/protocols/stomp/session.ts'
import type { StompPeer } from '../../support/stomp-peer.ts'
import { StompWorld, type StompWorldOptions } from '../../support/stomp-world.ts'

/** Windows small enough that a client which does not read is noticed soon. */
const narrow: StompWorldOptions = {
  network: { windowBytes: 10_000 },
  stomp: { outputQueuedBytesMax: 20_000 }
}

/** The broker's side of the client that connected at position `index`. */
function sessionOf(world: StompWorld, index: number): StompSession {
  return [...world.server.registry.all()][index]!
}

function produce(peer: StompPeer, count: number, destination: string, bodyBytes = 0): void {
  const pad = 'x'.repeat(bodyBytes)
  for (let i = 0; i < count; i += 1) peer.send('SEND', { destination, pad }, `${i}`)
}

function numbers(count: number, start = 0): string[] {
  return Array.from({ length: count }, (_, i) => `${start + i}`)
}

for (const ack of ['auto', 'client'] as const) {
  for (const carrier of ['tcp', 'ws'] as const) {
    test(`a client that does not read (ack:${ack}, ${carrier}) gets no more than fits`, (t) => {
      const world = new StompWorld(narrow)
      const slow = world.client({ carrier })
      slow.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack, 'prefetch-count': '0' })
      world.run()
      slow.stopReading()
      const producer = world.client()
      produce(producer, 1_000, '/queue/a', 200)
      world.run(1_000)
      const session = sessionOf(world, 0)
      t.true(session.isCongested)
      // The bound, and the slab that went over it.
      t.true(session.connection.bytesQueued <= 20_000 + 65_536)
      const queue = world.broker.queues.find('a')!
      t.is(queue.held > 500, true, 'the rest waits in the queue')
      slow.startReading()
      world.run(5_000)
      t.false(session.isCongested)
      t.deepEqual(slow.bodies, numbers(1_000))
      t.is(queue.ready.length, 0)
    })
  }
}

test('what a slow client does not take goes to others', (t) => {
  const world = new StompWorld(narrow)
  const slow = world.client()
  const quick = world.client()
  for (const peer of [slow, quick]) peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  world.run()
  slow.stopReading()
  produce(world.client(), 2_000, '/queue/a', 200)
  world.run(1_000)
  t.is(world.broker.queues.find('a')!.held, 0)
  t.true(quick.messages.length > 1_500)
  slow.startReading()
  world.run(1_000)
  t.deepEqual(
    [...slow.bodies, ...quick.bodies].map(Number).sort((a, b) => a - b),
    numbers(2_000).map(Number)
  )
})

test('a client that dies without having read loses nothing it has not acknowledged', (t) => {
  const world = new StompWorld(narrow)
  const slow = world.client()
  slow.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client', 'prefetch-count': '0' })
  world.run()
  slow.stopReading()
  produce(world.client(), 1_000, '/queue/a', 200)
  world.run(1_000)
  world.network.reset('broker', slow.name)
  const heir = world.client()
  heir.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  world.run(1_000)
  t.deepEqual(heir.bodies, numbers(1_000))
})

test('subscriptions of one slow connection take turns, so that none starves', (t) => {
  const world = new StompWorld(narrow)
  const slow = world.client()
  world.network.setQuality('broker', slow.name, { bytesPerSecond: 200_000 })
  for (const id of ['a', 'b', 'c']) slow.send('SUBSCRIBE', { id, destination: `/queue/${id}` })
  const producer = world.client()
  // A backlog that takes ten seconds to read at this speed.
  slow.stopReading()
  for (const id of ['a', 'b', 'c']) produce(producer, 2_500, `/queue/${id}`, 200)
  world.run(1_000)
  slow.startReading()
  world.run(3_000)
  const counts = new Map<string, number>()
  for (const frame of slow.messages) {
    const id = frame.get('subscription')!
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  t.true(slow.messages.length < 5_000)
  for (const id of ['a', 'b', 'c']) {
    t.true((counts.get(id) ?? 0) > 300, `${id} got ${counts.get(id)} of ${slow.messages.length}`)
  }
})

test('a subscription made while the client does not read waits for its turn', (t) => {
  const world = new StompWorld(narrow)
  const slow = world.client()
  slow.send('SUBSCRIBE', { id: 'a', destination: '/queue/a' })
  world.run()
  slow.stopReading()
  const producer = world.client()
  produce(producer, 500, '/queue/a', 200)
  produce(producer, 5, '/queue/b')
  world.run(500)
  slow.send('SUBSCRIBE', { id: 'b', destination: '/queue/b' })
  world.run()
  t.is(world.broker.queues.find('b')!.held, 5)
  slow.startReading()
  world.run(1_000)
  t.is(slow.messages.filter((frame) => frame.get('subscription') === 'b').length, 5)
  t.is(slow.messages.length, 505)
})

test('ACKs of a client that does not read are still heard', (t) => {
  const world = new StompWorld(narrow)
  const slow = world.client()
  slow.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client', 'prefetch-count': '0' })
  produce(world.client(), 20, '/queue/a')
  world.run()
  slow.stopReading()
  produce(world.client(), 1_000, '/queue/a', 200)
  world.run(500)
  t.true(sessionOf(world, 0).isCongested)
  const held = world.broker.queues.find('a')!.held
  slow.send('ACK', { id: slow.messages[19]!.get('ack')! })
  world.run()
  t.is(world.broker.queues.find('a')!.held, held - 20)
})

test('small writes to a client that lags behind do not pin a slab each', (t) => {
  const world = new StompWorld(narrow)
  const slow = world.client()
  slow.send('SUBSCRIBE', { id: '1', destination: '/topic/a' })
  world.run()
  slow.stopReading()
  const producer = world.client()
  const { connection } = sessionOf(world, 0)
  const written: Buffer[] = []
  const write = connection.write.bind(connection)
  connection.write = (bytes) => {
    const outcome = write(bytes)
    if (outcome === 'queued') written.push(bytes)
    return outcome
  }
  for (let i = 0; i < 150; i += 1) {
    producer.send('SEND', { destination: '/topic/a', pad: 'x'.repeat(100) }, `${i}`)
    world.run(2)
  }
  t.true(written.length > 50)
  const pinned = new Set(written.map((bytes) => bytes.buffer))
  const pinnedBytes = [...pinned].reduce((sum, buffer) => sum + buffer.byteLength, 0)
  const queuedBytes = written.reduce((sum, bytes) => sum + bytes.length, 0)
  t.true(pinnedBytes < 3 * queuedBytes + 2 * 65_536, `${pinnedBytes} for ${queuedBytes}`)
})

test('a full queue holds back its producer, and opens again at 80 %', (t) => {
  const world = new StompWorld({ broker: { queueMessagesMax: 100 } })
  const producer = world.client()
  const other = world.client()
  produce(producer, 150, '/queue/a')
  world.run()
  const queue = world.broker.queues.find('a')!
  t.is(queue.held, 100)
  t.is(world.server.registry.pausedProducers, 1)
  other.send('SEND', { destination: '/queue/b', receipt: 'r' }, 'x')
  world.run()
  t.deepEqual(other.receipts, ['r'], 'others go on')
  const headers = { id: '1', destination: '/queue/a', ack: 'client-individual' }
  other.send('SUBSCRIBE', { ...headers, 'prefetch-count': '100' })
  world.run()
  const ids = other.messages.map((frame) => frame.get('ack')!)
  for (const id of ids.slice(0, 19)) other.send('ACK', { id })
  world.run()
  t.is(world.server.registry.pausedProducers, 1, '81 are too many')
  t.is(queue.enqueued, 100)
  other.send('ACK', { id: ids[19]! })
  world.run()
  t.is(queue.enqueued, 120, 'full again')
  for (const id of ids.slice(20)) other.send('ACK', { id })
  world.run()
  t.is(queue.enqueued, 150)
  t.is(world.server.registry.pausedProducers, 0)
})

test('a queue is full by bytes, too', (t) => {
  const world = new StompWorld({ broker: { queueBytesMax: 100_000 } })
  const producer = world.client()
  produce(producer, 150, '/queue/a', 1_000)
  world.run()
  const queue = world.broker.queues.find('a')!
  t.true(queue.bytes >= 100_000 && queue.bytes < 102_000)
  const consumer = world.client()
  consumer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  world.run(500)
  t.deepEqual(consumer.bodies, numbers(150))
})

test('a full broker holds back every producer, and nothing is lost', (t) => {
  const world = new StompWorld({ broker: { memoryBytesMax: 100_000 } })
  const producers = [world.client(), world.client()]
  for (const [i, producer] of producers.entries()) produce(producer, 100, `/queue/q${i}`, 1_000)
  world.run()
  t.is(world.server.registry.pausedProducers, 2)
  t.true(world.broker.memory.bytesUsed < 110_000)
  const consumer = world.client()
  consumer.send('SUBSCRIBE', { id: '1', destination: '/queue/>' })
  world.run(1_000)
  t.is(consumer.messages.length, 200)
  t.is(world.server.registry.pausedProducers, 0)
  t.is(world.broker.memory.bytesUsed, 0)
})

test('a producer that is held back and goes leaves no waiter at the gate', (t) => {
  const world = new StompWorld({ broker: { queueMessagesMax: 2 } })
  const producer = world.client()
  produce(producer, 5, '/queue/a')
  world.run()
  const { gate } = world.broker.queues.find('a')!
  t.is(gate.waiters, 1)
  world.network.reset('broker', producer.name)
  world.run()
  t.is(gate.waiters, 0)
  t.is(world.server.registry.pausedProducers, 0)
})

test('a slow topic subscriber paces the producer and loses nothing', (t) => {
  const world = new StompWorld({ ...narrow, broker: { topicPendingMessagesMax: 100 } })
  const slow = world.client()
  world.network.setQuality('broker', slow.name, { bytesPerSecond: 50_000 })
  slow.send('SUBSCRIBE', { id: '1', destination: '/topic/a' })
  world.run()
  const producer = world.client()
  produce(producer, 2_000, '/topic/a', 200)
  world.run(1_000)
  t.is(world.server.registry.pausedProducers, 1)
  t.true(world.broker.counters.published < 1_000)
  world.run(20_000)
  t.deepEqual(slow.bodies, numbers(2_000))
  t.is(world.broker.notDelivered.get('slow-consumer'), 0)
})

test('a stuck topic subscriber loses its oldest messages after a while, others go on', (t) => {
  const limits = { topicPendingMessagesMax: 100, slowConsumerPatienceMs: 2_000 }
  const world = new StompWorld({ ...narrow, broker: limits })
  const stuck = world.client()
  const quick = world.client()
  for (const peer of [stuck, quick]) peer.send('SUBSCRIBE', { id: '1', destination: '/topic/a' })
  world.run()
  stuck.stopReading()
  const producer = world.client()
  produce(producer, 1_000, '/topic/a', 200)
  world.run(1_000)
  t.is(world.server.registry.pausedProducers, 1)
  t.true(quick.messages.length < 500)
  world.run(5_000)
  t.is(world.server.registry.pausedProducers, 0)
  t.deepEqual(quick.bodies, numbers(1_000))
  const dropped = world.broker.notDelivered.get('slow-consumer')
  t.true(dropped > 500)
  stuck.startReading()
  world.run(1_000)
  t.is(stuck.messages.length, 1_000 - dropped)
  const last = stuck.bodies.slice(-100)
  t.deepEqual(last, numbers(100, 900))
})

test('a client that has read nothing for a minute is ended, and its messages are free', (t) => {
  const world = new StompWorld(narrow)
  const hung = world.client()
  hung.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client', 'prefetch-count': '0' })
  world.run()
  hung.stopReading()
  produce(world.client(), 1_000, '/queue/a', 200)
  world.run(55_000)
  t.is(world.server.registry.size, 2)
  world.run(15_000)
  t.is(world.server.registry.size, 1)
  const ended = world.logger.lines.find(({ event }) => event === 'client-error')
  t.regex(`${ended?.fields.detail}`, /the client has read nothing for 6\d{4} ms/)
  const heir = world.client()
  heir.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  world.run(1_000)
  t.deepEqual(heir.bodies, numbers(1_000))
})

test('a client that reads very slowly is not taken for one that has hung', (t) => {
  const world = new StompWorld(narrow)
  const slow = world.client({ headers: { 'heart-beat': '0,1000' } })
  world.network.setQuality('broker', slow.name, { bytesPerSecond: 300 })
  slow.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  world.run(1_000)
  produce(world.client(), 500, '/queue/a', 200)
  world.run(300_000)
  t.true(slow.isConnected)
  t.true(sessionOf(world, 0).isCongested)
  t.true(slow.messages.length > 50)
})

test('hung subscribers that fill the memory of the broker hold it back for a while only', (t) => {
  const world = new StompWorld({ ...narrow, broker: { memoryBytesMax: 1_000_000 } })
  const hung = Array.from({ length: 20 }, () => world.client())
  for (const peer of hung) peer.send('SUBSCRIBE', { id: '1', destination: '/topic/a' })
  world.run()
  for (const peer of hung) peer.stopReading()
  produce(world.client(), 500, '/topic/a', 1_000)
  const other = world.client()
  for (const receipt of ['1', '2', '3']) {
    other.send('SEND', { destination: '/queue/b', receipt }, 'x')
  }
  world.run(120_000)
  t.deepEqual(other.receipts, ['1', '2', '3'])
  t.is(world.server.registry.pausedProducers, 0)
  t.is(world.server.registry.size, 2)
})

test('many clients come and go and leave nothing behind', (t) => {
  const world = new StompWorld({ broker: { queueMessagesMax: 50 } })
  for (let round = 0; round < 20; round += 1) {
    const peer = world.client({ headers: { 'heart-beat': '1000,1000' } })
    const other = world.client()
    peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
    peer.send('SUBSCRIBE', { id: '2', destination: '/topic/a' })
    peer.send('SUBSCRIBE', { id: '3', destination: '/temp-queue/r' })
    peer.send('BEGIN', { transaction: 't' })
    peer.send('SEND', { destination: '/queue/a', transaction: 't' }, 'x')
    produce(other, 5, '/topic/a')
    produce(other, 60, '/queue/a')
    world.run()
    if (round % 3 === 0) peer.send('DISCONNECT')
    else if (round % 3 === 1) peer.destroy()
    else world.network.reset('broker', peer.name)
    world.network.reset('broker', other.name)
    world.run(100)
  }
  t.is(world.server.registry.size, 0)
  t.is(world.server.registry.pausedProducers, 0)
  t.is(world.broker.topics.size, 0)
  t.deepEqual(
    world.broker.queues.all().map((queue) => queue.name),
    ['a']
  )
  t.is(world.broker.queues.find('a')!.consumers.local.length, 0)
  world.run(100_000)
  t.is(world.scheduler.pending, 0, 'no timer of theirs runs on')
  const drain = world.client()
  drain.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  world.run(500)
  t.is(world.broker.memory.bytesUsed, 0)
})
