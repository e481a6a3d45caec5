// What a bridge does with a peer that keeps the rules of the protocol, and with one that breaks
// them.

import test from 'ava'
import {
  ackFrame,
  defineFrame,
  epochFrame,
  frameTypes,
  goodbyeFrame,
  partBytesMax,
  partFrame,
  rejectFrame
} from '../../../src/network/bridge-protocol/index.ts'
import { BridgePuppet } from '../../support/bridge-puppet.ts'
import { BridgeStation, type StationOptions } from '../../support/bridge-station.ts'
import { VirtualWorld } from '../../support/virtual-world.ts'

/** A station m, and a puppet that has dialled it. Names after m are arbiters over it. */
function opened(name: string, options: StationOptions = {}) {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { ...options, port: 1 })
  const puppet = new BridgePuppet(name).dial(world, 1)
  puppet.sayHello()
  world.run(10)
  puppet.sayStart(name > 'm' ? 1 : 0)
  world.run(10)
  return { world, station, puppet }
}

/** Sequence, origin 0 with sequence 9, destination 0, target 0, no headers, body 'x'. */
function sayData(puppet: BridgePuppet, sequence: number): void {
  puppet.sayRaw(frameTypes.data, 0, sequence, 0, 9, 0, 0, 0, 0x78)
}

function sayAliases(puppet: BridgePuppet): void {
  puppet.say(defineFrame, { kind: 'origin', alias: 0, broker: 'o', incarnation: 1 })
  puppet.say(defineFrame, { kind: 'destination', alias: 0, of: 'topic', name: 'news' })
  puppet.say(defineFrame, { kind: 'broker', alias: 0, broker: 'm' })
}

for (const name of ['a', 'z']) {
  test(`a bridge opens with HELLO and START from both ends, and then works (peer ${name})`, (t) => {
    const { world, station, puppet } = opened(name)
    t.deepEqual(puppet.heard.slice(0, 4), ['HELLO', 'START', 'EPOCH', 'EPOCH'])
    t.is(station.ups.length, 1)
    puppet.say(epochFrame, { lane: 0, epoch: 5, first: 1 })
    sayAliases(puppet)
    sayData(puppet, 1)
    sayData(puppet, 2)
    world.run(10)
    t.deepEqual(station.bodies(), ['x', 'x'])
    t.is(station.arrivals[0]?.message.destination.toString(), 'topic://news')
    t.is(puppet.heard.at(-1), 'ACK')
  })
}

test('the arbiter numbers what it grants; the other end repeats the number', (t) => {
  const below = opened('a')
  t.is(below.puppet.start?.generation, 1)
  const above = opened('z')
  t.is(above.puppet.start?.generation, 1)
})

test('a grant that a later one has overtaken is turned down', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const early = new BridgePuppet('z').dial(world, 1)
  const late = new BridgePuppet('z').dial(world, 1)
  early.sayHello()
  late.sayHello()
  world.run(10)
  late.sayStart(8)
  world.run(10)
  early.sayStart(7)
  world.run(10)
  t.is(early.refusal?.code, 'duplicate-bridge')
  t.false(late.isClosed)
  t.is(station.ups.length, 1)
  t.is(station.downs.length, 0)
  const later = new BridgePuppet('z').dial(world, 1)
  later.sayHello()
  world.run(10)
  later.sayStart(9)
  world.run(10)
  t.is(late.refusal?.code, 'duplicate-bridge')
  t.is(station.ups.length, 2)
})

test('an earlier life of the arbiter is not obeyed, a later one is, from any number', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  for (const [incarnation, generation, isObeyed] of [
    [5, 9, true],
    [6, 1, true],
    [5, 10, false]
  ] as const) {
    const upsBefore = station.ups.length
    const puppet = new BridgePuppet('z').dial(world, 1)
    puppet.sayHello({ incarnation })
    world.run(10)
    puppet.sayStart(generation)
    world.run(10)
    t.is(station.ups.length - upsBefore, isObeyed ? 1 : 0)
  }
})

test('a later life of the arbiter that is gone for long keeps no earlier one out', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const grant = (incarnation: number): void => {
    const puppet = new BridgePuppet('z').dial(world, 1)
    puppet.sayHello({ incarnation })
    world.run(10)
    puppet.sayStart(1)
    world.run(10)
  }
  grant(6)
  grant(5)
  t.is(station.ups.length, 1, 'while the later one stands')
  // It answers no ping, and is given up.
  world.run(6_000)
  t.is(station.bridges.get('z'), undefined)
  grant(5)
  t.is(station.ups.length, 1, 'soon after it has gone')
  world.run(15_000)
  grant(5)
  t.is(station.ups.length, 2)
  t.is(station.bridges.get('z')?.peerIncarnation, 5)
})

