// Faults of brokers that random runs of the simulation found, each as a world made to provoke it.

import test from 'ava'
import { playPlan } from '../../sim/play-timeline.ts'
import { Prng } from '../../sim/prng.ts'
import { chain, hubSpoke, randomGraph } from '../../sim/topologies.ts'
import {
  aConsumer,
  aProducer,
  assertGood,
  narrowSettings,
  plainSettings,
  runSmall,
  startSmall
} from './small-world.ts'

test('a topic keeps its order through a bridge that is full now and then', (t) => {
  const world = {
    topology: chain(3),
    producers: [
      aProducer({ at: 'a', everyMs: 4 }),
      aProducer({ name: 'p2', at: 'b', destination: '/topic/t2', everyMs: 4 })
    ],
    consumers: [
      aConsumer({ at: 'c', ack: 'auto' }),
      aConsumer({ name: 'c2', at: 'c', destination: '/topic/t2', ack: 'auto' })
    ],
    settings: narrowSettings,
    latencyMs: 20
  }
  for (const seed of [1, 3]) assertGood(t, runSmall({ ...world, seed }))
})

test('a queue keeps its order through a hub whose bridge is full now and then', (t) => {
  const destination = '/queue/q'
  const world = {
    topology: hubSpoke(2),
    producers: [
      aProducer({ at: 's1', destination, everyMs: 4 }),
      aProducer({ name: 'p2', at: 'hub', everyMs: 4 })
    ],
    consumers: [
      aConsumer({ at: 's2', destination, ack: 'auto' }),
      aConsumer({ name: 'c2', at: 's2', ack: 'auto' })
    ],
    settings: narrowSettings,
    latencyMs: 20
  }
  assertGood(t, runSmall(world))
})

test('waiting again and again for room on a bridge strands no message of a queue', (t) => {
  const destination = '/queue/q'
  // Topics at the hub that take all the room there is, so that the queue's messages wait for long.
  const topics = Array.from({ length: 12 }, (_, at) =>
    aProducer({ name: `t${at}`, at: 'hub', destination: `/topic/t.${at}`, everyMs: 4 })
  )
  const result = runSmall({
    topology: hubSpoke(2),
    producers: [aProducer({ at: 's1', destination, everyMs: 15 }), ...topics],
    consumers: [
      aConsumer({ at: 's2', destination }),
      aConsumer({ name: 'c2', at: 's2', destination: '/topic/t.>', ack: 'auto' })
    ],
    settings: narrowSettings,
    latencyMs: 20
  })
  assertGood(t, result)
})

test('a message seen at one broker and delivered at another is marked redelivered', (t) => {
  const destination = '/queue/q'
  const result = runSmall({
    topology: chain(2),
    producers: [aProducer({ at: 'a', destination, everyMs: 5 })],
    consumers: [aConsumer({ at: 'a', destination, workMs: 500 })],
    play(world, plan) {
      startSmall(world, plan)
      world.runFor(400)
      world.move('c', 'b', 'abrupt')
      world.runFor(400)
      world.finish()
    }
  })
  assertGood(t, result)
  const again = [...result.world.ledger.all()].filter(({ deliveries }) => deliveries > 1)
  t.true(again.length > 10, 'messages that were seen and not acknowledged came again')
})

test('a message that has followed its consumers everywhere still reaches the last one', (t) => {
  const destination = '/queue/q'
  const result = runSmall({
    topology: chain(3),
    producers: [aProducer({ at: 'b', destination })],
    consumers: [aConsumer({ at: 'b', destination, workMs: 60_000 })],
    play(world, plan) {
      startSmall(world, plan)
      world.runFor(200)
      world.producers.get('p')!.stop()
      for (let times = 0; times < 20; times += 1) {
        world.move('c', times % 2 === 0 ? 'a' : 'b', 'abrupt')
        world.runFor(100)
      }
      world.stopConsumer('c', 'abrupt')
      world.addConsumer(aConsumer({ name: 'last', at: 'c', destination }))
      world.finish()
    }
  })
  assertGood(t, result)
})

test('a broker that stops writes what its bridges give back before it closes its store', (t) => {
  const destination = '/queue/q'
  const result = runSmall({
    topology: chain(2),
    producers: [aProducer({ at: 'a', destination, everyMs: 4, isPersistent: true })],
    consumers: [aConsumer({ at: 'b', destination, prefetch: 1, workMs: 5 })],
    settings: narrowSettings,
    latencyMs: 20,
    play(world, plan) {
      startSmall(world, plan)
      world.runFor(500)
      world.faults.stop('a')
      world.runFor(5)
      world.faults.reset('a', 'b')
      world.runFor(6_000)
      t.false(world.broker('a').isUp)
      world.finish()
    }
  })
  assertGood(t, result)
})

