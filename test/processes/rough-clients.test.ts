// Clients as they are in the wild: some send garbage, some do nothing by the thousand, some do not
// read. None of them may disturb the others.

import { randomBytes } from 'node:crypto'
import test from 'ava'
import { withTopology } from '../support/broker-processes.ts'
import { RawStompClient } from '../support/raw-stomp-client.ts'
import { numbered, StompJsClient } from '../support/stompjs-client.ts'
import { brokerAt, brokerDialling, type TopologyDocument } from '../support/topology-document.ts'
import { waitUntil } from '../support/wait-until.ts'

const connect = 'CONNECT\naccept-version:1.2\nhost:localhost\n\n\0'

/** What is sent right after connecting, and what is wrong with it. */
const garbage: readonly (readonly [string, string | Buffer])[] = [
  ['random bytes', randomBytes(4_096)],
  ['a request of another protocol', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['a frame before CONNECT', 'SEND\ndestination:/queue/x\n\nbody\0'],
  ['an unknown command', `${connect}PUBLISH\ndestination:/queue/x\n\nbody\0`],
  ['a header without colon', `${connect}SEND\ndestination\n\nbody\0`],
  ['an unknown escape', `${connect}SEND\ndestination:/queue/x\nname:a\\tb\n\nbody\0`],
  ['a destination of no kind', `${connect}SEND\ndestination:orders\n\nbody\0`],
  ['a body longer than told', `${connect}SEND\ndestination:/queue/x\ncontent-length:2\n\nbody\0`],
  ['a content-length of words', `${connect}SEND\ndestination:/queue/x\ncontent-length:two\n\nb\0`],
  ['an endless header', `${connect}SEND\ndestination:/queue/x\nname:${'x'.repeat(1_000_000)}`],
  ['a thousand headers', `${connect}SEND\n${'name:value\n'.repeat(1_000)}`],
  ['a frame over the limit', `${connect}SEND\ndestination:/queue/x\ncontent-length:999999999\n\n`],
  ['ACK of nothing', `${connect}ACK\nid:1-1\n\n\0`],
  ['COMMIT of nothing', `${connect}COMMIT\ntransaction:none\n\n\0`],
  ['a broken selector', `${connect}SUBSCRIBE\nid:0\ndestination:/queue/x\nselector:a =\n\n\0`],
  ['a second CONNECT', `${connect}${connect}`]
]

const pair: TopologyDocument = {
  network: 'pair',
  brokers: { a: brokerDialling(1, 2), b: brokerAt(2) }
}

test.serial('clients that send garbage are told and cut off, and disturb nobody', async (t) => {
  t.timeout(90_000)
  await withTopology(pair, async (topology) => {
    const { ports } = topology.broker('a')
    const producer = await StompJsClient.connect(ports.ws)
    const consumer = await StompJsClient.connect(topology.broker('b').ports.ws)
    await consumer.subscribe('/queue/good')
    const stream = producer.sendMany('/queue/good', numbered('good', 2_000))
    for (const [what, bytes] of garbage) {
      const client = await RawStompClient.open(ports.stomp)
      client.write(bytes)
      await waitUntil(`${what} ends the connection`, () => client.isClosed)
      const errors = client.frames.filter(({ command }) => command === 'ERROR')
      t.is(errors.length, 1, `${what} is answered by an ERROR frame`)
      t.truthy(errors[0]!.headers.get('message'), `the ERROR says what is wrong: ${what}`)
    }
    // Neither is STOMP what the other listeners speak.
    for (const port of [ports.bridge, ports.ws]) {
      const client = await RawStompClient.open(port)
      client.write(randomBytes(4_096))
      await waitUntil(`port ${port} ends the connection`, () => client.isClosed)
    }
    await stream
    await waitUntil('all of the good arrive', () => consumer.count('good') >= 2_000)
    t.deepEqual(consumer.bodies, numbered('good', 2_000))
    t.deepEqual(await topology.peers('a'), ['b'], 'the bridge stands')
    for (const client of [producer, consumer]) await client.close()
    await waitUntil('no connection is left', async () => {
      // The one that asks is counted.
      return (await topology.status('a')).connections?.length === 1
    })
  })
})

test.serial('a client that goes in the middle of a frame leaves nothing behind', async (t) => {
  t.timeout(60_000)
  await withTopology(pair, async (topology) => {
    const { stomp, ws } = topology.broker('a').ports
    const consumer = await StompJsClient.connect(ws)
    await consumer.subscribe('/queue/half')
    const whole = 'SEND\ndestination:/queue/half\n\nwhole\0'
    for (let cut = 1; cut <= whole.length; cut += 1) {
      const client = await RawStompClient.connect(stomp)
      // The last of these is the only whole one.
      client.write(whole.slice(0, cut))
      client.write('')
      if (cut === whole.length) await waitUntil('it arrives', () => consumer.received.length > 0)
      client.close()
    }
    await waitUntil('all are gone', async () => {
      return (await topology.status('a')).connections?.length === 2
    })
    t.deepEqual(consumer.bodies, ['whole'])
    await consumer.close()
  })
})

test.serial('a thousand idle connections cost little and go without a trace', async (t) => {
  t.timeout(90_000)
  await withTopology(pair, async (topology) => {
    const a = topology.broker('a')
    const before = await a.memoryBytes()
    const startMs = performance.now()
    const idle: RawStompClient[] = []
    for (let batch = 0; batch < 10; batch += 1) {
      const opened = Array.from({ length: 100 }, () => RawStompClient.connect(a.ports.stomp))
      idle.push(...(await Promise.all(opened)))
    }
    const openedMs = performance.now() - startMs
    t.is((await a.status()).connections?.length, 1_001)
    const each = ((await a.memoryBytes()) - before) / 1_000

    const producer = await StompJsClient.connect(a.ports.ws)
    const consumer = await StompJsClient.connect(topology.broker('b').ports.ws)
    await consumer.subscribe('/queue/busy')
    await producer.sendMany('/queue/busy', numbered('busy', 500))
    await waitUntil('the busy ones go on', () => consumer.count('busy') >= 500)
    t.true(idle.every(({ isClosed }) => !isClosed))
    for (const client of idle) client.close()
    await waitUntil('all are gone', async () => (await a.status()).connections?.length === 2)
    t.log(
      `1,000 connections in ${openedMs.toFixed(0)} ms, ${(each / 1024).toFixed(1)} KiB resident ` +
        'memory each'
    )
    t.true(each < 64 * 1024)
    for (const client of [producer, consumer]) await client.close()
  })
})

const messages = 6_000
const bodyBytes = 8_192

test.serial(
  'a topic subscriber that does not read paces its producer and loses nothing',
  async (t) => {
    t.timeout(90_000)
    const limits = { topicPendingBytesMax: '16MiB', slowConsumerPatience: '60s' }
    const slow = { ...pair, defaults: { limits } }
    await withTopology(slow, async (topology) => {
      const { a, b } = { a: topology.broker('a'), b: topology.broker('b') }
      const consumer = await RawStompClient.connect(b.ports.stomp)
      consumer.write('SUBSCRIBE\nid:0\ndestination:/topic/slow\nreceipt:subscribed\n\n\0')
      t.is((await consumer.take('the receipt')).command, 'RECEIPT')
      await waitUntil('a knows', async () => (await a.status()).demand?.[0]?.broker === 'b')

      const producer = await RawStompClient.connect(a.ports.stomp)
      consumer.pause()
      const padding = 'x'.repeat(bodyBytes)
      for (let i = 0; i < messages; i += 1) {
        producer.write(`SEND\ndestination:/topic/slow\nreceipt:${i}\n\n${i} ${padding}\0`)
      }
      await waitUntil(
        'the producer is held back',
        async () => (await a.status()).pausedProducers > 0
      )
      const receipts = producer.frames.length
      t.true(receipts < messages, `${receipts} receipts while nobody reads`)
      const held = await b.status()
      t.true(held.topics!.every(({ dropped }) => dropped === 0))

      consumer.resume()
      await waitUntil('all arrive', () => consumer.frames.length >= messages, 30_000)
      const numbers = consumer.frames.map(({ body }) => Number.parseInt(body.toString(), 10))
      t.deepEqual(
        numbers,
        Array.from({ length: messages }, (_, i) => i),
        'in order, each once'
      )
      await waitUntil('all are confirmed', () => producer.frames.length >= messages)
      t.log(`the producer had ${receipts} of ${messages} receipts while nobody read`)
      for (const client of [producer, consumer]) client.close()
    })
  }
)

test.serial('a broker asked to end in the middle of traffic ends in order', async (t) => {
  t.timeout(60_000)
  for (const name of ['a', 'b']) {
    await withTopology(pair, async (topology) => {
      const producer = await StompJsClient.connect(topology.broker('a').ports.ws)
      const consumer = await StompJsClient.connect(topology.broker('b').ports.ws)
      await consumer.subscribe('/queue/traffic')
      let confirmed = 0
      const stream = (async () => {
        for (;;) {
          await producer.sendMany('/queue/traffic', numbered('', 50))
          confirmed += 50
        }
      })()
      const ended = t.throwsAsync(stream)
      await waitUntil('messages flow', () => consumer.received.length > 500)
      const startMs = performance.now()
      t.is(await topology.broker(name).stop(), 0, `${name} ends with exit code 0`)
      t.log(`${name} ended in ${(performance.now() - startMs).toFixed(0)} ms`)
      if (name === 'b') await producer.close()
      await ended
      t.true(confirmed > 0)
      if (name === 'a') await consumer.close()
    })
  }
})
