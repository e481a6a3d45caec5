// What a client is told when something is full and refuses, or when the store takes nothing: an
// ERROR after the receipts of all that was taken, so that it knows where to go on.

import test from 'ava'
import type { DeliveryPolicy } from '../../../src/broker/index.ts'
import { aPolicy } from '../../support/broker-world.ts'
import type { StompPeer } from '../../support/stomp-peer.ts'
import { StompWorld, type StompWorldOptions } from '../../support/stomp-world.ts'

const refusing: DeliveryPolicy = aPolicy({
  pattern: 'a',
  limits: { messagesMax: 3, whenFull: 'refuse' }
})
const slow: StompWorldOptions = {
  rules: { policies: [refusing] },
  store: { commitMsMin: 200, commitMsMax: 200 }
}

function sendKept(peer: StompPeer, receipts: readonly string[], destination = '/queue/a'): void {
  for (const receipt of receipts) {
    peer.send('SEND', { destination, persistent: 'true', receipt }, receipt)
  }
}

test('a full queue whose policy says refuse answers with an ERROR, receipts first', (t) => {
  const world = new StompWorld(slow)
  const peer = world.client()
  const other = world.client()
  peer.together(() => sendKept(peer, ['1', '2', '3', '4', '5']))
  world.run(50)
  t.is(peer.error, undefined, 'what came before is not on disk yet')
  other.send('SEND', { destination: '/queue/b', receipt: 'b' }, 'x')
  world.run(50)
  t.deepEqual(other.receipts, ['b'], 'others go on')
  world.run(500)
  t.deepEqual(
    peer.frames.map((frame) => [frame.command, frame.get('receipt-id')]),
    [
      ['RECEIPT', '1'],
      ['RECEIPT', '2'],
      ['RECEIPT', '3'],
      ['ERROR', '4']
    ]
  )
  t.is(peer.error?.get('error-code'), 'LOCAL_QUEUE_FULL')
  t.regex(peer.error?.get('message') ?? '', /the queue "a" holds 3 messages and takes no more/)
  t.true(peer.isClosed)
  t.is(world.broker.queues.find('a')!.held, 3)
  t.is(world.broker.counters.refused, 1)
})

test('a client that goes before its ERROR leaves nothing behind', (t) => {
  const world = new StompWorld(slow)
  const peer = world.client()
  peer.together(() => sendKept(peer, ['1', '2', '3', '4']))
  world.run(50)
  world.network.reset('broker', peer.name)
  world.run(500)
  t.is(world.server.registry.size, 0)
  t.is(world.server.registry.pausedProducers, 0)
})

test('a transaction is refused whole, and taken whole if there is room as it begins', (t) => {
  const world = new StompWorld(slow)
  const peer = world.client()
  const sendAll = (count: number): void => {
    peer.send('BEGIN', { transaction: 't' })
    for (let i = 0; i < count; i += 1) {
      const to = i % 2 === 0 ? '/queue/b' : '/queue/a'
      peer.send('SEND', { destination: to, transaction: 't', persistent: 'true' }, 'x')
    }
    peer.send('COMMIT', { transaction: 't', receipt: 'done' })
    world.run(500)
  }
  sendAll(10)
  t.deepEqual(peer.receipts, ['done'])
  t.is(world.broker.queues.find('a')!.held, 5)
  sendAll(2)
  t.is(peer.error?.get('error-code'), 'LOCAL_QUEUE_FULL')
  t.is(world.broker.queues.find('b')!.held, 5)
})

test('a failing store refuses a transaction before any of it is done', (t) => {
  const world = new StompWorld()
  const witness = world.client()
  world.store.setFault('the disk failed')
  sendKept(witness, ['1'])
  world.run(100)
  const peer = world.client()
  peer.send('BEGIN', { transaction: 't' })
  peer.send('SEND', { destination: '/queue/b', transaction: 't' }, 'x')
  peer.send('SEND', { destination: '/queue/b', transaction: 't', persistent: 'true' }, 'x')
  peer.send('COMMIT', { transaction: 't', receipt: 'done' })
  world.run(100)
  t.is(peer.error?.get('receipt-id'), 'done')
  t.is(peer.error?.get('error-code'), 'LOCAL_STORE_FAILED')
  t.is(world.broker.queues.find('b')?.held ?? 0, 0)
})

test('an ERROR about a store that fails does not wait for it', (t) => {
  const world = new StompWorld()
  const first = world.client()
  world.store.setFault('no space left')
  sendKept(first, ['1'])
  world.run(100)
  t.regex(first.error?.get('message') ?? '', /could not be stored: .*no space left/)
  t.is(first.error?.get('error-code'), 'LOCAL_STORE_FAILED')
  const second = world.client()
  sendKept(second, ['2'])
  world.run(20)
  t.is(second.error?.get('receipt-id'), '2')
  t.regex(second.error?.get('message') ?? '', /persistent messages are not taken now/)
})

test('a consumer gets the receipt of its ACK when the store works again', (t) => {
  const world = new StompWorld()
  const producer = world.client()
  const consumer = world.client()
  sendKept(producer, ['1', '2'])
  world.run(100)
  consumer.send('SUBSCRIBE', { id: 's', destination: '/queue/a', ack: 'client-individual' })
  world.run(100)
  world.store.setFault('no space left')
  sendKept(producer, ['3'], '/queue/b')
  world.run(100)
  t.true(producer.isClosed)
  for (const message of consumer.messages.slice(0, 2)) {
    consumer.send('ACK', { id: message.get('ack')!, receipt: `ack-${message.text}` })
  }
  world.run(5_000)
  t.deepEqual(consumer.receipts, [])
  t.false(consumer.isClosed)
  world.store.setFault(undefined)
  world.run(2_000)
  t.deepEqual(consumer.receipts, ['ack-1', 'ack-2'])
  t.is(world.broker.queues.find('a')!.held, 0)
})

test('a producer that waits for a full store gets its receipts when there is room', (t) => {
  const world = new StompWorld({
    rules: { whenStoreFull: 'wait' },
    store: { bytesMax: 20_000 }
  })
  const producer = world.client()
  const ids = Array.from({ length: 30 }, (_, i) => `${i}`)
  for (const receipt of ids) {
    const headers = { destination: '/queue/a', persistent: 'true', receipt }
    producer.send('SEND', headers, 'x'.repeat(1_000))
    world.run(20)
  }
  world.run(10_000)
  t.is(producer.error, undefined)
  const before = producer.receipts.length
  t.true(before > 10 && before < 20, `${before} receipts`)
  t.is(world.server.registry.pausedProducers, 1)
  const other = world.client()
  other.send('SEND', { destination: '/queue/b', receipt: 'b' }, 'x')
  world.run(50)
  t.deepEqual(other.receipts, ['b'])
  const consumer = world.client()
  consumer.send('SUBSCRIBE', { id: 's', destination: '/queue/a' })
  world.run(10_000)
  t.deepEqual([...producer.receipts].sort(), [...ids].sort())
  t.is(consumer.messages.length, 30)
  t.is(world.server.registry.pausedProducers, 0)
})

test('every ERROR about a refused frame has a code for programs', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SEND', { destination: '/nowhere' }, 'x')
  world.run()
  t.is(peer.error?.get('error-code'), 'LOCAL_DESTINATION_INVALID')
})