test('many brokers that start together agree within seconds, not at the next repair', (t) => {
  for (const seed of [37, 126, 158]) {
    const random = new Prng(`together/${seed}`)
    const topology = randomGraph(random, 12)
    const far = () => ({ latencyMs: 100 * random.float(), jitterMs: 50 })
    const result = runSmall({
      ...{ topology, seed, settings: plainSettings },
      qualities: topology.links.map(far),
      play(world, plan) {
        startSmall(world, plan)
        t.true(world.nowMs < 6_000, `seed ${seed} took ${world.nowMs} ms`)
      }
    })
    assertGood(t, result)
  }
})

test('a broker that lost its disk publishes as somebody new, not as its own first life', (t) => {
  const result = runSmall({
    topology: chain(2),
    producers: [aProducer({ at: 'a' })],
    consumers: [aConsumer({ at: 'b' })],
    play(world, plan) {
      startSmall(world, plan)
      world.runFor(1_000)
      world.faults.loseDisk('a')
      world.faults.start('a')
      world.settle()
      world.runFor(1_000)
      world.finish()
    }
  })
  assertGood(t, result)
  t.true(result.deliveries > 80, `${result.deliveries} deliveries`)
})

test('what a selective consumer leaves out does not keep away what it would take', (t) => {
  const destination = '/queue/q'
  const limits = { ...plainSettings.limits, demandBacklogMessagesMax: 5 }
  const result = runSmall({
    topology: chain(2),
    producers: [aProducer({ at: 'a', destination, headers: { colour: ['red', 'blue'] } })],
    consumers: [aConsumer({ at: 'b', destination, selector: "colour = 'blue'" })],
    settings: { ...plainSettings, limits }
  })
  assertGood(t, result)
  const blue = [...result.world.ledger.all()].filter(({ number }) => number % 2 === 1)
  t.true(blue.length > 40)
  for (const { key, consumed } of blue) t.is(consumed, 1, key)
})

test('what expires while it waits for a bridge is not delivered behind it', (t) => {
  const { network } = narrowSettings
  const { outbox } = plainSettings.network.bridges
  const result = runSmall({
    topology: chain(3),
    producers: [aProducer({ at: 'a', ttlMs: 300 })],
    consumers: [aConsumer({ at: 'c' })],
    // Four messages for each time there and back: far fewer than are sent.
    settings: {
      ...narrowSettings,
      network: { ...network, bridges: { ...network.bridges, outbox } }
    },
    latencyMs: 100,
    play(world, plan) {
      startSmall(world, plan)
      world.runFor(20_000)
      world.finish()
    }
  })
  assertGood(t, result)
  const records = [...result.world.ledger.all()]
  const kinds = records.flatMap(({ expected }) => [...expected.values()])
  t.true(kinds.some(({ excuse }) => excuse?.kind === 'expired'))
  t.true(kinds.some(({ copies }) => copies === 1))
})

test('messages on their way that wait for a broker with enough are not overtaken', (t) => {
  const destination = '/queue/q'
  const ring = { messagesMax: 64, bytesMax: 16_777_216 }
  const { network } = plainSettings
  const bridges = { ...network.bridges, window: ring, outbox: ring }
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const result = runSmall({
      topology: chain(3),
      producers: [aProducer({ at: 'a', destination })],
      consumers: [aConsumer({ at: 'c', destination, prefetch: 1_000, workMs: 10 })],
      settings: {
        ...plainSettings,
        limits: { ...plainSettings.limits, queueMessagesMax: 20 },
        network: { ...network, bridges }
      },
      seed,
      qualities: [{ latencyMs: 0.9, jitterMs: 2.5 }, { latencyMs: 4.1 }],
      play(world, plan) {
        startSmall(world, plan)
        world.faults.cut('a', 'b')
        world.settle()
        world.runFor(4_700)
        world.faults.heal('a', 'b')
        world.finish()
      }
    })
    assertGood(t, result)
  }
})

test('a message that near brokers leave out finds the far one that takes it', (t) => {
  const destination = '/queue/q'
  const link = { cost: 1, dialledBy: 'a' } as const
  const result = runSmall({
    topology: {
      name: 'far',
      brokers: ['a', 'c', 'e', 'f'],
      links: [
        { ...link, a: 'c', b: 'e' },
        { ...link, a: 'c', b: 'f' },
        { ...link, a: 'a', b: 'c', cost: 10 }
      ],
      nonTransit: []
    },
    producers: [aProducer({ at: 'f', destination, headers: { colour: ['red', 'green', 'blue'] } })],
    consumers: [
      aConsumer({ name: 'c0', at: 'f', destination, selector: "colour = 'red'" }),
      aConsumer({ name: 'c1', at: 'a', destination }),
      aConsumer({ name: 'c2', at: 'e', destination, selector: "colour = 'blue'" })
    ]
  })
  assertGood(t, result)
  t.true([...result.world.ledger.all()].every(({ consumed }) => consumed === 1))
})