test('an arbiter that grants another connection ends the one it had started itself', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const dialled = new BridgePuppet('a').listen(world, 2)
  station.connect([2])
  world.run(20)
  dialled.sayHello()
  world.run(10)
  t.is(dialled.start?.generation, 1)
  const asking = new BridgePuppet('a').dial(world, 1)
  asking.sayHello()
  world.run(10)
  asking.sayStart(0)
  world.run(10)
  t.is(asking.refusal?.code, 'duplicate-bridge')
  const again = new BridgePuppet('a').dial(world, 1)
  again.sayHello()
  world.run(2500)
  again.sayStart(0)
  world.run(10)
  t.is(again.start?.generation, 2)
  t.is(dialled.refusal?.code, 'duplicate-bridge')
  t.is(station.ups.length, 1)
  t.is(station.bridges.connectorStates()[0]?.state.name, 'standby')
})

test('a version that is not spoken is refused by name', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const puppet = new BridgePuppet('a').dial(world, 1)
  puppet.sayHello({ versionMin: 2, version: 3 })
  world.run(10)
  t.is(puppet.refusal?.code, 'wrong-version')
  t.is(station.events('bridge-refused')[0]?.reason, 'versions 2 to 3 are not spoken here')
})

test('a newer version that still speaks ours is welcome', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const puppet = new BridgePuppet('a').dial(world, 1)
  puppet.sayHello({ version: 9, capabilities: 0xffffffff })
  world.run(10)
  puppet.sayStart(0)
  world.run(10)
  t.is(station.ups.length, 1)
})

test('strangers that say HELLO and no more still count as strangers', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1, bridges: { greetingsMax: 2 } })
  const strangers = ['a', 'b', 'c'].map((name) => {
    const puppet = new BridgePuppet(name).dial(world, 1)
    if (!puppet.isClosed) puppet.sayHello()
    world.run(10)
    return puppet
  })
  t.deepEqual(
    strangers.map(({ isClosed }) => isClosed),
    [false, false, true]
  )
  t.is(station.events('bridge-refused')[0]?.reason, 'limit-reached')
  world.run(6000)
  t.is(strangers[0]?.refusal?.code, 'timeout')
})

test('brokers beyond the configured number are refused with the limit', (t) => {
  const { world, station } = opened('a', { bridges: { pairsMax: 1 } })
  const second = new BridgePuppet('b').dial(world, 1)
  second.sayHello()
  world.run(10)
  t.is(second.refusal?.code, 'limit-reached')
  t.is(station.bridges.all().length, 1)
})

test('a broker long gone makes room for another', (t) => {
  const { world, station, puppet } = opened('a', { bridges: { pairsMax: 1 } })
  puppet.say(goodbyeFrame, { code: 'shutting-down', text: '' })
  world.run(61_000)
  const second = new BridgePuppet('b').dial(world, 1)
  second.sayHello()
  world.run(10)
  second.sayStart(0)
  world.run(10)
  t.truthy(station.bridges.get('b'))
})

test('GOODBYE is answered with what was taken and a GOODBYE', (t) => {
  const { world, station, puppet } = opened('a')
  puppet.say(epochFrame, { lane: 0, epoch: 5, first: 1 })
  sayAliases(puppet)
  sayData(puppet, 1)
  puppet.say(goodbyeFrame, { code: 'withdrawn', text: 'enough' })
  world.run(10)
  t.deepEqual(puppet.heard.slice(-2), ['ACK', 'GOODBYE'])
  t.is(station.downs[0], 'withdrawn: enough')
  t.true(puppet.isClosed)
})

test('frames that a later version may add are skipped', (t) => {
  const { world, station, puppet } = opened('a')
  puppet.sayRaw(128, 1, 2, 3)
  puppet.sayRaw(255)
  world.run(100)
  t.is(station.downs.length, 0)
})

