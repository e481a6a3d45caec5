// @stomp/stompjs in Node over WebSocket: what its users do beyond sending and receiving, each
// across a bridge.

import { Client, type IMessage } from '@stomp/stompjs'
import test from 'ava'
import { WebSocket } from 'ws'
import { type RunningTopology, withTopology } from '../support/broker-processes.ts'
import { numbered, StompJsClient } from '../support/stompjs-client.ts'
import { brokerAt, brokerDialling } from '../support/topology-document.ts'
import { waitUntil } from '../support/wait-until.ts'

/** Runs `body` with a producer and a consumer at different brokers. */
async function withClients(
  body: (producer: StompJsClient, consumer: StompJsClient, pair: RunningTopology) => Promise<void>
): Promise<void> {
  const brokers = { a: brokerDialling(1, 2), b: brokerAt(2) }
  await withTopology({ network: 'pair', brokers }, async (pair) => {
    const producer = await StompJsClient.connect(pair.broker('a').ports.ws)
    const consumer = await StompJsClient.connect(pair.broker('b').ports.ws)
    await body(producer, consumer, pair)
    for (const client of [producer, consumer]) await client.close()
  })
}

test.serial('stompjs acknowledges, refuses and gets the refused again', async (t) => {
  t.timeout(60_000)
  await withClients(async (producer, consumer) => {
    const came: IMessage[] = []
    consumer.client.subscribe('/queue/work', (message) => came.push(message), {
      ack: 'client-individual'
    })
    await producer.sendMany('/queue/work', numbered('job', 3))
    await waitUntil('all arrive', () => came.length === 3)
    came[0]!.ack()
    came[1]!.nack()
    came[2]!.ack()
    await waitUntil('the refused comes again', () => came.length === 4)
    t.is(came[3]!.body, 'job 1')
    t.is(came[3]!.headers.redelivered, 'true')
    came[3]!.ack()
  })
})

test.serial('stompjs commits and aborts transactions', async (t) => {
  t.timeout(60_000)
  await withClients(async (producer, consumer) => {
    await consumer.subscribe('/queue/work')
    const given = producer.client.begin()
    for (const body of numbered('given up', 3)) {
      producer.client.publish({
        destination: '/queue/work',
        body,
        headers: { transaction: given.id }
      })
    }
    given.abort()
    const done = producer.client.begin()
    for (const body of numbered('done', 3)) {
      producer.client.publish({
        destination: '/queue/work',
        body,
        headers: { transaction: done.id }
      })
    }
    await producer.send('/queue/work', 'outside')
    done.commit()
    await waitUntil('all arrive', () => consumer.received.length >= 4)
    t.deepEqual(consumer.bodies, ['outside', ...numbered('done', 3)])
  })
})

test.serial(
  'stompjs sends binary bodies, large ones and headers with special characters',
  async (t) => {
    t.timeout(60_000)
    await withClients(async (producer, consumer) => {
      await consumer.subscribe('/topic/data')
      await waitUntil('demand has spread', async () => {
        await producer.send('/topic/data', 'settle')
        return consumer.received.length > 0
      })
      const every = Uint8Array.from({ length: 1_024 }, (_, i) => i % 256)
      const large = new Uint8Array(4 * 1024 * 1024).fill(120)
      const special = 'a:b\nc\\d\re'
      for (const binaryBody of [every, large]) {
        producer.client.publish({ destination: '/topic/data', binaryBody, headers: { special } })
      }
      await waitUntil(
        'both arrive',
        () => consumer.bodies.filter((b) => b !== 'settle').length === 2
      )
      const [first, second] = consumer.received.filter(({ headers }) => 'special' in headers)
      t.deepEqual(Buffer.from(first!.binaryBody), Buffer.from(every))
      t.true(Buffer.from(large).equals(second!.binaryBody))
      t.is(first!.headers.special, special)
    })
  }
)

test.serial('stompjs reconnects by itself when its broker has restarted', async (t) => {
  t.timeout(60_000)
  await withClients(async (producer, _consumer, pair) => {
    const bodies: string[] = []
    let connections = 0
    const client = new Client({
      webSocketFactory: () => new WebSocket(`ws://127.0.0.1:${pair.broker('b').ports.ws}/`),
      reconnectDelay: 50,
      onConnect: () => {
        connections += 1
        client.subscribe('/topic/news', (message) => bodies.push(message.body))
      }
    })
    client.activate()
    const newsComes = async (round: string): Promise<void> => {
      await waitUntil(`${round} news come`, async () => {
        await producer.send('/topic/news', round)
        return bodies.includes(round)
      })
    }
    await newsComes('first')
    await pair.broker('b').killHard()
    await waitUntil('it has noticed', () => !client.connected)
    await pair.broker('b').start()
    await newsComes('second')
    t.is(connections, 2)
    await client.deactivate()
  })
})
