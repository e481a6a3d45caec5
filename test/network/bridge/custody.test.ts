// Custody across bridges: every message is acknowledged, delivered again, or given back, whatever
// happens to the connections in between.

import test from 'ava'
import fc from 'fast-check'
import { BridgeStation, type StationOptions } from '../../support/bridge-station.ts'
import { VirtualWorld } from '../../support/virtual-world.ts'

/** Retries soon enough to resume before messages become in doubt. */
const soon = { reconnectDelayMsInitial: 50, reconnectDelayMsMax: 200 }

function bridgedPair(seed = 1, options: StationOptions = {}) {
  const world = new VirtualWorld(seed)
  const a = new BridgeStation(world, 'a', { ...options, port: 1 })
  const b = new BridgeStation(world, 'b', { ...options, port: 2 })
  a.connect([2], soon)
  world.run(50)
  return { world, a, b }
}

test('messages arrive exactly once, in order, through any connection resets', (t) => {
  const resets = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 8 })
  fc.assert(
    fc.property(fc.nat(), resets, fc.boolean(), (seed, gapsMs, isSlow) => {
      const { world, a, b } = bridgedPair(seed)
      world.latencyMs = () => world.random.integer(1, 20)
      const sent = { a: 0, b: 0 }
      const sendSome = () => {
        for (const cable of world.cables) cable.bytesPerMs = isSlow ? 10 : 1e9
        if (a.send('b', `${sent.a}`) === 'accepted') sent.a += 1
        if (b.send('a', `${sent.b}`) === 'accepted') sent.b += 1
      }
      const runSending = (durationMs: number) => {
        for (let i = 0; i < durationMs; i += 5) {
          world.turn(sendSome)
          world.run(5)
        }
      }
      for (const gapMs of gapsMs) {
        runSending(gapMs)
        for (const cable of world.cables) cable.reset()
      }
      runSending(100)
      world.run(3000)
      for (const [from, to, count] of [
        [a, b, sent.a],
        [b, a, sent.b]
      ] as const) {
        t.deepEqual(
          from.returned.filter((item) => item.state !== 'unsent'),
          []
        )
        const back = from.returned.map((item) => Number(item.message.body.toString()))
        const arrived = to.bodies().map(Number)
        t.deepEqual(
          arrived,
          [...arrived].sort((x, y) => x - y)
        )
        t.is(new Set([...arrived, ...back]).size, arrived.length + back.length)
        t.is(arrived.length + back.length, count)
        t.is(from.bridges.get(to.name)?.messagesPending, 0)
      }
    }),
    { numRuns: 40 }
  )
})

test('after a short break only what had not arrived is sent again', (t) => {
  const { world, a, b } = bridgedPair()
  for (let i = 0; i < 10; i += 1) a.send('b', `${i}`)
  world.run(1.5)
  t.is(b.arrivals.length, 10)
  t.is(a.bridges.get('b')?.messagesPending, 10)
  for (const cable of world.cables) cable.reset()
  t.is(a.returned.length, 0)
  world.run(1000)
  t.is(a.ups.length, 2)
  t.is(a.bridges.get('b')?.messagesPending, 0)
  t.is(a.bridges.get('b')?.counters.messagesSent, 0)
  t.is(b.arrivals.length, 10)
})

test('messages under way when the connection breaks are sent again over the next', (t) => {
  const { world, a, b } = bridgedPair()
  a.send('b', 'lost on the way')
  world.run(0.5)
  for (const cable of world.cables) cable.reset()
  t.deepEqual(b.bodies(), [])
  world.run(1000)
  t.deepEqual(b.bodies(), ['lost on the way'])
  t.is(a.returned.length, 0)
})

test('when the peer stays away, what was sent is given back as in doubt after the hold', (t) => {
  const { world, a, b } = bridgedPair()
  for (const cable of world.cables) cable.bytesPerMs = 100
  let accepted = 0
  while (accepted < 1000) {
    a.send('b', 'x'.repeat(1000))
    accepted += 1
  }
  world.run(10)
  world.canDial = false
  for (const cable of world.cables) cable.reset()
  const unsent = a.returned.length
  t.true(unsent > 0)
  t.true(a.returned.every((item) => item.state === 'unsent'))
  world.run(1900)
  t.is(a.returned.length, unsent)
  world.run(200)
  t.is(a.returned.length + b.arrivals.length, accepted + b.arrivals.length)
  t.deepEqual(
    a.returned.map((item) => item.message.sequence).sort((x, y) => x - y),
    Array.from({ length: accepted }, (_, i) => i + 1)
  )
  t.is(a.returned.at(-1)?.state, 'in-doubt')
  t.is(a.returned.at(-1)?.peer, 'b')
  const before = b.arrivals.length
  world.canDial = true
  world.run(3000)
  t.is(b.arrivals.length, before)
  t.is(a.send('b', 'new epoch'), 'accepted')
  world.run(50)
  t.is(b.bodies().at(-1), 'new epoch')
})

