// One bridge per pair of brokers: whoever dials, however often, and whatever the network does.

import test from 'ava'
import fc from 'fast-check'
import type { Bridge } from '../../../src/network/bridge/index.ts'
import { BridgeStation } from '../../support/bridge-station.ts'
import { type Cable, VirtualWorld } from '../../support/virtual-world.ts'

const soon = { reconnectDelayMsInitial: 200, reconnectDelayMsMax: 2000 }

function stations(seed: number) {
  const world = new VirtualWorld(seed)
  const a = new BridgeStation(world, 'a', { port: 1 })
  const b = new BridgeStation(world, 'b', { port: 2 })
  return { world, a, b }
}

/** The connection under a bridge, to see whether both ends mean the same. */
function cableOf(world: VirtualWorld, bridge: Bridge | undefined): Cable | undefined {
  const hidden = bridge as unknown as { connection: { connection: unknown } } | undefined
  const end = hidden?.connection.connection
  return [...world.cables].find((cable) => cable.near === end || cable.far === end)
}

function doAgree({ world, a, b }: ReturnType<typeof stations>): boolean {
  const near = cableOf(world, a.bridges.get('b'))
  return near !== undefined && near === cableOf(world, b.bridges.get('a'))
}

test('brokers that dial each other at the same moment end with one bridge', (t) => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const group = stations(seed)
    const { world, a, b } = group
    world.latencyMs = () => world.random.integer(1, 300)
    a.connect([2], soon)
    b.connect([1], soon)
    world.run(20_000)
    t.true(doAgree(group), `seed ${seed}`)
    t.is(world.cables.size, 1)
    const states = [a, b].map((one) => one.bridges.connectorStates()[0]!.state.name)
    t.deepEqual(states.sort(), ['bridged', 'standby'])
  }
})

test('with equal delays the first bridge stays, without a flap', (t) => {
  const group = stations(1)
  const { world, a, b } = group
  a.connect([2], soon)
  b.connect([1], soon)
  world.run(10_000)
  t.true(doAgree(group))
  t.deepEqual([a.ups.length, b.ups.length], [1, 1])
  t.true(b.bridges.get('a')!.isDialler)
})

test('the broker in standby dials when the bridge of the pair ends', (t) => {
  const group = stations(1)
  const { world, a, b } = group
  a.connect([2], soon)
  b.connect([1], soon)
  world.run(5000)
  for (const cable of world.cables) cable.reset()
  t.is(a.bridges.get('b'), undefined)
  world.run(5000)
  t.true(doAgree(group))
})

test('two URIs that lead to one broker make one bridge, and the other stands by', (t) => {
  const world = new VirtualWorld()
  const a = new BridgeStation(world, 'a')
  const b = new BridgeStation(world, 'b', { port: 2 })
  world.transport().listen(
    { carrier: 'tcp', host: 'any', port: 3, path: '/', subprotocols: [] },
    (connection) => b.bridges.accept(connection),
    () => {}
  )
  a.connect([2, 3], soon)
  world.run(5000)
  t.is(a.bridges.all().length, 1)
  t.is(a.ups.length, 1)
  const names = a.bridges.connectorStates().map(({ state }) => state.name)
  t.deepEqual(names.sort(), ['bridged', 'standby'])
  for (const cable of world.cables) cable.reset()
  world.run(5000)
  t.is(a.bridges.all().length, 1)
  t.is(b.bridges.all().length, 1)
})

test('a broker whose name another one has is told so and tried again, not waited for', (t) => {
  const world = new VirtualWorld()
  const m = new BridgeStation(world, 'm', { port: 1 })
  const first = new BridgeStation(world, 'a', { brokerId: 'first' })
  first.connect([1], soon)
  world.run(100)
  const second = new BridgeStation(world, 'a', { brokerId: 'second', port: 2 })
  m.refusal = { code: 'name-in-use', text: 'a broker named "a" is in the network already' }
  m.connect([2], soon)
  world.run(5000)
  t.is(m.bridges.get('a')?.peerId, 'first')
  t.is(m.events('bridge-dial-failed')[0]?.code, 'name-in-use')
  t.is(second.events('bridge-refused')[0]?.code, 'name-in-use')
  t.not(m.bridges.connectorStates()[0]?.state.name, 'standby')

  m.refusal = undefined
  first.bridges.stop(() => {})
  world.run(5000)
  t.is(m.bridges.get('a')?.peerId, 'second', 'it takes the place that has become free')
})

