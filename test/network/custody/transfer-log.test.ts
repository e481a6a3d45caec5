// Messages on their way, in the store: as they were, in their order, until they are done with.

import test from 'ava'
import fc from 'fast-check'
import { CustodyStore, TransferLog } from '../../../src/network/custody/index.ts'
import { readTransfer, storableTransfer } from '../../../src/network/custody/transfer-record.ts'
import { BrokerWorld, bodyOf } from '../../support/broker-world.ts'

function depsOf({ broker, clock }: BrokerWorld) {
  return { store: broker.store, clock, destinations: broker.destinations }
}

test('a transfer is read back as it was written', (t) => {
  const world = new BrokerWorld()
  const facts = fc.record({
    targets: fc.array(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), { maxLength: 5 }),
    flags: fc.nat(1),
    epoch: fc.maxSafeNat(),
    sequence: fc.maxSafeNat(),
    peerLife: fc.maxSafeNat()
  })
  fc.assert(
    fc.property(facts, fc.string({ unit: 'binary' }), (transfer, body) => {
      const message = world.aMessage({ kind: 'topic', to: 'prices', body, isPersistent: true })
      message.brokerPath = ['x', 'y']
      const storable = storableTransfer({ ...transfer, message }, world.clock)
      const bytes = storable.encode()
      t.is(bytes.length, storable.encodedBytes)
      const { message: again, ...rest } = readTransfer(
        bytes,
        world.broker.destinations,
        world.clock
      )
      t.deepEqual(rest, transfer)
      t.is(bodyOf(again), bodyOf(message))
      t.deepEqual(again.brokerPath, ['x', 'y'])
      t.true(again.isPersistent)
    })
  )
  const unknown = Buffer.alloc(40, 9)
  t.throws(() => readTransfer(unknown, world.broker.destinations, world.clock), {
    message: 'a stored transfer has version 9, this program reads 1'
  })
})

test('a later life finds what was not done with, in order, and numbers go on behind it', (t) => {
  const world = new BrokerWorld()
  const none = { targets: ['b'], flags: 0, epoch: 7, peerLife: 1 }
  const log = new CustodyStore(depsOf(world)).logOf('b')
  let progress = 0
  log.onProgress = () => {
    progress += 1
  }
  for (let sequence = 1; sequence <= 1_200; sequence += 1) {
    const message = world.aMessage({ body: `${sequence}`, isPersistent: true })
    t.is(log.put({ ...none, message, sequence }), sequence)
  }
  t.is(log.storedUpTo, 0)
  world.run(50)
  t.is(log.storedUpTo, 1_200)
  t.true(progress > 0)
  for (let number = 1; number <= 1_000; number += 1) log.remove(number)
  world.run(50)
  world.crash()
  const custody = new CustodyStore(depsOf(world))
  t.deepEqual(custody.peers(), ['b'])
  const again = custody.logOf('b')
  const found = again.recover()
  t.deepEqual(
    found.map(({ number, sequence, message }) => [number, sequence, bodyOf(message)].join()),
    Array.from({ length: 200 }, (_, at) => `${1_001 + at},${1_001 + at},${1_001 + at}`)
  )
  t.is(again.put({ ...none, message: found[0]!.message, sequence: 1 }), 1_201)
})

test('the mark of a channel is written with the message, and found again', (t) => {
  const world = new BrokerWorld()
  const marks = new CustodyStore(depsOf(world)).marksOf('a')
  t.is(marks.mark, undefined)
  const log = new TransferLog('bridge b', depsOf(world))
  marks.setMark(12, 3)
  const message = world.aMessage({ isPersistent: true })
  log.put({ message, targets: ['b'], flags: 0, epoch: 1, sequence: 1, peerLife: 1 })
  marks.setMark(12, 4)
  let isDurable = false
  marks.whenDurable((error) => {
    isDurable = error === undefined
  })
  t.false(isDurable)
  world.run(50)
  t.true(isDurable)
  world.crash()
  t.deepEqual(new CustodyStore(depsOf(world)).marksOf('a').mark, { epoch: 12, highWater: 4 })
})

test('a mark of what is settled is not waited for, and written a moment later', (t) => {
  const world = new BrokerWorld()
  const marks = new CustodyStore(depsOf(world)).marksOf('a')
  marks.setMark(12, 4)
  let isTold = false
  marks.whenDurable(() => {
    isTold = true
  })
  t.true(isTold)
  world.run(20)
  world.crash()
  const { mark } = new CustodyStore(depsOf(world)).marksOf('a')
  t.is(mark, undefined)
  const again = new CustodyStore(depsOf(world)).marksOf('a')
  again.setMark(12, 5)
  world.run(100)
  world.crash()
  t.deepEqual(new CustodyStore(depsOf(world)).marksOf('a').mark, { epoch: 12, highWater: 5 })
})

test('logs have names that no queue of a client has', (t) => {
  const world = new BrokerWorld()
  const log = new TransferLog('bridge b', depsOf(world))
  const message = world.aMessage({ isPersistent: true })
  log.put({ message, targets: ['b'], flags: 0, epoch: 1, sequence: 1, peerLife: 1 })
  world.run(50)
  world.crash()
  t.is(world.broker.queues.find('bridge b'), undefined)
})
