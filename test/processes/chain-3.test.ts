// Three brokers in a row in real processes: what one-way bridges and filters keep out, replies that
// find their way back over two hops, and the command line asked about it.

import test from 'ava'
import { runCommand, withTopology } from '../support/broker-processes.ts'
import { numbered, StompJsClient } from '../support/stompjs-client.ts'
import { brokerAt, brokerDialling, type TopologyDocument } from '../support/topology-document.ts'
import { waitUntil } from '../support/wait-until.ts'

/** a - b - c, with terms for the bridge from a to b. */
function chain(terms: object): TopologyDocument {
  return {
    network: 'chain',
    brokers: { a: brokerDialling(1, 2, terms), b: brokerDialling(2, 3), c: brokerAt(3) }
  }
}

test.serial('a one-way bridge carries messages one way only', async (t) => {
  t.timeout(60_000)
  await withTopology(chain({ duplex: false }), async (topology) => {
    const atA = await StompJsClient.connect(topology.broker('a').ports.ws)
    const atC = await StompJsClient.connect(topology.broker('c').ports.ws)
    for (const client of [atA, atC]) {
      await client.subscribe('/topic/news')
    }
    await atA.subscribe('/queue/for-a')
    await atC.subscribe('/queue/for-c')
    await waitUntil('the way from a to c is open', async () => {
      await atA.send('/topic/news', 'settle')
      return atC.count('settle') > 0
    })
    await waitUntil('c knows what a wants', async () => {
      const { demand = [] } = await topology.status('c')
      return demand.some(({ broker }) => broker === 'a')
    })
    await atC.sendMany('/topic/news', numbered('back-topic', 50))
    await atC.sendMany('/queue/for-a', numbered('back-queue', 50))
    await atA.sendMany('/topic/news', numbered('forth-topic', 50))
    await atA.sendMany('/queue/for-c', numbered('forth-queue', 50))
    await waitUntil('all arrive that may', () => atC.count('forth') >= 100)
    t.is(atC.count('forth'), 100)
    t.is(atA.count('back'), 0)

    const { queues = [] } = await topology.status('c')
    t.is(queues.find(({ name }) => name === 'for-a')?.ready, 50, 'the queue keeps what is sent')
    const { bridges = [] } = await topology.status('b')
    const towardsA = bridges.find(({ peer }) => peer === 'a')!
    t.is(towardsA.messagesSent, 0)
    t.false(towardsA.maySend)
    for (const client of [atA, atC]) await client.close()
  })
})

test.serial('what a filter excludes stays on its side of the bridge', async (t) => {
  t.timeout(60_000)
  const terms = { exclude: ['queue://private.>', 'topic://private.>'] }
  await withTopology(chain(terms), async (topology) => {
    const producer = await StompJsClient.connect(topology.broker('a').ports.ws)
    const consumer = await StompJsClient.connect(topology.broker('c').ports.ws)
    const neighbour = await StompJsClient.connect(topology.broker('b').ports.ws)
    const kinds = ['/topic/private.pay', '/queue/private.pay', '/topic/public', '/queue/public']
    for (const destination of kinds) await consumer.subscribe(destination)
    await waitUntil('a knows what c wants', async () => {
      const { demand = [] } = await topology.status('a')
      return demand.some(({ broker, entries }) => broker === 'c' && entries.length === kinds.length)
    })
    for (const destination of kinds) {
      await producer.sendMany(destination, numbered(`a${destination}`, 50))
      await neighbour.sendMany(destination, numbered(`b${destination}`, 50))
    }
    await waitUntil('all arrive that may', () => consumer.received.length >= 300)
    t.is(consumer.count('a/topic/public') + consumer.count('a/queue/public'), 100)
    t.is(consumer.count('b'), 200, 'the other bridge has no filter')
    t.is(consumer.count('a/topic/private') + consumer.count('a/queue/private'), 0)
    const { queues = [] } = await topology.status('a')
    t.is(queues.find(({ name }) => name === 'private.pay')?.ready, 50)
    for (const client of [producer, consumer, neighbour]) await client.close()
  })
})

test.serial('requests and replies cross two hops, and status tells of it', async (t) => {
  t.timeout(60_000)
  await withTopology('chain-3', async (topology) => {
    const requester = await StompJsClient.connect(topology.broker('a').ports.ws)
    const responder = await StompJsClient.connect(topology.broker('c').ports.ws)
    responder.client.subscribe('/queue/service', (request) => {
      responder.client.publish({
        destination: request.headers['reply-to']!,
        body: `reply to ${request.body}`,
        headers: { 'correlation-id': request.headers['correlation-id']! }
      })
    })
    await requester.subscribe('/temp-queue/replies')
    for (let i = 0; i < 100; i += 1) {
      await requester.send('/queue/service', `request ${i}`, {
        'reply-to': '/temp-queue/replies',
        'correlation-id': String(i)
      })
    }
    await waitUntil('all replies arrive', () => requester.received.length >= 100)
    t.deepEqual(requester.bodies, numbered('reply to request', 100))
    const correlations = requester.received.map(({ headers }) => headers['correlation-id'])
    t.deepEqual(
      correlations,
      numbered('', 100).map((text) => text.trim())
    )

    const url = `stomp://127.0.0.1:${topology.broker('a').ports.stomp}`
    const { code, stdout } = await runCommand(['status', '--url', url, '--broker', 'b', '--json'])
    t.is(code, 0)
    const report = JSON.parse(stdout) as Awaited<ReturnType<typeof topology.status>>
    t.is(report.broker, 'b')
    t.deepEqual(report.bridges?.map(({ peer }) => peer).sort(), ['a', 'c'])
    t.true(report.bridges!.every(({ messagesSent }) => messagesSent >= 100))
    for (const client of [requester, responder]) await client.close()
  })
})
