// Network connectors: never given up, never in a hurry, and always one of bridged, standing by,
// dialling or waiting.

import test from 'ava'
import fc from 'fast-check'
import { BridgeStation } from '../../support/bridge-station.ts'
import { VirtualWorld } from '../../support/virtual-world.ts'

test('a broker that cannot be reached is dialled for ever, more and more rarely', (t) => {
  const world = new VirtualWorld(3)
  const a = new BridgeStation(world, 'a')
  const dialsAtMs: number[] = []
  a.connect([9], { reconnectDelayMsInitial: 100, reconnectDelayMsMax: 5000 })
  for (let i = 0; i < 600_000; i += 100) {
    world.run(100)
    const { state } = a.bridges.connectorStates()[0]!
    if (state.name !== 'waiting') continue
    if (dialsAtMs.at(-1) !== state.untilMs) dialsAtMs.push(state.untilMs)
  }
  const gaps = dialsAtMs.map((at, i) => at - (dialsAtMs[i - 1] ?? 0)).slice(1)
  t.true(dialsAtMs.length > 150 && dialsAtMs.length < 600)
  t.true(Math.max(...gaps) <= 5100)
  const late = gaps.slice(20)
  const mean = late.reduce((sum, gap) => sum + gap, 0) / late.length
  t.true(mean > 2000 && mean < 3000, 'jitter is spread over the whole delay')
})

test('failures are logged the first, tenth and hundredth time', (t) => {
  const world = new VirtualWorld()
  const a = new BridgeStation(world, 'a')
  a.connect([9], { reconnectDelayMsInitial: 100, reconnectDelayMsMax: 1000 })
  world.run(100_000)
  t.deepEqual(
    a.events('bridge-dial-failed').map((line) => line.failures),
    [1, 10, 100]
  )
  const [first] = a.events('bridge-dial-failed')
  t.like(first, { connector: 'to-9', uri: 'postroad://host:9', reason: 'nobody listens on 9' })
})

test('the delay starts over after a bridge that stood ten seconds, and not before', (t) => {
  const attemptAfter = (stoodMs: number) => {
    const world = new VirtualWorld()
    const a = new BridgeStation(world, 'a')
    a.connect([2], { reconnectDelayMsInitial: 100, reconnectDelayMsMax: 1000 })
    world.run(5000)
    new BridgeStation(world, 'b', { port: 2 })
    world.runUntil(() => a.ups.length > 0)
    world.run(stoodMs)
    for (const cable of world.cables) cable.reset()
    const { state } = a.bridges.connectorStates()[0]!
    return state.name === 'waiting' ? state.attempt : undefined
  }
  t.true(attemptAfter(5000)! > 5)
  t.is(attemptAfter(11_000), 1)
})

test('connectors are started together, one unreachable broker delays no other', (t) => {
  const world = new VirtualWorld()
  const a = new BridgeStation(world, 'a')
  new BridgeStation(world, 'b', { port: 2 })
  new BridgeStation(world, 'c', { port: 3 })
  a.connect([9, 2])
  a.connect([3])
  world.run(20)
  t.deepEqual(
    a.bridges.connectorStates().map(({ uri, state }) => [uri, state.name]),
    [
      ['postroad://host:9', 'waiting'],
      ['postroad://host:2', 'bridged'],
      ['postroad://host:3', 'bridged']
    ]
  )
})

test('a failure of another kind is logged at once, however many came before', (t) => {
  const world = new VirtualWorld()
  const a = new BridgeStation(world, 'a')
  a.connect([2], { reconnectDelayMsMax: 1000 })
  world.run(3000)
  const before = a.events('bridge-dial-failed').length
  new BridgeStation(world, 'b', { port: 2, network: 'elsewhere' })
  world.run(3000)
  const news = a.events('bridge-dial-failed').slice(before)
  t.is(news[0]?.code, 'wrong-network')
  t.false([1, 10].includes(Number(news[0]?.failures)), 'a number not logged otherwise')
})

