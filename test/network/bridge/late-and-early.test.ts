// What comes late, early or twice on the connections of one pair, and what is done about it. The
// marks show that each test takes the branch it is about.

import test from 'ava'
import { marksHit, type RecoveryMark, resetMarks } from '../../../src/base/index.ts'
import {
  ackFrame,
  defineFrame,
  epochFrame,
  frameTypes
} from '../../../src/network/bridge-protocol/index.ts'
import { BridgePuppet } from '../../support/bridge-puppet.ts'
import { BridgeStation } from '../../support/bridge-station.ts'
import { VirtualWorld } from '../../support/virtual-world.ts'

test.beforeEach(() => resetMarks())

/** A puppet that has dialled the station at port 1 and said HELLO. */
function greeted(world: VirtualWorld, name: string, incarnation = 1): BridgePuppet {
  const puppet = new BridgePuppet(name).dial(world, 1)
  puppet.sayHello({ incarnation })
  world.run(10)
  return puppet
}

/** The same, with its bridge open. */
function opened(world: VirtualWorld, name: string, highWater = 0): BridgePuppet {
  const puppet = greeted(world, name)
  puppet.sayStart(name > 'm' ? 1 : 0, 0, highWater)
  world.run(10)
  return puppet
}

function sayAliases(puppet: BridgePuppet): void {
  puppet.say(defineFrame, { kind: 'origin', alias: 0, broker: 'o', incarnation: 1 })
  puppet.say(defineFrame, { kind: 'destination', alias: 0, of: 'topic', name: 'news' })
  puppet.say(defineFrame, { kind: 'broker', alias: 0, broker: 'm' })
}

function sayData(puppet: BridgePuppet, sequence: number): void {
  puppet.sayRaw(frameTypes.data, 0, sequence, 0, sequence, 0, 0, 0, 0x78)
}

function isHit(name: RecoveryMark): boolean {
  return marksHit().some(([hit]) => hit === name)
}

test.serial('a message sent again after a reconnect is taken once and acknowledged again', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const first = opened(world, 'a')
  first.say(epochFrame, { lane: 0, epoch: 5, first: 1 })
  sayAliases(first)
  for (const sequence of [1, 2, 3]) sayData(first, sequence)
  world.run(10)
  const again = opened(world, 'a')
  t.is(again.start?.received[0].highWater, 3)
  again.say(epochFrame, { lane: 0, epoch: 5, first: 2 })
  sayAliases(again)
  for (const sequence of [2, 3, 4]) sayData(again, sequence)
  world.run(10)
  t.is(station.arrivals.length, 4)
  t.is(again.heard.at(-1), 'ACK')
  t.true(isHit('channel-resumed') && isHit('channel-duplicate-dropped'))
})

test.serial('a peer that would go on beyond what has come is a protocol error', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const first = opened(world, 'a')
  first.say(epochFrame, { lane: 0, epoch: 5, first: 1 })
  sayAliases(first)
  sayData(first, 1)
  world.run(10)
  const again = opened(world, 'a')
  again.say(epochFrame, { lane: 0, epoch: 5, first: 3 })
  world.run(10)
  t.is(again.refusal?.code, 'protocol-error')
  t.is(station.arrivals.length, 1)
  t.true(isHit('channel-epoch-with-gap'))
})

test.serial('an acknowledgement that says nothing new changes nothing', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const puppet = opened(world, 'a')
  for (const body of ['1', '2', '3']) station.send('a', body)
  world.run(10)
  for (const highWater of [2, 1, 2]) puppet.say(ackFrame, { lane: 0, highWater })
  world.run(10)
  t.is(station.bridges.get('a')?.messagesPending, 1)
  t.false(puppet.isClosed)
  t.true(isHit('channel-ack-outdated'))
})

test.serial('an acknowledgement that overtakes sending again spares what is taken', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const first = opened(world, 'a')
  for (let sent = 0; sent < 2_000; sent += 1) station.send('a', 'x'.repeat(1_000))
  world.run(100)
  const again = greeted(world, 'a')
  for (const cable of world.cables) cable.bytesPerMs = 1_000
  again.sayStart(0, first.epoch, 0)
  world.run(20)
  const resent = again.heard.filter((name) => name === 'DATA').length
  again.say(ackFrame, { lane: 0, highWater: 2_000 })
  world.run(3_000)
  const all = again.heard.filter((name) => name === 'DATA').length
  t.true(resent < all && all < 1_000, `${resent} and ${all} were sent again`)
  t.is(station.bridges.get('a')?.messagesPending, 0)
  t.false(again.isClosed)
  t.true(isHit('channel-ack-spares-resending'))
})

test.serial('a grant from an earlier life of the arbiter is not obeyed, whatever stands', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const early = greeted(world, 'z', 5)
  const late = greeted(world, 'z', 6)
  late.sayStart(1)
  world.run(10)
  early.sayStart(9)
  world.run(10)
  t.is(early.refusal?.code, 'duplicate-bridge')
  t.is(station.ups.length, 1)
  t.false(late.isClosed)
  t.true(isHit('bridge-grant-of-earlier-life'))
})

test.serial('a dial that meets a later life ends what stands with the earlier one', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const dialled = new BridgePuppet('a').listen(world, 2)
  station.connect([2])
  world.run(20)
  const old = opened(world, 'a')
  t.is(station.ups.length, 1)
  dialled.sayHello({ incarnation: 2 })
  world.run(10)
  dialled.sayStart(1)
  world.run(10)
  t.true(old.isClosed || old.refusal !== undefined)
  t.is(station.ups.length, 2)
  t.is(station.bridges.get('a')?.peerIncarnation, 2)
  t.true(isHit('bridge-of-earlier-life-ended'))
})

test.serial('a bridge that leaves takes no message and no fact', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  opened(world, 'a')
  const bridge = station.bridges.get('a')!
  bridge.close('shutting-down', 'a test')
  t.is(station.send('a', 'late'), 'full')
  bridge.sendDemandRequest('b')
  world.run(3_000)
  t.is(station.returned.length, 0)
  for (const name of [
    'bridge-message-after-end',
    'bridge-fact-after-end',
    'bridge-goodbye-unanswered'
  ] as const) {
    t.true(isHit(name), name)
  }
})

test.serial('more messages over the peer’s limit than a turn returns hold the sender back', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const puppet = greeted(world, 'a')
  puppet.sayStart(0)
  world.run(10)
  const body = 'x'.repeat(1_000_001)
  const outcomes = new Set<string>()
  for (let sent = 0; sent < 1_025; sent += 1) outcomes.add(station.send('a', body))
  t.deepEqual([...outcomes], ['accepted', 'full'])
  world.run(10)
  t.is(station.returned.length, 1_024)
  t.deepEqual(station.rooms, ['a'])
  t.true(isHit('channel-too-many-too-large'))
})

test.serial('a fact too large for any frame is left out, and the bridge stands', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const puppet = opened(world, 'a')
  const pattern = 'p'.repeat(1_000)
  const entries = Array.from({ length: 70_000 }, (_, at) => {
    return { kind: 'queue' as const, pattern: `${at}${pattern}`, weight: 1 }
  })
  station.bridges.get('a')!.sendDemand({ broker: 'm', incarnation: 1, version: 1, entries })
  world.run(10)
  t.false(puppet.isClosed)
  t.is(station.events('bridge-frame-too-large').length, 1)
  t.true(isHit('bridge-fact-too-large'))
})
