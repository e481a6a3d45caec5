// Temporary queues: requests and replies, and who may do what with the queue of another connection.

import test from 'ava'
import type { StompPeer } from '../../support/stomp-peer.ts'
import { StompWorld } from '../../support/stomp-world.ts'

/** Serves /queue/service: answers each request with its body in capitals. */
function serve(world: StompWorld): StompPeer {
  const server = world.client()
  server.send('SUBSCRIBE', { id: 'requests', destination: '/queue/service' })
  world.run()
  return server
}

function answerAll(server: StompPeer): void {
  for (const request of server.take()) {
    const destination = request.get('reply-to')!
    server.send('SEND', { destination }, request.text.toUpperCase())
  }
}

for (const version of ['1.0', '1.1', '1.2'] as const) {
  test(`a ${version} client that subscribes to a temporary queue gets the replies there`, (t) => {
    const world = new StompWorld()
    const server = serve(world)
    const client = world.client({ version })
    client.send('SUBSCRIBE', { id: 'r', destination: '/temp-queue/replies' })
    client.send(
      'SEND',
      { destination: '/queue/service', 'reply-to': '/temp-queue/replies' },
      'ping'
    )
    world.run()
    t.regex(server.messages[0]!.get('reply-to')!, /^\/temp-queue\/hub\.1\.\d+$/)
    answerAll(server)
    world.run()
    t.deepEqual(client.bodies, ['PING'])
    t.is(client.messages[0]!.get('subscription'), 'r')
  })

  test(`a ${version} client that only names a temporary queue gets the replies too`, (t) => {
    const world = new StompWorld()
    const server = serve(world)
    const client = world.client({ version })
    for (const body of ['a', 'b']) {
      const replyTo = '/temp-queue/replies'
      client.send('SEND', { destination: '/queue/service', 'reply-to': replyTo }, body)
    }
    world.run()
    answerAll(server)
    world.run()
    t.deepEqual(client.bodies, ['A', 'B'])
    // As RabbitMQ does, so that its clients find their handler.
    t.is(client.messages[0]!.get('subscription'), '/temp-queue/replies')
  })
}

test('two connections may use one name, each for a queue of its own', (t) => {
  const world = new StompWorld()
  const server = serve(world)
  const clients = [world.client(), world.client()]
  for (const [index, client] of clients.entries()) {
    client.send('SUBSCRIBE', { id: 'r', destination: '/temp-queue/r' })
    client.send('SEND', { destination: '/queue/service', 'reply-to': '/temp-queue/r' }, `c${index}`)
  }
  world.run()
  answerAll(server)
  world.run()
  t.deepEqual(
    clients.map((client) => client.bodies),
    [['C0'], ['C1']]
  )
})

test('a client may subscribe after it named the queue, and has one subscription then', (t) => {
  const world = new StompWorld()
  const server = serve(world)
  const client = world.client()
  client.send('SEND', { destination: '/queue/service', 'reply-to': '/temp-queue/r' }, 'a')
  client.send('SUBSCRIBE', { id: 'mine', destination: '/temp-queue/r', ack: 'client' })
  world.run()
  answerAll(server)
  world.run()
  t.deepEqual(
    client.messages.map((frame) => frame.get('subscription')),
    ['mine']
  )
  t.is([...world.server.registry.all()][1]!.frames!.subscriptionCount, 1)
})

test('the owner may send to its queue by its own name and by the address others know', (t) => {
  const world = new StompWorld()
  const server = serve(world)
  const client = world.client()
  client.send('SUBSCRIBE', { id: 'r', destination: '/temp-queue/r' })
  client.send('SEND', { destination: '/queue/service', 'reply-to': '/temp-queue/r' }, 'a')
  client.send('SEND', { destination: '/temp-queue/r' }, 'by name')
  world.run()
  client.send('SEND', { destination: server.messages[0]!.get('reply-to')! }, 'by address')
  client.send('UNSUBSCRIBE', { id: 'r' })
  client.send('SUBSCRIBE', { id: 's', destination: server.messages[0]!.get('reply-to')! })
  client.send('SEND', { destination: '/temp-queue/r' }, 'again')
  world.run()
  t.deepEqual(client.bodies, ['by name', 'by address', 'again'])
})