test('a peer that comes back as another life leaves what was sent in doubt at once', (t) => {
  const { world, a, b } = bridgedPair()
  a.send('b', 'old life')
  world.run(0.5)
  for (const cable of world.cables) cable.reset()
  b.bridges.stop(() => {})
  const reborn = new BridgeStation(world, 'b', { port: 2, incarnation: 2 })
  world.run(1000)
  t.deepEqual(
    a.returned.map((item) => [item.state, item.message.body.toString()]),
    [['in-doubt', 'old life']]
  )
  t.is(a.bridges.get('b')?.peerIncarnation, 2)
  a.send('b', 'new life')
  world.run(50)
  t.deepEqual(reborn.bodies(), ['new life'])
})

test('a broker that restarts starts a new epoch, which the peer takes from 1', (t) => {
  const { world, a, b } = bridgedPair()
  for (let i = 0; i < 5; i += 1) a.send('b', `first ${i}`)
  world.run(50)
  a.bridges.stop(() => {})
  world.run(50)
  const reborn = new BridgeStation(world, 'a', { incarnation: 2 })
  reborn.connect([2], soon)
  world.run(50)
  t.is(reborn.send('b', 'second'), 'accepted')
  world.run(50)
  t.is(b.bodies().at(-1), 'second')
  t.is(b.arrivals.length, 6)
})

test('a full outbox says so, and says when there is room again', (t) => {
  const bridges = {
    window: { messagesMax: 8, bytesMax: 1e6 },
    outbox: { messagesMax: 4, bytesMax: 1e6 }
  }
  const { world, a, b } = bridgedPair(1, { bridges })
  const outcomes = Array.from({ length: 14 }, (_, i) => a.send('b', `${i}`))
  t.deepEqual(outcomes.slice(0, 12), new Array(12).fill('accepted'))
  t.deepEqual(outcomes.slice(12), ['full', 'full'])
  t.false(a.bridges.get('b')?.hasRoom)
  t.is(a.rooms.length, 0)
  world.run(20)
  t.deepEqual(a.rooms, ['b'])
  t.true(a.bridges.get('b')?.hasRoom)
  t.is(b.arrivals.length, 12)
  t.is(a.send('b', 'again'), 'accepted')
})

test('the window is bounded in bytes too, but one message of any size may pass', (t) => {
  const bridges = {
    window: { messagesMax: 100, bytesMax: 5000 },
    outbox: { messagesMax: 100, bytesMax: 5000 }
  }
  const { world, a, b } = bridgedPair(1, { bridges })
  t.is(a.send('b', 'x'.repeat(100_000)), 'accepted')
  t.is(a.send('b', 'y'.repeat(100_000)), 'accepted')
  t.is(a.send('b', 'z'), 'full')
  world.run(50)
  t.deepEqual(
    b.bodies().map((body) => body.length),
    [100_000, 100_000]
  )
})

test('a congested receiver holds its acknowledgements back, and so slows the sender', (t) => {
  const bridges = {
    window: { messagesMax: 100, bytesMax: 1e6 },
    outbox: { messagesMax: 100, bytesMax: 1e6 }
  }
  const { world, a, b } = bridgedPair(1, { bridges })
  b.isFull = true
  let accepted = 0
  while (a.send('b', `${accepted}`) === 'accepted') accepted += 1
  t.is(accepted, 200)
  world.run(500)
  t.is(b.arrivals.length, 100)
  t.is(a.bridges.get('b')?.messagesPending, 200)
  t.is(a.downs.length, 0)
  b.isFull = false
  world.run(100)
  t.is(b.arrivals.length, 200)
  t.is(a.bridges.get('b')?.messagesPending, 0)
})

test('data waits while a slow socket is full, and control frames do not', (t) => {
  const { world, a, b } = bridgedPair()
  for (const cable of world.cables) cable.bytesPerMs = 1000
  for (let i = 0; i < 2000; i += 1) a.send('b', 'x'.repeat(1000))
  world.run(1)
  const bridge = a.bridges.get('b')!
  bridge.sendDemandRequest('urgent')
  world.run(400)
  t.deepEqual(b.facts, ['urgent'])
  t.true(b.arrivals.length < 500)
  world.run(3000)
  t.is(b.arrivals.length, 2000)
})

test('a message that waits long has bytes of its own, so that it pins no chunk', (t) => {
  const bridges = { window: { messagesMax: 1, bytesMax: 1e6 }, pingMisses: 9 }
  const { world, a } = bridgedPair(1, { bridges })
  for (const cable of world.cables) cable.isCut = true
  const chunk = Buffer.alloc(65_536)
  const send = () => {
    const message = a.message('')
    message.body = chunk
    message.bodyEnd = 10
    a.bridges.get('b')!.sendMessage(message, ['b'], 0)
    return message
  }
  const messages = [send(), send(), send()]
  world.run(100)
  t.true(messages.every(({ body }) => body === chunk))
  world.run(2500)
  for (const { body } of messages) t.is(body.length, 10)
})

test('a peer that claims more than was ever sent to it is a protocol error', (t) => {
  const { world, a, b } = bridgedPair()
  a.send('b', 'x')
  world.run(50)
  const incoming = (b.bridges as unknown as Pairs).pairs.get('a')!.incoming.volatile
  Object.assign(incoming, { highWater: 77, safeHighWater: 77 })
  for (const cable of world.cables) cable.reset()
  world.run(1000)
  t.true(a.events('bridge-refused').some((line) => `${line.reason}`.includes('never sent')))
})

interface Pairs {
  pairs: Map<string, { incoming: { volatile: { highWater: number } } }>
}