const violations: readonly [string, RegExp, (puppet: BridgePuppet) => void][] = [
  ['a frame type nobody knows', /type 99 is no frame/, (p) => p.sayRaw(99)],
  ['a second HELLO', /HELLO is no frame of an open bridge/, (p) => p.sayHello()],
  [
    'an ACK for what was never sent',
    /high water is 3/,
    (p) => p.say(ackFrame, { lane: 0, highWater: 3 })
  ],
  [
    'a REJECT of what was never sent',
    /sequence is 3, which is not under way/,
    (p) => p.say(rejectFrame, { lane: 1, sequence: 3, code: 'no-room', text: '' })
  ],
  [
    'DATA before EPOCH',
    /sequence is 1, expected 1/,
    (p) => {
      sayAliases(p)
      sayData(p, 1)
    }
  ],
  [
    'a gap in the sequence',
    /sequence is 3, expected 2/,
    (p) => {
      p.say(epochFrame, { lane: 0, epoch: 5, first: 1 })
      sayAliases(p)
      sayData(p, 1)
      sayData(p, 3)
    }
  ],
  [
    'EPOCH twice',
    /EPOCH: came twice/,
    (p) => {
      p.say(epochFrame, { lane: 0, epoch: 5, first: 1 })
      p.say(epochFrame, { lane: 0, epoch: 6, first: 1 })
    }
  ],
  [
    'an alias never defined',
    /origin is an alias never defined/,
    (p) => {
      p.say(epochFrame, { lane: 0, epoch: 5, first: 1 })
      sayData(p, 1)
    }
  ],
  [
    'DATA in parts',
    /DATA came in parts/,
    (p) => {
      const bytes = Buffer.from([frameTypes.data, 1])
      p.say(partFrame, { isLast: true, bytes, start: 0, end: 2 })
    }
  ],
  [
    'a frame over the limit',
    /frame length is 70000000/,
    (p) => p.sayBytes(Buffer.from([0x04, 0x2c, 0x1d, 0x80, frameTypes.data]))
  ],
  ['a PING cut short', /PING: id is cut short/, (p) => p.sayRaw(frameTypes.ping, 1)],
  ['a PART that is empty', /PART: bytes are missing/, (p) => p.sayRaw(frameTypes.part, 1)]
]

for (const [what, reason, violate] of violations) {
  test(`${what} ends the bridge as a protocol error, and both ends log it`, (t) => {
    const { world, station, puppet } = opened('a')
    violate(puppet)
    world.run(10)
    t.is(puppet.refusal?.code, 'protocol-error')
    t.regex(puppet.refusal!.text, reason)
    t.regex(station.downs[0]!, reason)
    t.is(puppet.heard.at(-1), 'GOODBYE')
    t.true(puppet.isClosed)
  })
}

test('parts without an end are a protocol error once they pass the limit', (t) => {
  const { world, station, puppet } = opened('a')
  const bytes = Buffer.alloc(partBytesMax)
  for (let i = 0; i < 2100; i += 1) {
    puppet.say(partFrame, { isLast: false, bytes, start: 0, end: partBytesMax })
  }
  world.run(10)
  t.regex(station.downs[0]!, /the parts make a frame over the limit/)
})

test('a stranger may not send parts longer than a HELLO', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const puppet = new BridgePuppet('a').dial(world, 1)
  const bytes = Buffer.alloc(partBytesMax)
  for (let i = 0; i < 140; i += 1) {
    puppet.say(partFrame, { isLast: false, bytes, start: 0, end: partBytesMax })
  }
  world.run(10)
  t.is(puppet.refusal?.code, 'protocol-error')
  t.is(station.events('bridge-refused').length, 1)
})

for (const [what, say] of [
  ['START', (p: BridgePuppet) => p.sayStart(1)],
  ['PING', (p: BridgePuppet) => p.sayRaw(frameTypes.ping, 0, 0, 0, 1)],
  ['DATA', (p: BridgePuppet) => sayData(p, 1)]
] as const) {
  test(`${what} where HELLO was expected is refused`, (t) => {
    const world = new VirtualWorld()
    new BridgeStation(world, 'm', { port: 1 })
    const puppet = new BridgePuppet('a').dial(world, 1)
    say(puppet)
    world.run(10)
    t.is(puppet.refusal?.text, `${what} came where HELLO was expected`)
  })
}

test('DATA against the direction of a one-way bridge ends it', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const dialled = new BridgePuppet('a').listen(world, 2)
  station.connect([2], { duplex: false })
  world.run(20)
  dialled.sayHello({ isDuplex: false })
  world.run(10)
  dialled.sayStart(1)
  world.run(10)
  t.is(station.ups.length, 1)
  dialled.say(epochFrame, { lane: 0, epoch: 5, first: 1 })
  sayAliases(dialled)
  sayData(dialled, 1)
  world.run(10)
  t.regex(station.downs[0]!, /one-way/)
})

test('a peer that asks and never reads is given up before it costs much memory', (t) => {
  const { world, station } = opened('a')
  const bridge = station.bridges.get('a')!
  const entries = Array.from({ length: 1000 }, (_, i) => ({
    kind: 'queue' as const,
    pattern: `${'x'.repeat(1000)}.${i}`,
    weight: 1
  }))
  for (const cable of world.cables) cable.bytesPerMs = 1
  for (let i = 0; i < 200; i += 1) {
    bridge.sendDemand({ broker: 'm', incarnation: 1, version: i, entries })
  }
  world.run(1100)
  t.is(station.downs[0]?.split(':')[0], 'not-reading')
})
