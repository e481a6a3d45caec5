// Brokers at their limits, with clients nobody here wrote: who waits, who is refused, that all
// others go on, and that nothing is lost that had a receipt.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type RunningTopology, withTopology } from '../support/broker-processes.ts'
import { RawStompClient } from '../support/raw-stomp-client.ts'
import { StompJsClient } from '../support/stompjs-client.ts'
import { brokerAt } from '../support/topology-document.ts'
import { waitUntil } from '../support/wait-until.ts'

const kib = 'x'.repeat(1_024)

/** One broker on a data directory of its own. */
async function withBroker(
  t: ExecutionContext,
  options: object,
  body: (topology: RunningTopology) => Promise<void>
): Promise<void> {
  t.timeout(120_000)
  const path = await mkdtemp(join(tmpdir(), 'postroad-limits-'))
  try {
    const { store, ...rest } = options as { readonly store?: object }
    const hub = brokerAt(1, { ...rest, store: { path, ...store } })
    await withTopology({ network: 'limits', brokers: { hub } }, body)
  } finally {
    await rm(path, { recursive: true })
  }
}

/** Sends `count` messages, each with a receipt named like its body, and waits for none. */
function sendAll(
  client: RawStompClient,
  count: number,
  { to, isPersistent = true, start = 0 }: { to: string; isPersistent?: boolean; start?: number }
): void {
  for (let i = start; i < start + count; i += 1) {
    client.write(
      `SEND\ndestination:${to}\nreceipt:${i}\n${isPersistent ? 'persistent:true\n' : ''}\n` +
        `${i} ${kib}\0`
    )
  }
}

/** Sends persistent messages, some at a time, until it is refused. */
async function fill(client: RawStompClient, to: string): Promise<void> {
  for (let start = 0; !client.isClosed; start += 50) {
    sendAll(client, 50, { to, start })
    await waitUntil('taken or refused', () => {
      return client.isClosed || receiptsOf(client).length === start + 50
    })
  }
}