test('a connector can be stopped in every state', (t) => {
  for (const [name, afterMs] of [
    ['dialling', 0],
    ['greeting', 2],
    ['bridged', 50]
  ] as const) {
    const world = new VirtualWorld()
    const a = new BridgeStation(world, 'a')
    const b = new BridgeStation(world, 'b', { port: 2 })
    const connector = a.connect([2])
    world.run(afterMs)
    t.is(connector.states()[0]?.state.name, name)
    world.turn(() => connector.stop())
    world.run(20_000)
    t.is(connector.states()[0]?.state.name, 'stopped')
    t.is(a.bridges.all().length + b.bridges.all().length, 0)
    t.is(world.cables.size, 0)
    connector.stop()
  }
})

test('terms that do not fit a HELLO frame are refused when configured', (t) => {
  const world = new VirtualWorld()
  const a = new BridgeStation(world, 'a')
  const refused = (change: object, message: RegExp) =>
    t.throws(() => a.connect([2], change), { code: 'LOCAL_CONFIG_INVALID', message })
  refused({ cost: 0 }, /cost is 0, expected an integer from 1 to 65535/)
  refused({ cost: 65_536 }, /cost is 65536/)
  refused({ name: 'x'.repeat(256) }, /name is longer than 255 bytes/)
  refused({ include: new Array(1025).fill('queue://x') }, /include has 1025 entries/)
  refused({ exclude: [`queue://${'x'.repeat(1100)}`] }, /exclude has an entry longer than 1100/)
  t.is(a.bridges.connectorStates().length, 0)
})

test('a dialler is bridged or standing by, or a dial or a retry is under way', (t) => {
  const deed = fc.tuple(
    fc.integer({ min: 0, max: 4000 }),
    fc.constantFrom('reset', 'cut', 'deaf', 'hear', 'refuse', 'welcome', 'restart', 'none')
  )
  fc.assert(
    fc.property(fc.nat(), fc.array(deed, { maxLength: 15 }), (seed, deeds) => {
      const world = new VirtualWorld(seed)
      world.latencyMs = () => world.random.integer(1, 200)
      const soon = { reconnectDelayMsInitial: 200, reconnectDelayMsMax: 2000 }
      const a = new BridgeStation(world, 'a', { port: 1 })
      let b = new BridgeStation(world, 'b', { port: 2 })
      a.connect([2], soon)
      b.connect([1], soon)
      let incarnation = 1
      const check = () => {
        for (const { state } of a.bridges.connectorStates()) {
          const { name } = state
          if (name === 'waiting') t.true(state.untilMs >= world.monotonicMs())
          else t.true(['dialling', 'greeting', 'bridged', 'standby'].includes(name))
          if (name === 'bridged') t.truthy(a.bridges.get(state.peer))
        }
      }
      for (const [waitMs, what] of deeds) {
        for (let i = 0; i < waitMs; i += 100) {
          world.run(100)
          check()
        }
        if (what === 'deaf') world.canDial = false
        if (what === 'hear') world.canDial = true
        if (what === 'refuse') a.refusal = { code: 'name-in-use', text: 'not now' }
        if (what === 'welcome') a.refusal = undefined
        for (const cable of world.cables) {
          if (what === 'reset') cable.reset()
          if (what === 'cut') cable.isCut = true
        }
        if (what === 'restart') {
          incarnation += 1
          for (const cable of world.cables) cable.reset()
          b.bridges.stop(() => {})
          b = new BridgeStation(world, 'b', { port: 2, incarnation })
          b.connect([1], soon)
        }
        check()
      }
      world.canDial = true
      a.refusal = undefined
      world.run(30_000)
      t.is(a.bridges.get('b')?.peerIncarnation, incarnation)
      t.is(b.bridges.all().length, 1)
    }),
    { numRuns: 40 }
  )
})