test('a client of 1.1 that gets a message again settles both copies', (t) => {
  const destination = '/queue/q'
  const link = { cost: 1, dialledBy: 'a' } as const
  const topology = {
    name: 'two-ways',
    brokers: ['a', 'b', 'c', 'd'],
    links: [
      { ...link, a: 'a', b: 'd' },
      { ...link, a: 'b', b: 'c' },
      { ...link, a: 'b', b: 'd' },
      { ...link, a: 'c', b: 'd' }
    ],
    nonTransit: []
  }
  const { network } = plainSettings
  const settings = {
    ...plainSettings,
    turnUsMax: 0,
    network: { ...network, bridges: { ...network.bridges, inDoubtHoldMs: 200 } }
  }
  for (const seed of [1, 2, 3, 4, 5]) {
    const result = runSmall({
      ...{ topology, settings, seed, play: playPlan },
      producers: [aProducer({ at: 'b', destination, everyMs: 88, isSteady: true, messagesMax: 3 })],
      consumers: [aConsumer({ at: 'a', destination, workMs: 0, version: '1.1' })],
      plan: {
        thenMs: 1_000,
        timeline: [
          { afterMs: 0, event: { kind: 'cut-one-way', from: 'd', to: 'a' } },
          {
            afterMs: 0,
            event: { kind: 'quality', a: 'b', b: 'd', quality: { latencyMs: 300, jitterMs: 0 } }
          },
          { afterMs: 0, event: { kind: 'poison', from: 'd', to: 'b' } }
        ]
      }
    })
    assertGood(t, result)
  }
})

test('a choosy consumer gets what is being read before what lies behind it', (t) => {
  const destination = '/queue/q'
  const result = runSmall({
    topology: { name: 'one', brokers: ['a'], links: [], nonTransit: [] },
    producers: [
      aProducer({
        ...{ at: 'a', destination, messagesMax: 7, transactionSize: 7 },
        headers: { colour: ['red', 'green', 'blue'] }
      })
    ],
    consumers: [aConsumer({ at: 'a', destination, prefetch: 1, selector: "colour <> 'red'" })],
    settings: { ...plainSettings, limits: { ...plainSettings.limits, queueWindowMessages: 2 } }
  })
  assertGood(t, result)
})

test('what was on the disk of a broker that is taken out while it is down goes with it', (t) => {
  const destination = '/queue/q'
  const result = runSmall({
    topology: chain(2),
    producers: [aProducer({ at: 'a', destination, isPersistent: true })],
    play(world, plan) {
      startSmall(world, plan)
      world.runFor(500)
      world.faults.crash('a')
      world.faults.remove('a')
      world.finish()
    }
  })
  assertGood(t, result)
})

test('what waits for a durable subscriber behind a broker taken out may wait for good', (t) => {
  const result = runSmall({
    topology: chain(3),
    producers: [aProducer({ at: 'a', isPersistent: true })],
    consumers: [aConsumer({ at: 'c', durableName: 'kept' })],
    play(world, plan) {
      startSmall(world, plan)
      world.faults.remove('b')
      world.runFor(500)
      world.finish()
    }
  })
  assertGood(t, result)
})

test('what was forgotten of a broker and is told anew has its time again', (t) => {
  const { network } = plainSettings
  const link = { cost: 1, dialledBy: 'both' } as const
  const result = runSmall({
    topology: {
      name: 'row',
      brokers: ['a', 'b', 'c'],
      links: [
        { a: 'a', b: 'b', ...link },
        { a: 'a', b: 'c', ...link }
      ],
      nonTransit: []
    },
    consumers: [aConsumer({ at: 'b' })],
    settings: { ...plainSettings, network: { ...network, repairMs: 2_000 } },
    play(world, plan) {
      startSmall(world, plan)
      const knows = (): boolean =>
        world.broker('a').running.network.demand.version('b') !== undefined
      // c does not hear that b leaves, and takes it to be beside a when it meets a again.
      world.faults.cut('a', 'c')
      world.faults.remove('b')
      while (knows()) world.runFor(50)
      world.faults.heal('a', 'c')
      world.runFor(4_000)
      t.true(knows(), 'c has told a of b')
      world.runFor(20_000)
      world.finish()
    }
  })
  assertGood(t, result)
})

test('what a store is just writing is on disk, as far as bridges go', (t) => {
  const destination = '/queue/q'
  const result = runSmall({
    topology: chain(2),
    producers: [aProducer({ at: 'a', destination, isPersistent: true, everyMs: 1 })],
    consumers: [aConsumer({ at: 'b', destination, ack: 'auto' })],
    settings: narrowSettings,
    latencyMs: 2
  })
  assertGood(t, result)
})