function receiptsOf(client: RawStompClient): number[] {
  return client.frames
    .filter(({ command }) => command === 'RECEIPT')
    .map(({ headers }) => Number(headers.get('receipt-id')))
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

/** Numbers of the messages a consumer got. */
function numbersOf(consumer: StompJsClient): number[] {
  return consumer.bodies.map((body) => Number(body.split(' ')[0])).sort((a, b) => a - b)
}

test.serial('a producer at a full queue gets its receipts as the consumer drains it', async (t) => {
  const policies = [{ destination: 'queue://full', limits: { messagesMax: 100 } }]
  await withBroker(t, { policies }, async (topology) => {
    const { ports } = topology.broker('hub')
    const producer = await RawStompClient.connect(ports.stomp)
    sendAll(producer, 250, { to: '/queue/full' })
    await waitUntil('the queue is full', () => receiptsOf(producer).length === 100)
    const other = await StompJsClient.connect(ports.ws)
    for (let i = 0; i < 50; i += 1) await other.send('/queue/other', 'x', { persistent: 'true' })
    t.is((await topology.status('hub')).pausedProducers, 1)
    t.is(receiptsOf(producer).length, 100, 'no more receipts while it is full')
    await other.subscribe('/queue/full', { ack: 'client-individual' })
    await waitUntil('all receipts come', () => receiptsOf(producer).length === 250)
    await waitUntil('all messages come', () => other.received.length === 250)
    t.deepEqual(numbersOf(other), numbers(250))
    await other.close()
  })
})

test.serial(
  'a queue that refuses says where to go on, and nothing is lost or doubled',
  async (t) => {
    const limits = { messagesMax: 100, whenFull: 'refuse' }
    const policies = [{ destination: 'queue://full', limits }]
    await withBroker(t, { policies }, async (topology) => {
      const { ports } = topology.broker('hub')
      const consumer = await StompJsClient.connect(ports.ws)
      let next = 0
      let refusals = 0
      while (next < 300) {
        const producer = await RawStompClient.connect(ports.stomp)
        sendAll(producer, 300 - next, { to: '/queue/full', start: next })
        await waitUntil('it is done or refused', () => {
          return producer.isClosed || receiptsOf(producer).length === 300 - next
        })
        const taken = receiptsOf(producer)
        const error = producer.frames.find(({ command }) => command === 'ERROR')
        t.deepEqual(
          taken,
          numbers(taken.length).map((n) => n + next)
        )
        next += taken.length
        producer.close()
        if (error === undefined) continue
        refusals += 1
        t.is(error.headers.get('error-code'), 'LOCAL_QUEUE_FULL')
        t.is(error.headers.get('receipt-id'), String(next))
        if (refusals === 1) await consumer.subscribe('/queue/full', { ack: 'client-individual' })
      }
      t.true(refusals > 0)
      await waitUntil('all messages come', () => consumer.received.length >= 300)
      t.deepEqual(numbersOf(consumer), numbers(300))
      t.is((await topology.status('hub')).counters.refused, refusals)
      await consumer.close()
    })
  }
)

test.serial('a full spool holds back what would go there, persistent messages go on', async (t) => {
  const options = {
    limits: { queueWindowMessages: 16 },
    store: { sizeMax: '64MiB', spoolMax: '2MiB' }
  }
  await withBroker(t, options, async (topology) => {
    const { ports } = topology.broker('hub')
    const producer = await RawStompClient.connect(ports.stomp)
    sendAll(producer, 5_000, { to: '/queue/full', isPersistent: false })
    await waitUntil('the spool is full', async () => {
      const { spool, pausedProducers } = await topology.status('hub')
      return spool!.isFull && pausedProducers === 1
    })
    const taken = receiptsOf(producer).length
    t.true(taken > 1_500 && taken < 2_500, `${taken}`)
    const { spool, store } = await topology.status('hub')
    t.true(spool!.bytesUsed < 2.1 * 2 ** 20)
    t.true(store!.bytesFree > 2 ** 24, 'the store has room for what is persistent')
    const other = await StompJsClient.connect(ports.ws)
    await other.send('/queue/full', '5000', { persistent: 'true' })
    await other.send('/queue/other', 'x')
    await other.subscribe('/queue/full', { ack: 'client-individual' })
    await waitUntil('all messages come', () => other.received.length === 5_001, 60_000)
    t.deepEqual(numbersOf(other), numbers(5_001))
    t.is((await topology.status('hub')).spool!.bytesUsed, 0)
    t.is(topology.broker('hub').logged('spool-full').length, 1)
    await other.close()
  })
})

test.serial('a full store refuses, outlives a kill, and takes messages again', async (t) => {
  await withBroker(t, { store: { sizeMax: '4MiB' } }, async (topology) => {
    const hub = topology.broker('hub')
    const { ports } = hub
    const producer = await RawStompClient.connect(ports.stomp)
    await fill(producer, '/queue/kept')
    const error = producer.frames.at(-1)!
    t.is(error.headers.get('error-code'), 'LOCAL_STORE_FULL')
    const taken = receiptsOf(producer)
    t.true(taken.length > 1_000, `${taken.length}`)
    const { store } = await topology.status('hub')
    t.is(store!.failure?.code, 'LOCAL_STORE_FULL')
    t.is(hub.logged('store-failing').length, 1)

    // Consumers and messages that are not persistent notice nothing.
    const other = await StompJsClient.connect(ports.ws)
    await other.subscribe('/queue/other', { ack: 'client-individual' })
    for (let i = 0; i < 200; i += 1) await other.send('/queue/other', `${i}`)
    await waitUntil('all of the other queue come', () => other.received.length === 200)
    await other.close()

    await hub.killHard()
    await hub.start()
    const late = await RawStompClient.connect(ports.stomp)
    await fill(late, '/queue/late')
    const lateTaken = receiptsOf(late).length

    const consumer = await StompJsClient.connect(ports.ws)
    await consumer.subscribe('/queue/kept', { ack: 'client-individual' })
    await waitUntil('what had a receipt comes', () => {
      const got = new Set(numbersOf(consumer))
      return taken.every((n) => got.has(n))
    })
    await waitUntil('the store works again', async () => {
      return (await topology.status('hub')).store!.failure === null
    })
    t.true(hub.logged('store-works-again').length >= 1)
    await consumer.send('/queue/again', 'x', { persistent: 'true' })
    const queue = (await topology.status('hub')).queues!.find(({ name }) => name === 'late')
    t.true((queue?.ready ?? 0) >= lateTaken)
    await consumer.close()
  })
})

test.serial('a store that is waited for gives its receipts when there is room', async (t) => {
  const store = { sizeMax: '4MiB', whenFull: 'wait' }
  await withBroker(t, { store }, async (topology) => {
    const { ports } = topology.broker('hub')
    const producer = await RawStompClient.connect(ports.stomp)
    sendAll(producer, 5_000, { to: '/queue/kept' })
    await waitUntil('the store is full', async () => {
      return (await topology.status('hub')).store!.failure !== null
    })
    t.true(receiptsOf(producer).length < 4_000)
    producer.write('SEND\ndestination:/queue/kept\nreceipt:x\npersistent:true\n\nx\0'.repeat(2))
    await waitUntil('it is held back', async () => {
      return (await topology.status('hub')).pausedProducers === 1
    })
    const consumer = await StompJsClient.connect(ports.ws)
    await consumer.subscribe('/queue/kept', { ack: 'client-individual' })
    await waitUntil('all messages come', () => consumer.received.length === 5_002, 60_000)
    await waitUntil('all receipts come', () => receiptsOf(producer).length === 5_002)
    t.false(producer.isClosed)
    await consumer.close()
  })
})