test('others may send to a temporary queue but not subscribe to it', (t) => {
  const world = new StompWorld()
  const server = serve(world)
  const client = world.client()
  client.send('SUBSCRIBE', { id: 'r', destination: '/temp-queue/r', ack: 'client' })
  client.send('SEND', { destination: '/queue/service', 'reply-to': '/temp-queue/r' }, 'a')
  world.run()
  const address = server.messages[0]!.get('reply-to')!
  const thief = world.client()
  thief.send('SUBSCRIBE', { id: '1', destination: address, receipt: 'r' })
  world.run()
  t.regex(thief.error?.get('message') ?? '', /is of another connection/)
  t.true(thief.isClosed)
  answerAll(server)
  world.run()
  t.deepEqual(client.bodies, ['A'])
})

test('wildcards reach no temporary queue', (t) => {
  const world = new StompWorld()
  const server = serve(world)
  const listener = world.client()
  listener.send('SUBSCRIBE', { id: '1', destination: '/queue/>' })
  listener.send('SUBSCRIBE', { id: '2', destination: '/topic/>' })
  const client = world.client()
  client.send('SEND', { destination: '/queue/service', 'reply-to': '/temp-queue/r' }, 'a')
  client.send('SEND', { destination: '/queue/service', 'reply-to': '/temp-queue/r' }, 'b')
  world.run()
  answerAll(server)
  world.run()
  t.true(listener.messages.every((frame) => frame.get('destination') === '/queue/service'))
})

test('a reply to a requester that has gone is counted, and the server goes on', (t) => {
  const world = new StompWorld()
  const server = serve(world)
  const client = world.client()
  client.send('SEND', { destination: '/queue/service', 'reply-to': '/temp-queue/r' }, 'a')
  world.run()
  client.destroy()
  world.run()
  answerAll(server)
  server.send('SEND', { destination: '/queue/other', receipt: 'well' }, 'x')
  world.run()
  t.deepEqual(server.receipts, ['well'])
  t.is(world.broker.notDelivered.get('temp-queue-gone'), 1)
})

test('replies that wait when the requester goes are counted, and nothing is kept', (t) => {
  const world = new StompWorld()
  const server = serve(world)
  const client = world.client()
  client.send('SUBSCRIBE', { id: 'r', destination: '/temp-queue/r', ack: 'client' })
  client.send('UNSUBSCRIBE', { id: 'r' })
  client.send('SEND', { destination: '/queue/service', 'reply-to': '/temp-queue/r' }, 'a')
  world.run()
  answerAll(server)
  world.run()
  t.not(world.broker.memory.bytesUsed, 0)
  client.destroy()
  world.run()
  t.is(world.broker.notDelivered.get('temp-queue-gone'), 1)
  t.is(world.broker.memory.bytesUsed, 0)
})

test('a temporary queue is not named before it exists', (t) => {
  const world = new StompWorld()
  const client = world.client()
  client.send('SEND', { destination: '/temp-queue/r', receipt: 'r' }, 'a')
  world.run()
  t.regex(client.error?.get('message') ?? '', /temporary queue .* is not of this connection/)
})

test('what is no temporary queue stays in reply-to as it was written', (t) => {
  const world = new StompWorld()
  const client = world.client()
  client.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  const addresses = ['/queue/r', '/topic/r', 'anything: goes\\here', '', '/temp-queue/hub.1.77']
  for (const replyTo of addresses) {
    client.send('SEND', { destination: '/queue/a', 'reply-to': replyTo }, 'x')
  }
  world.run()
  t.deepEqual(
    client.messages.map((frame) => frame.get('reply-to')),
    addresses
  )
})

for (const replyTo of ['/temp-queue/', '/temp-queue/a b', '/temp-queue/>']) {
  test(`reply-to:${replyTo} is refused`, (t) => {
    const world = new StompWorld()
    const client = world.client()
    client.send('SEND', { destination: '/queue/a', 'reply-to': replyTo }, 'x')
    world.run()
    t.regex(client.error?.get('message') ?? '', /destination name ".*" (is empty|holds)/)
  })
}

test('a connection has at most 1,000 temporary queues', (t) => {
  const world = new StompWorld()
  const client = world.client()
  for (let i = 0; i < 1_000; i += 1) {
    client.send('SUBSCRIBE', { id: `${i}`, destination: `/temp-queue/r${i}` })
  }
  world.run(500)
  t.is(client.error, undefined)
  client.send('SUBSCRIBE', { id: 'x', destination: '/temp-queue/x' })
  world.run()
  t.regex(client.error?.get('message') ?? '', /already has 1000 temporary queues/)
  t.deepEqual(world.broker.queues.all(), [])
})
