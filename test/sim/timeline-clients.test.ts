// Events of the timeline that happen to clients: each does what it says, and the judges stay quiet.

import test from 'ava'
import { chain } from '../../sim/topologies.ts'
import { aConsumer, aProducer } from './small-world.ts'
import { onStage } from './timeline-world.ts'

const destination = '/queue/q'
const queueAcross = {
  topology: chain(3),
  producers: [aProducer({ at: 'a', destination })],
  consumers: [aConsumer({ at: 'c', destination })]
}

test('move: a consumer takes its messages at its new broker', (t) => {
  for (const leaving of ['orderly', 'abrupt'] as const) {
    onStage(t, queueAcross, ({ world, happen, deliveries }) => {
      happen({ kind: 'move', client: 'c', to: 'a', leaving })
      world.settle()
      t.is(world.placeOf(queueAcross.consumers[0]!), 'a')
      const crossed = world.broker('b').running.network.router.forwarded
      const before = deliveries()
      world.runFor(1_000)
      t.true(deliveries() - before > 30)
      t.is(world.broker('b').running.network.router.forwarded, crossed, 'nothing crosses b')
    })
  }
})

test('move: a producer sends to its new broker, and its numbers go on', (t) => {
  for (const leaving of ['orderly', 'abrupt'] as const) {
    const result = onStage(t, queueAcross, ({ world, happen }) => {
      world.runFor(500)
      happen({ kind: 'move', client: 'p', to: 'b', leaving })
      world.settle()
      t.is(world.placeOf(queueAcross.producers[0]!), 'b')
      world.runFor(500)
    })
    const origins = [...result.world.ledger.all()].map(({ origin }) => origin)
    t.true(origins.filter((origin) => origin === 'b').length > 10)
    t.is(origins.lastIndexOf('a') + 1, origins.indexOf('b'))
  }
})

test('arrive: a late consumer of the plan comes; leave: it goes for good', (t) => {
  const late = aConsumer({ name: 'late', at: 'b', destination: '/topic/t', isLate: true })
  const producers = [aProducer({ at: 'a' })]
  onStage(
    t,
    { topology: chain(3), producers, consumers: [late] },
    ({ world, happen, deliveries }) => {
      world.runFor(500)
      t.is(deliveries(), 0)
      happen({ kind: 'arrive', client: 'late' })
      world.settle()
      world.runFor(500)
      const count = deliveries()
      t.true(count > 10)
      happen({ kind: 'leave', client: 'late', leaving: 'orderly' })
      world.settle()
      world.runFor(500)
      t.true(deliveries() - count < 5)
      t.false(world.consumers.has('late'))
      // It may come again, under other session names than before.
      happen({ kind: 'arrive', client: 'late' })
      world.settle()
      world.runFor(500)
      t.is(world.consumers.get('late')!.sessionId, 'late#2')
      t.true(deliveries() - count > 10)
    }
  )
})

test('leave: a producer sends nothing more; arrive: it comes back and goes on', (t) => {
  onStage(t, queueAcross, ({ world, happen }) => {
    world.runFor(500)
    happen({ kind: 'leave', client: 'p', leaving: 'orderly' })
    world.settle()
    const { size } = world.ledger
    world.runFor(500)
    t.is(world.ledger.size, size)
    t.false(world.producers.get('p')!.isConnected)
    happen({ kind: 'arrive', client: 'p' })
    world.settle()
    world.runFor(500)
    t.true(world.ledger.size - size > 10)
  })
})

test('arrive: a late producer of the plan comes, and all it sends is delivered', (t) => {
  const late = aProducer({ name: 'late', at: 'a', isLate: true })
  const consumers = [aConsumer({ at: 'c' })]
  onStage(
    t,
    { topology: chain(3), producers: [late], consumers },
    ({ world, happen, deliveries }) => {
      world.runFor(500)
      t.is(world.ledger.size, 0)
      t.false(world.producers.has('late'))
      happen({ kind: 'arrive', client: 'late' })
      world.runFor(1_000)
      t.true(deliveries() > 10)
      t.is(world.ledger.producer('late'), late)
    }
  )
})

