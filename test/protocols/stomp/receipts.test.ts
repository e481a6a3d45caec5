// What a RECEIPT promises and when it comes; what an ERROR carries and whom it ends.

import test from 'ava'
import type { StompPeer } from '../../support/stomp-peer.ts'
import { StompWorld } from '../../support/stomp-world.ts'

const receiptClause = '[STOMP 1.2 RECEIPT]'
const errorClause = '[STOMP 1.2 ERROR]'

for (const version of ['1.0', '1.1', '1.2'] as const) {
  test(`every frame of ${version} gets the receipt it asks for ${receiptClause}`, (t) => {
    const world = new StompWorld()
    const peer = world.client({ version })
    peer.send('SUBSCRIBE', {
      id: '1',
      destination: '/queue/a',
      ack: 'client',
      receipt: 'subscribe'
    })
    peer.send('SEND', { destination: '/queue/a', receipt: 'send' }, 'x')
    peer.send('SEND', { destination: '/queue/a', receipt: 'nack-me' }, 'y')
    world.run()
    const [first, second] = peer.messages
    const acked = (message: typeof first) =>
      version === '1.2'
        ? { id: message!.get('ack')! }
        : { subscription: '1', 'message-id': message!.get('message-id')! }
    peer.send('ACK', { ...acked(first), receipt: 'ack' })
    peer.send('NACK', { ...acked(second), receipt: 'nack' })
    peer.send('BEGIN', { transaction: 't', receipt: 'begin' })
    peer.send('SEND', { destination: '/queue/b', transaction: 't', receipt: 'send-in' }, 'x')
    peer.send('ABORT', { transaction: 't', receipt: 'abort' })
    peer.send('BEGIN', { transaction: 't' })
    peer.send('COMMIT', { transaction: 't', receipt: 'commit' })
    peer.send('UNSUBSCRIBE', { id: '1', receipt: 'unsubscribe' })
    peer.send('DISCONNECT', { receipt: 'bye' })
    world.run()
    t.deepEqual(peer.receipts, [
      ...['subscribe', 'send', 'nack-me', 'ack', 'nack', 'begin', 'send-in', 'abort', 'commit'],
      ...['unsubscribe', 'bye']
    ])
    t.is(peer.error, undefined)
    t.true(peer.isClosed)
  })
}

test('frames without a receipt header get no answer', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SEND', { destination: '/queue/a' }, 'x')
  peer.send('BEGIN', { transaction: 't' })
  peer.send('COMMIT', { transaction: 't' })
  world.run()
  t.deepEqual(peer.frames, [])
})

test(`a receipt id comes back as it was written, whatever it holds ${receiptClause}`, (t) => {
  const world = new StompWorld()
  const peer = world.client()
  const ids = ['', ' ', 'a:b', 'a\\b', 'a\nb', 'a\rb', 'ä\u{1f600}', 'x'.repeat(50_000)]
  for (const receipt of ids) peer.send('SEND', { destination: '/queue/a', receipt }, 'x')
  world.run()
  t.deepEqual(peer.receipts, ids)
})

/** A world whose store takes a good while over each commit. */
function withSlowStore(): StompWorld {
  return new StompWorld({ store: { commitMsMin: 200, commitMsMax: 200 } })
}

test('the receipt of a persistent SEND comes when the store has it', (t) => {
  const world = withSlowStore()
  const peer = world.client()
  peer.send('SEND', { destination: '/queue/a', persistent: 'true', receipt: 'p' }, 'x')
  peer.send('SEND', { destination: '/queue/a', receipt: 'n' }, 'x')
  world.run(100)
  t.deepEqual(peer.receipts, ['n'])
  world.run(150)
  t.deepEqual(peer.receipts, ['n', 'p'])
})

test('the receipt of a COMMIT comes when the store has what was sent', (t) => {
  const world = withSlowStore()
  const peer = world.client()
  peer.send('BEGIN', { transaction: 't' })
  peer.send('SEND', { destination: '/queue/a', persistent: 'true', transaction: 't' }, 'x')
  peer.send('COMMIT', { transaction: 't', receipt: 'c' })
  world.run(100)
  t.deepEqual(peer.receipts, [])
  world.run(150)
  t.deepEqual(peer.receipts, ['c'])
})