test('a newer connection of the same dialler fences the half-open one at once', (t) => {
  for (const [dialler, acceptor] of [
    ['a', 'b'],
    ['b', 'a']
  ] as const) {
    const group = stations(1)
    const { world } = group
    group[dialler].connect([acceptor === 'b' ? 2 : 1], soon)
    world.run(100)
    for (const cable of world.cables) cable.isCut = true
    const [cut] = world.cables
    // Only the dialler learns that the connection is gone.
    cut!.near.close(new Error('reset'))
    t.truthy(group[acceptor].bridges.get(dialler))
    world.run(500)
    t.true(doAgree(group))
    t.is(group[acceptor].downs[0]?.split(':')[0], 'duplicate-bridge')
    t.is(group[acceptor].ups.length, 2)
  }
})

test('a broker that restarts replaces its old life at once', (t) => {
  for (const name of ['a', 'z']) {
    const world = new VirtualWorld()
    const b = new BridgeStation(world, 'm', { port: 2 })
    const old = new BridgeStation(world, name)
    old.connect([2], soon)
    world.run(100)
    for (const cable of world.cables) cable.isCut = true
    const reborn = new BridgeStation(world, name, { incarnation: 2 })
    reborn.connect([2], soon)
    world.run(100)
    t.is(b.bridges.get(name)?.peerIncarnation, 2)
    t.is(b.bridges.all().length, 1)
    const late = new BridgeStation(world, name, { incarnation: 1 })
    late.connect([2], soon)
    world.run(100)
    t.is(b.bridges.get(name)?.peerIncarnation, 2)
    t.is(late.events('bridge-dial-failed')[0]?.code, 'name-in-use')
  }
})

test('a dialler refused as a duplicate makes the other end probe what it believes in', (t) => {
  const group = stations(1)
  const { world, a, b } = group
  b.connect([1], soon)
  world.run(100)
  for (const cable of world.cables) {
    cable.isCut = true
    cable.far.close(new Error('reset'))
  }
  t.is(a.bridges.get('b'), undefined)
  t.truthy(b.bridges.get('a'))
  // The standing bridge is young and b dialled it, so b refuses at first.
  a.connect([2], { reconnectDelayMsInitial: 100, reconnectDelayMsMax: 100 })
  world.run(50)
  t.is(a.events('bridge-dial-failed')[0]?.code, 'duplicate-bridge')
  world.run(1500)
  t.true(doAgree(group))
})

test('three brokers that all dial each other have three bridges', (t) => {
  const world = new VirtualWorld(5)
  world.latencyMs = () => world.random.integer(1, 50)
  const all = ['a', 'b', 'c'].map((name, i) => new BridgeStation(world, name, { port: i + 1 }))
  all.forEach((one, i) => {
    one.connect(
      [1, 2, 3].filter((port) => port !== i + 1),
      soon
    )
  })
  world.run(20_000)
  for (const one of all) t.is(one.bridges.all().length, 2)
  t.is(world.cables.size, 3)
})

test('both ends agree after any cuts, resets and delays, and nothing is lost', (t) => {
  const deed = fc.record({
    waitMs: fc.integer({ min: 0, max: 3000 }),
    what: fc.constantFrom('reset', 'cut', 'near', 'far', 'slow', 'fast')
  })
  fc.assert(
    fc.property(fc.nat(), fc.array(deed, { maxLength: 12 }), (seed, deeds) => {
      const group = stations(seed)
      const { world, a, b } = group
      let latencyMax = 100
      world.latencyMs = () => world.random.integer(1, latencyMax)
      a.connect([2], soon)
      b.connect([1], soon)
      const sent = { a: 0, b: 0 }
      for (const { waitMs, what } of deeds) {
        for (let i = 0; i < waitMs; i += 50) {
          world.turn(() => {
            if (a.send('b', `${sent.a}`) === 'accepted') sent.a += 1
            if (b.send('a', `${sent.b}`) === 'accepted') sent.b += 1
          })
          world.run(50)
        }
        if (what === 'slow') latencyMax = 3000
        if (what === 'fast') latencyMax = 100
        for (const cable of world.cables) {
          if (what === 'reset') cable.reset()
          if (what === 'cut') cable.isCut = true
          if (what === 'near') cable.near.close(new Error('reset'))
          if (what === 'far') cable.far.close(new Error('reset'))
        }
      }
      latencyMax = 100
      world.run(30_000)
      t.true(doAgree(group))
      t.is(world.cables.size, 1)
      for (const [from, to, count] of [
        [a, b, sent.a],
        [b, a, sent.b]
      ] as const) {
        t.is(from.ups.length, from.downs.length + 1)
        const arrived = to.bodies()
        t.is(new Set(arrived).size, arrived.length, 'nothing arrives twice')
        const accounted = new Set(arrived)
        for (const { state, message } of from.returned) {
          const body = message.body.toString()
          if (state === 'unsent') t.false(accounted.has(body), 'unsent means not taken')
          accounted.add(body)
        }
        t.is(accounted.size, count)
        t.is(from.bridges.get(to.name)?.messagesPending, 0)
      }
    }),
    { numRuns: 60 }
  )
})