test('drop-client: its connection is reset and it comes back by itself', (t) => {
  onStage(t, queueAcross, ({ world, happen }) => {
    const session = world.consumers.get('c')!.sessionId
    happen({ kind: 'drop-client', client: 'c' })
    happen({ kind: 'drop-client', client: 'p' })
    world.runFor(1)
    t.false(world.consumers.get('c')!.isSubscribed)
    t.false(world.producers.get('p')!.isConnected)
    world.settle()
    t.true(world.consumers.get('c')!.isSubscribed)
    t.true(world.producers.get('p')!.isConnected)
    t.not(world.consumers.get('c')!.sessionId, session)
    world.runFor(500)
  })
})

test('drop-client: what an automatic consumer had not read is its own loss', (t) => {
  const consumers = [aConsumer({ at: 'c', destination, ack: 'auto', prefetch: 1_000 })]
  const producers = [aProducer({ at: 'c', destination, everyMs: 1 })]
  for (const seed of [1, 2, 3]) {
    const world = { topology: chain(3), consumers, producers, seed }
    onStage(t, world, ({ world, happen }) => {
      for (let times = 0; times < 5; times += 1) {
        world.runFor(200)
        happen({ kind: 'drop-client', client: 'c' })
      }
    })
  }
})

test('stall-client: a consumer takes nothing until wake-client, and loses nothing', (t) => {
  const stage = { ...queueAcross, consumers: [aConsumer({ at: 'c', destination, prefetch: 5 })] }
  onStage(t, stage, ({ world, happen, deliveries }) => {
    happen({ kind: 'stall-client', client: 'c' })
    world.runFor(100)
    const before = deliveries()
    world.runFor(1_000)
    t.is(deliveries(), before)
    happen({ kind: 'wake-client', client: 'c' })
    world.settle()
    world.runFor(500)
    t.true(deliveries() - before > 40)
  })
})

test('stall-client: one that promised heart-beats is given up, and comes back', (t) => {
  const consumers = [aConsumer({ at: 'c', destination, heartBeatMs: 500 })]
  onStage(t, { ...queueAcross, consumers }, ({ world, happen }) => {
    world.runFor(3_000)
    t.is(world.consumers.get('c')!.sessions, 1, 'its heart-beats come')
    happen({ kind: 'stall-client', client: 'c' })
    // It has some time to read why.
    world.runFor(8_000)
    t.is(world.consumers.get('c')!.sessions, 2)
  })
})

test('misspeak: the broker ends the connection, and the client comes back', (t) => {
  for (const what of ['bytes', 'frame'] as const) {
    onStage(t, queueAcross, ({ world, happen }) => {
      for (const client of ['c', 'p']) {
        happen({ kind: 'misspeak', client, what })
        world.settle()
      }
      t.is(world.consumers.get('c')!.sessions, 2)
      world.runFor(500)
    })
  }
})

test('a client that sends every ACK twice gets no other treatment', (t) => {
  for (const version of ['1.0', '1.1', '1.2'] as const) {
    const consumers = [aConsumer({ at: 'c', destination, version, repeatsAcks: true })]
    onStage(t, { ...queueAcross, consumers }, ({ world, deliveries }) => {
      world.runFor(500)
      t.true(deliveries() > 15)
    })
  }
})

test('settle: it waits until all has been got over, and a stable phase begins', (t) => {
  onStage(t, queueAcross, ({ world, happen, isBridged }) => {
    happen({ kind: 'kill', broker: 'b' })
    happen({ kind: 'start', broker: 'b' })
    t.false(world.isStable)
    happen({ kind: 'settle' })
    t.true(world.isStable)
    t.is(world.phase, 2)
    t.true(isBridged('a', 'b') && isBridged('b', 'c'))
  })
})