test('the receipt of an ACK comes when the store has forgotten the message', (t) => {
  const world = withSlowStore()
  const peer = world.client()
  peer.send('SEND', { destination: '/queue/a', persistent: 'true' }, 'x')
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
  world.run(1_000)
  t.is(world.store.read('a', 0, { countMax: 9, bytesMax: 1e9 }).length, 1)
  peer.send('ACK', { id: peer.messages[0]!.get('ack')!, receipt: 'a' })
  world.run(100)
  t.deepEqual(peer.receipts, [])
  world.run(150)
  t.deepEqual(peer.receipts, ['a'])
  t.is(world.store.read('a', 0, { countMax: 9, bytesMax: 1e9 }).length, 0)
})

test('DISCONNECT is answered last, when all that was sent before is safe', (t) => {
  const world = withSlowStore()
  const peer = world.client()
  peer.send('SEND', { destination: '/queue/a', persistent: 'true', receipt: 'p' }, 'x')
  peer.send('SEND', { destination: '/queue/a', persistent: 'true' }, 'y')
  peer.send('DISCONNECT', { receipt: 'bye' })
  peer.send('SEND', { destination: '/queue/a' }, 'after the end')
  world.run(100)
  t.deepEqual(peer.frames, [])
  world.run(1_000)
  t.deepEqual(peer.receipts, ['p', 'bye'])
  t.is(world.store.read('a', 0, { countMax: 9, bytesMax: 1e9 }).length, 2)
  t.true(peer.isClosed)
  t.is(world.broker.counters.published, 2)
})

test('DISCONNECT without a receipt ends the connection, the other receipts sent', (t) => {
  const world = withSlowStore()
  const peer = world.client()
  peer.send('SEND', { destination: '/queue/a', persistent: 'true', receipt: 'p' }, 'x')
  peer.send('DISCONNECT')
  world.run(500)
  t.deepEqual(peer.receipts, ['p'])
  t.true(peer.isClosed)
  t.is(world.server.registry.size, 0)
})

test('a client that goes while its DISCONNECT waits leaves nothing behind', (t) => {
  const world = withSlowStore()
  const peer = world.client()
  peer.send('SEND', { destination: '/queue/a', persistent: 'true', receipt: 'p' }, 'x')
  peer.send('DISCONNECT', { receipt: 'bye' })
  world.run(100)
  world.network.reset('broker', peer.name)
  world.run(500)
  t.is(world.server.registry.size, 0)
})

for (const command of ['SEND', 'COMMIT', 'DISCONNECT'] as const) {
  test(`${command} gets an ERROR with its receipt-id when the store fails`, (t) => {
    const world = new StompWorld({ network: { isResplitting: false } })
    const witness = world.client()
    const peer = world.client()
    world.store.failNextCommit('no space left')
    const receipt = command === 'SEND' ? { receipt: 'r' } : undefined
    const inside = command === 'COMMIT' ? { transaction: 't' } : undefined
    const headers = { destination: '/queue/a', persistent: 'true', ...receipt, ...inside }
    peer.together(() => {
      if (command === 'COMMIT') peer.send('BEGIN', { transaction: 't' })
      peer.send('SEND', headers, 'x')
      if (command === 'COMMIT') peer.send('COMMIT', { transaction: 't', receipt: 'r' })
      if (command === 'DISCONNECT') peer.send('DISCONNECT', { receipt: 'r' })
    })
    world.run()
    t.deepEqual(peer.receipts, [])
    t.is(peer.error?.get('receipt-id'), 'r')
    t.regex(peer.error?.get('message') ?? '', /could not be stored: .*no space left/)
    t.true(peer.isClosed)
    assertWell(t, world, witness)
  })
}

/** The witness can still send and be answered. */
function assertWell(
  t: { deepEqual(actual: unknown, expected: unknown): void },
  world: StompWorld,
  witness: StompPeer
): void {
  witness.send('SEND', { destination: '/queue/well', receipt: 'well' }, 'x')
  world.run()
  t.deepEqual(
    witness.take().map((frame) => frame.get('receipt-id')),
    ['well']
  )
}

