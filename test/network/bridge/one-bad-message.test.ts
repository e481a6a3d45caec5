// A message that the other end cannot take is refused by itself: its sender has it back with the
// reason, the bridge stands, and everything around it arrives in order and once.

import test from 'ava'
import { marksHit } from '../../../src/base/index.ts'
import { DestinationTable, Message, messageOrigin } from '../../../src/broker/index.ts'
import { OutgoingChannel, type Returned } from '../../../src/network/bridge/outgoing-channel.ts'
import {
  defineFrame,
  epochFrame,
  frameTypes,
  lanes,
  voidFrame
} from '../../../src/network/bridge-protocol/index.ts'
import type { TransferLog } from '../../../src/network/custody/index.ts'
import { BridgePuppet } from '../../support/bridge-puppet.ts'
import { BridgeStation } from '../../support/bridge-station.ts'
import { SeededRandom, VirtualWorld } from '../../support/virtual-world.ts'

test('a message that the other end refuses comes back alone; the rest goes on in order', (t) => {
  const world = new VirtualWorld()
  const a = new BridgeStation(world, 'a', { port: 1 })
  const b = new BridgeStation(world, 'b', { port: 2 })
  a.connect([2])
  world.run(50)
  b.refuses = ({ body }) => {
    return body === '3' || body === '7' ? { code: 'no-room', text: 'not here' } : undefined
  }
  for (let number = 1; number < 10; number += 1) a.send('b', `${number}`)
  world.run(100)
  const order = ['1', '2', '3', '4', '5', '6', '7', '8', '9']
  t.deepEqual(b.bodies(), order)
  t.deepEqual(
    a.returned.map(({ message, state, rejection }) => [
      message.body.toString(),
      state,
      rejection?.code,
      rejection?.text
    ]),
    [
      ['3', 'rejected', 'no-room', 'not here'],
      ['7', 'rejected', 'no-room', 'not here']
    ]
  )
  t.is(a.bridges.get('b')?.messagesPending, 0)
  t.is(a.ups.length, 1)
  t.is(b.events('message-refused').length, 2)
  a.send('b', '10')
  world.run(50)
  t.is(b.bodies().at(-1), '10')
})

test('what is refused when the bridge breaks is not sent again over the next one', (t) => {
  const world = new VirtualWorld()
  const a = new BridgeStation(world, 'a', { port: 1 })
  const b = new BridgeStation(world, 'b', { port: 2 })
  a.connect([2], { reconnectDelayMsInitial: 50, reconnectDelayMsMax: 200 })
  world.run(50)
  b.refuses = ({ body }) => (body === '2' ? { code: 'no-room', text: 'not here' } : undefined)
  for (const body of ['1', '2', '3']) a.send('b', body)
  while (a.returned.length === 0) world.run(0.1)
  for (const cable of world.cables) cable.reset()
  world.run(1_000)
  t.is(a.ups.length, 2)
  t.deepEqual(b.bodies(), ['1', '2', '3'])
  t.deepEqual(
    a.returned.map(({ message }) => message.body.toString()),
    ['2']
  )
  t.is(a.bridges.get('b')?.messagesPending, 0)
})

test('a message that cannot be read is refused by itself, and the rest waits for its void', (t) => {
  const world = new VirtualWorld()
  const station = new BridgeStation(world, 'm', { port: 1 })
  const puppet = new BridgePuppet('a').dial(world, 1)
  puppet.sayHello()
  world.run(10)
  puppet.sayStart(0)
  world.run(10)
  puppet.say(epochFrame, { lane: lanes.volatile, epoch: 5, first: 1 })
  puppet.say(defineFrame, { kind: 'origin', alias: 0, broker: 'o', incarnation: 1 })
  puppet.say(defineFrame, { kind: 'destination', alias: 0, of: 'topic', name: 'news' })
  puppet.say(defineFrame, { kind: 'broker', alias: 0, broker: 'm' })
  const sayGood = (sequence: number): void =>
    puppet.sayRaw(frameTypes.data, 0, sequence, 0, sequence, 0, 0, 0, 0x78)
  sayGood(1)
  // Flags say priority and redirects: 99 is no priority.
  puppet.sayRaw(frameTypes.data, 0x80, 2, 0, 2, 0, 99, 0, 0, 0, 0, 0x78)
  sayGood(3)
  world.run(10)
  t.is(puppet.heard.filter((name) => name === 'REJECT').length, 1)
  t.is(station.arrivals.length, 1)
  puppet.say(voidFrame, { lane: lanes.volatile, sequence: 2 })
  sayGood(3)
  world.run(10)
  t.deepEqual(
    station.arrivals.map(({ sequence }) => sequence),
    [1, 3]
  )
  t.is(station.downs.length, 0)
  t.true(marksHit().some(([name]) => name === 'bridge-message-undecodable'))
})

/** A channel on a log whose flushes the test decides, and what it wrote to its connection. */
function loggedChannel() {
  const world = new VirtualWorld()
  const written: string[] = []
  const returned: Returned[] = []
  const waiting: ((error: Error | undefined) => void)[] = []
  let last = 0
  const removed: number[] = []
  const log = {
    storedUpTo: Number.POSITIVE_INFINITY,
    onProgress: () => {},
    put: () => ++last,
    remove: (number: number) => removed.push(number),
    whenDurable: (callback: (error: Error | undefined) => void) => waiting.push(callback),
    recover: () => []
  } as unknown as TransferLog
  const channel = new OutgoingChannel(
    'b',
    lanes.persistent,
    {
      clock: world,
      random: new SeededRandom(1),
      owner: { onReturned: (items) => returned.push(...items), onRoom: () => {} },
      log
    },
    {
      window: { messagesMax: 100, bytesMax: 1e6 },
      outbox: { messagesMax: 100, bytesMax: 1e6 },
      inDoubtHoldMs: 2_000
    }
  )
  channel.attach(
    {
      isWritable: true,
      fits: () => true,
      lets: () => true,
      writeData: (sequence) => written.push(`DATA ${sequence}`),
      writeEpoch: () => {},
      writeVoid: (_lane, sequence) => written.push(`VOID ${sequence}`)
    },
    { received: { epoch: 0, highWater: 0 }, isSameLife: true, peerLife: 1 }
  )
  const destinations = new DestinationTable()
  for (let sequence = 1; sequence < 4; sequence += 1) {
    const queue = destinations.get('queue', 'q')
    const message = new Message(queue, messageOrigin('a', 1), sequence)
    message.isPersistent = true
    channel.send(message, ['b'], 0)
  }
  written.length = 0
  const reject = (sequence: number): boolean =>
    channel.reject({ lane: lanes.persistent, sequence, code: 'no-room', text: '' })
  return { world, channel, written, returned, waiting, removed, reject }
}

test('a message is called void once its dead letter is on disk, and not while that fails', (t) => {
  const { world, written, returned, waiting, removed, reject } = loggedChannel()
  t.true(reject(2))
  t.is(returned.length, 1)
  t.deepEqual(removed, [2])
  t.deepEqual(written, [])
  waiting.shift()!(new Error('the disk is full'))
  t.deepEqual(written, [])
  world.run(1_500)
  waiting.shift()!(undefined)
  t.deepEqual(written, ['VOID 2', 'DATA 3'])
  t.true(reject(2))
  t.is(returned.length, 1)
})

test('what was acknowledged, or never sent, cannot be refused', (t) => {
  const { channel, returned, reject } = loggedChannel()
  channel.acknowledge(1)
  t.false(reject(1))
  t.false(reject(4))
  t.is(returned.length, 0)
})
