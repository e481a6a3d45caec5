// Bridges between two brokers: handshake, facts, messages, refusals and the end of bridges.

import test from 'ava'
import type { DemandEntry } from '../../../src/network/demand/index.ts'
import { BridgeStation } from '../../support/bridge-station.ts'
import { VirtualWorld } from '../../support/virtual-world.ts'

function pairOf(seed = 1) {
  const world = new VirtualWorld(seed)
  const a = new BridgeStation(world, 'a', { port: 1 })
  const b = new BridgeStation(world, 'b', { port: 2 })
  return { world, a, b }
}

function bridgedPair(seed = 1) {
  const { world, a, b } = pairOf(seed)
  a.connect([2])
  world.run(50)
  return { world, a, b }
}

test('a dialled connection becomes one bridge that both ends see alike', (t) => {
  const { world, a, b } = pairOf()
  a.connect([2], { cost: 7, include: ['queue://x.>'] })
  world.run(50)
  t.is(a.ups.length, 1)
  t.is(b.ups.length, 1)
  const near = a.bridges.get('b')!
  const far = b.bridges.get('a')!
  t.deepEqual([near.cost, far.cost], [7, 7])
  t.deepEqual([near.isDialler, far.isDialler], [true, false])
  t.deepEqual(near.filter, { include: ['queue://x.>'], exclude: [] })
  t.deepEqual(far.filter, near.filter)
  t.deepEqual([near.connectorName, far.connectorName], ['to-2', 'to-2'])
  t.deepEqual([near.peerId, far.peerId], ['id-of-b', 'id-of-a'])
  t.is(a.bridges.all()[0], near)
  t.is(a.bridges.connectorStates()[0]?.state.name, 'bridged')
})