test(`an ERROR carries message, receipt-id and body, ends its connection ${errorClause}`, (t) => {
  const world = new StompWorld()
  const witness = world.client()
  const peer = world.client()
  peer.send('SEND', { destination: '/nowhere/a', receipt: 'r:1' }, 'x')
  peer.send('SEND', { destination: '/queue/a' }, 'after the error')
  world.run()
  t.is(peer.frames.length, 1)
  const error = peer.error!
  t.regex(error.get('message')!, /destination "\/nowhere\/a" must start with \/queue\//)
  t.is(error.get('receipt-id'), 'r:1')
  t.is(error.get('content-type'), 'text/plain')
  t.is(error.text, `${error.get('message')}\n`)
  t.true(peer.isClosed)
  t.is(world.broker.counters.published, 0)
  assertWell(t, world, witness)
})

test('an ERROR can be read by clients of every version, whatever it quotes', (t) => {
  const world = new StompWorld()
  for (const version of ['1.0', '1.1', '1.2'] as const) {
    const peer = world.client({ version })
    peer.send('SEND', { destination: '/a\\b:c', receipt: 'x\\y:z' }, 'x')
    world.run()
    t.is(peer.error?.get('receipt-id'), 'x\\y:z')
    t.true(peer.error?.get('message')?.includes('"/a\\\\b:c"'))
  }
})

test('long names are quoted in part', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SEND', { destination: `/queue/${'x'.repeat(5_000)}` }, 'x')
  world.run()
  t.true(peer.error!.get('message')!.length <= 200)
  t.regex(peer.error!.get('message')!, /is longer than 1024 bytes/)
})

test('a malformed frame says what is wrong with it', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.write('SEND\ndestination:/queue/a\ncontent-length:abc\n\nx\0')
  world.run()
  t.regex(peer.error?.get('message') ?? '', /malformed frame: content-length "abc" is not a number/)
  t.true(peer.isClosed)
})

const incomplete: readonly (readonly [string, string, RegExp])[] = [
  ['SEND', 'SEND\n\nx\0', /SEND has no destination header/],
  ['SUBSCRIBE', 'SUBSCRIBE\nid:1\n\n\0', /SUBSCRIBE has no destination header/],
  ['SUBSCRIBE', 'SUBSCRIBE\ndestination:/queue/a\n\n\0', /SUBSCRIBE has no id header/],
  ['UNSUBSCRIBE', 'UNSUBSCRIBE\n\n\0', /names no subscription/],
  ['ACK', 'ACK\n\n\0', /ACK has no id header/],
  ['NACK', 'NACK\nmessage-id:ID:hub-1-1\n\n\0', /NACK has no id header/],
  ['BEGIN', 'BEGIN\n\n\0', /BEGIN has no transaction header/],
  ['COMMIT', 'COMMIT\n\n\0', /COMMIT has no transaction header/],
  ['ABORT', 'ABORT\ntransaction:\n\n\0', /ABORT has no transaction header/]
]

for (const [command, bytes, message] of incomplete) {
  test(`${JSON.stringify(bytes)} is refused: ${command} lacks a header`, (t) => {
    const world = new StompWorld()
    const peer = world.client()
    peer.write(bytes)
    world.run()
    t.regex(peer.error?.get('message') ?? '', message)
    t.true(peer.isClosed)
  })
}

test('a client that asks for receipts and reads none is held back, within bounds', (t) => {
  const limits = { outputQueuedBytesMax: 20_000 }
  const world = new StompWorld({ stomp: limits, network: { windowBytes: 10_000 } })
  const peer = world.client()
  const witness = world.client()
  peer.stopReading()
  const count = 400
  for (let i = 0; i < count; i += 1) {
    const receipt = `${i}-${'r'.repeat(500)}`
    peer.send('SEND', { destination: '/queue/a', receipt }, 'x')
    world.run(2)
  }
  const session = [...world.server.registry.all()][0]!
  t.true(session.connection.bytesQueued > 0)
  t.true(session.connection.bytesQueued < 2 * limits.outputQueuedBytesMax)
  t.true(world.broker.counters.published < count / 2)
  assertWell(t, world, witness)
  peer.startReading()
  world.run(5_000)
  t.is(peer.receipts.length, count)
  t.is(world.broker.queues.find('a')?.held, count)
})