test('messages cross in order, with all their facts', (t) => {
  const { world, a, b } = bridgedPair()
  const bridge = a.bridges.get('b')!
  const message = a.message('body')
  message.headers = Buffer.from('k:v\n')
  message.headersEnd = 4
  message.isPersistent = true
  message.hasEscapes = true
  message.isRedelivered = true
  message.priority = 9
  message.redirects = 3
  message.brokerPath = ['x', 'y']
  message.expiresAtMs = world.monotonicMs() + 5000
  t.is(bridge.sendMessage(message, ['b', 'c'], 1), 'accepted')
  for (let i = 0; i < 10; i += 1) t.is(a.send('b', `${i}`), 'accepted')
  world.run(10)
  t.deepEqual(b.bodies(), ['body', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  const [first, second] = b.arrivals
  t.deepEqual(first?.targets, ['b', 'c'])
  t.is(first?.flags, 1)
  const got = first!.message
  t.is(got.header('k'), 'v')
  t.is(got.destination, b.destinations.get('queue', 'orders'))
  t.is(got.id, message.id)
  t.deepEqual([got.isPersistent, got.hasEscapes, got.isRedelivered], [true, true, true])
  t.deepEqual([got.priority, got.redirects], [9, 3])
  t.deepEqual(got.brokerPath, ['x', 'y', 'a'])
  t.is(Math.round(got.expiresAtMs - message.expiresAtMs), 1)
  t.deepEqual(second?.message.brokerPath, ['a'])
  t.is(second?.flags, 0)
  world.run(10)
  t.is(bridge.messagesPending, 0)
  t.is(bridge.counters.messagesSent, 11)
  t.is(b.bridges.get('a')?.counters.messagesReceived, 11)
})

test('facts of the network cross whole, however long they are', (t) => {
  const { world, a, b } = bridgedPair()
  const bridge = a.bridges.get('b')!
  const filter = { include: ['queue://a.>'], exclude: ['topic://b'] }
  const record = {
    broker: 'a',
    brokerId: 'id-of-a',
    incarnation: 1,
    sequence: 9,
    isTransit: false,
    bridges: [
      { peer: 'b', cost: 3, sends: true, filter },
      { peer: 'c', cost: 1, sends: false, filter: undefined }
    ]
  }
  const digest = {
    records: [{ broker: 'a', brokerId: 'id-of-a', incarnation: 1, sequence: 9 }],
    demands: [{ broker: 'a', incarnation: 1, version: 4 }]
  }
  const entries: DemandEntry[] = []
  for (let i = 0; i < 20_000; i += 1) {
    entries.push({
      kind: i % 2 === 0 ? 'queue' : 'topic',
      pattern: `some.name.${i}`,
      weight: i % 17
    })
  }
  const snapshot = { broker: 'a', incarnation: 1, version: 5, entries }
  const removed = [{ kind: 'topic' as const, pattern: 'old.>' }]
  const set = entries.slice(0, 2)
  const delta = { broker: 'a', incarnation: 1, fromVersion: 5, toVersion: 6, set, removed }
  bridge.sendRecord(record)
  bridge.sendDigest(digest)
  bridge.sendDemand(snapshot)
  bridge.sendDelta(delta)
  bridge.sendDemandRequest('b')
  world.run(50)
  t.deepEqual(b.facts, [record, digest, snapshot, delta, 'b'])
  t.is(bridge.counters.messagesSent, 0)
  t.true(bridge.counters.controlBytesSent > 300_000)
})

test('a one-way bridge carries messages only away from its dialler', (t) => {
  const { world, a, b } = pairOf()
  a.connect([2], { duplex: false })
  world.run(50)
  const near = a.bridges.get('b')!
  const far = b.bridges.get('a')!
  t.deepEqual(
    [near.maySend, near.mayReceive, far.maySend, far.mayReceive],
    [true, false, false, true]
  )
  t.is(a.send('b', 'x'), 'accepted')
  t.throws(() => b.send('a', 'y'), { message: /one-way/ })
})

test('brokers of different networks refuse each other, and both log why', (t) => {
  const world = new VirtualWorld()
  const a = new BridgeStation(world, 'a', { network: 'east' })
  const b = new BridgeStation(world, 'b', { network: 'west', port: 2 })
  a.connect([2])
  world.run(50)
  t.is(a.ups.length + b.ups.length, 0)
  t.like(b.events('bridge-refused')[0], { code: 'wrong-network', by: 'us', peer: 'a' })
  t.like(a.events('bridge-refused')[0], { code: 'wrong-network', by: 'them' })
  t.like(a.events('bridge-dial-failed')[0], { code: 'wrong-network', failures: 1 })
  t.true(a.bridges.connectorStates()[0]?.failure.includes('"west"'))
})

test('a broker that reaches itself knows it, and tries again only after the longest delay', (t) => {
  const world = new VirtualWorld()
  const a = new BridgeStation(world, 'a', { port: 1 })
  a.connect([1], { reconnectDelayMsMax: 20_000 })
  world.run(19_000)
  t.is(a.events('bridge-dial-failed').length, 1)
  t.is(a.events('bridge-dial-failed')[0]?.code, 'own-id')
  const refusals = () =>
    a.events('bridge-refused').filter((line) => line.code === 'own-id' && line.by === 'us').length
  t.is(refusals(), 1)
  world.run(2000)
  t.is(refusals(), 2)
})

test('two brokers of one name refuse each other', (t) => {
  const world = new VirtualWorld()
  const a = new BridgeStation(world, 'a', { brokerId: 'one' })
  const twin = new BridgeStation(world, 'a', { brokerId: 'two', port: 2 })
  a.connect([2])
  world.run(50)
  t.is(twin.events('bridge-refused')[0]?.code, 'name-in-use')
  t.is(a.ups.length, 0)
})

test('the owner may refuse a broker, on either end', (t) => {
  for (const who of ['a', 'b'] as const) {
    const stations = pairOf()
    stations[who].refusal = { code: 'name-in-use', text: 'known by another id' }
    stations.a.connect([2])
    stations.world.run(50)
    t.is(stations.a.ups.length + stations.b.ups.length, 0)
    t.is(stations.a.events('bridge-dial-failed')[0]?.code, 'name-in-use')
    t.is(stations.b.events('bridge-refused')[0]?.code, 'name-in-use')
  }
})

test('a stopping broker says goodbye, gives back what was not sent, and loses nothing', (t) => {
  const { world, a, b } = bridgedPair()
  const { random } = world
  b.onArrival = () => {
    if (random.float() < 0.01) b.send('a', `answer ${b.arrivals.length}`)
  }
  for (const cable of world.cables) cable.bytesPerMs = 100
  let accepted = 0
  const body = 'x'.repeat(1000)
  while (accepted < 10_000 && a.send('b', body) === 'accepted') accepted += 1
  world.run(500)
  let isStopped = false
  world.turn(() =>
    a.bridges.stop(() => {
      isStopped = true
    })
  )
  t.false(isStopped)
  world.run(10_000)
  t.true(isStopped)
  const arrived = new Set(b.arrivals.map((arrival) => arrival.sequence))
  t.is(arrived.size, b.arrivals.length)
  for (const { message, state } of a.returned) {
    t.true(state === 'in-doubt' || !arrived.has(message.sequence))
    arrived.add(message.sequence)
  }
  t.is(arrived.size, accepted)
  t.true(a.returned.some((item) => item.state === 'unsent'))
  t.is(b.downs[0]?.split(':')[0], 'shutting-down')
  t.deepEqual(a.downs, ['shutting-down: the broker is stopping'])
  t.is(a.bridges.connectorStates()[0]?.state.name, 'stopped')
  t.is(world.cables.size, 0)
})

test('a goodbye tells exactly what was taken, so nothing is in doubt', (t) => {
  const { world, a, b } = bridgedPair()
  for (let i = 0; i < 100; i += 1) a.send('b', `${i}`)
  world.run(1.5)
  let isStopped = false
  world.turn(() =>
    b.bridges.stop(() => {
      isStopped = true
    })
  )
  for (let i = 100; i < 200; i += 1) a.send('b', `${i}`)
  world.run(100)
  t.true(isStopped)
  t.true(a.returned.every((item) => item.state === 'unsent'))
  t.is(b.arrivals.length + a.returned.length, 200)
  t.is(a.bridges.connectorStates()[0]?.state.name, 'waiting')
})

test('stopping with nothing open is done at the end of the turn', (t) => {
  const { world, a } = pairOf()
  let isStopped = false
  a.bridges.stop(() => {
    isStopped = true
  })
  t.false(isStopped)
  world.run(1)
  t.true(isStopped)
  a.connect([2])
  world.run(100)
  t.is(a.bridges.connectorStates()[0]?.state.name, 'stopped')
})

test('a stopped connector ends its bridge and leaves the others alone', (t) => {
  const world = new VirtualWorld()
  const a = new BridgeStation(world, 'a')
  const b = new BridgeStation(world, 'b', { port: 2 })
  const c = new BridgeStation(world, 'c', { port: 3 })
  const connector = a.connect([2])
  a.connect([3])
  world.run(50)
  world.turn(() => connector.stop())
  world.run(5000)
  t.is(a.bridges.get('b'), undefined)
  t.is(b.downs[0]?.split(':')[0], 'withdrawn')
  t.truthy(a.bridges.get('c'))
  t.is(c.downs.length, 0)
})

test('a peer that falls silent is given up after the configured misses', (t) => {
  const world = new VirtualWorld()
  const bridges = { pingIntervalMs: 1000, pingMisses: 3 }
  const a = new BridgeStation(world, 'a', { bridges })
  const b = new BridgeStation(world, 'b', { port: 2, bridges })
  a.connect([2])
  world.run(10_000)
  t.is(a.downs.length, 0)
  for (const cable of world.cables) cable.isCut = true
  world.run(2900)
  t.is(a.downs.length, 0)
  world.run(2200)
  t.is(a.downs[0]?.split(':')[0], 'silent')
  t.is(b.downs[0]?.split(':')[0], 'silent')
})

test('a probe finds a dead peer within its deadline, and spares a living one', (t) => {
  const { world, a, b } = bridgedPair()
  world.turn(() => a.bridges.get('b')!.probe())
  world.run(1500)
  t.is(a.downs.length, 0)
  for (const cable of world.cables) cable.isCut = true
  world.turn(() => a.bridges.get('b')!.probe())
  world.run(1001)
  t.is(a.downs[0]?.split(':')[0], 'silent')
  t.is(b.downs.length, 0)
})

test('a probe over a long way waits for the round trip', (t) => {
  const world = new VirtualWorld()
  world.latencyMs = () => 700
  const bridges = { pingIntervalMs: 60_000 }
  const a = new BridgeStation(world, 'a', { bridges })
  new BridgeStation(world, 'b', { port: 2, bridges })
  a.connect([2])
  world.run(10_000)
  t.is(Math.round(a.bridges.get('b')!.rttMs!), 1400)
  world.turn(() => a.bridges.get('b')!.probe())
  world.run(5000)
  t.is(a.downs.length, 0)
})

test('one long message on a slow line does not look like silence', (t) => {
  const { world, a, b } = bridgedPair()
  for (const cable of world.cables) cable.bytesPerMs = 100
  a.send('b', 'x'.repeat(2_000_000))
  world.run(30_000)
  t.is(a.downs.length + b.downs.length, 0)
  t.is(b.arrivals.length, 1)
})

test('the round trip is measured and smoothed, even when longer than the ping interval', (t) => {
  const world = new VirtualWorld()
  world.latencyMs = () => 700
  const a = new BridgeStation(world, 'a')
  const b = new BridgeStation(world, 'b', { port: 2 })
  a.connect([2])
  world.run(20_000)
  t.true(Math.abs(a.bridges.get('b')!.rttMs! - 1400) < 5)
  t.true(Math.abs(b.bridges.get('a')!.rttMs! - 1400) < 5)
})

test('a message longer than the peer takes comes back, and the bridge stays', (t) => {
  const world = new VirtualWorld()
  const a = new BridgeStation(world, 'a')
  const b = new BridgeStation(world, 'b', { port: 2, bridges: { frameBytesMax: 65_536 } })
  a.connect([2])
  world.run(50)
  t.is(a.send('b', 'x'.repeat(65_536)), 'accepted')
  t.is(a.returned.length, 0)
  t.is(a.send('b', 'small'), 'accepted')
  world.run(50)
  t.deepEqual(
    a.returned.map((item) => [item.state, item.peer]),
    [['too-large', 'b']]
  )
  t.deepEqual(b.bodies(), ['small'])
  t.is(a.downs.length, 0)
})

test('a stranger that speaks another protocol is refused and logged', (t) => {
  const { world, b } = pairOf()
  const endpoint = { carrier: 'tcp', host: 'any', port: 2, path: '/', subprotocols: [] } as const
  let isClosed = false
  world.transport().dial(endpoint, 1000, (result) => {
    if (result instanceof Error) return undefined
    result.write(Buffer.from('CONNECT\naccept-version:1.2\n\n\0'))
    return {
      onData: () => {},
      onDrain: () => {},
      onClose: () => {
        isClosed = true
      }
    }
  })
  world.run(50)
  t.true(isClosed)
  t.is(b.events('bridge-refused')[0]?.code, 'protocol-error')
})

test('a peer that connects and says nothing is closed after its deadline', (t) => {
  const { world, b } = pairOf()
  const endpoint = { carrier: 'tcp', host: 'any', port: 2, path: '/', subprotocols: [] } as const
  let isClosed = false
  world.transport().dial(endpoint, 1000, () => ({
    onData: () => {},
    onDrain: () => {},
    onClose: () => {
      isClosed = true
    }
  }))
  world.run(4900)
  t.false(isClosed)
  world.run(200)
  t.true(isClosed)
  t.is(b.events('bridge-refused')[0]?.code, 'timeout')
})

test('no more strangers are greeted at once than configured', (t) => {
  const world = new VirtualWorld()
  const b = new BridgeStation(world, 'b', { port: 2, bridges: { greetingsMax: 2 } })
  const endpoint = { carrier: 'tcp', host: 'any', port: 2, path: '/', subprotocols: [] } as const
  for (let i = 0; i < 3; i += 1) {
    world.transport().dial(endpoint, 1000, () => ({
      onData: () => {},
      onDrain: () => {},
      onClose: () => {}
    }))
  }
  world.run(50)
  t.is(b.events('bridge-refused').length, 1)
  world.run(6000)
  const a = new BridgeStation(world, 'a')
  a.connect([2])
  world.run(50)
  t.truthy(b.bridges.get('a'))
})
