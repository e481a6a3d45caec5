// What a STOMP session promises, told by stomp.py: acknowledgements, refusals, transactions,
// durable subscriptions, selectors, heart-beats, receipts. The consumer is at one broker, the
// producer at another.

import test, { type ExecutionContext } from 'ava'
import { withTopology } from '../support/broker-processes.ts'
import { numbered } from '../support/stompjs-client.ts'
import { brokerAt, brokerDialling } from '../support/topology-document.ts'
import { waitUntil } from '../support/wait-until.ts'
import { type PyConnection, type PyConnectOptions, StompPy, versions } from './stomp-py.ts'

/** Connects to the producers' broker and the consumers'. */
interface Pair {
  producer(options?: Partial<PyConnectOptions>): Promise<PyConnection>
  consumer(options?: Partial<PyConnectOptions>): Promise<PyConnection>
}

type Version = (typeof versions)[number]

/** Declares a test for each of `these` versions, each on a pair of brokers of its own. */
function testVersions(
  title: string,
  these: readonly Version[],
  body: (t: ExecutionContext, pair: Pair) => Promise<void>
): void {
  const brokers = { a: brokerDialling(1, 2), b: brokerAt(2) }
  for (const version of these) {
    test.serial(`${title}, STOMP ${version}`, async (t) => {
      t.timeout(60_000)
      await StompPy.with(async (python) => {
        await withTopology({ network: 'pair', brokers }, async (topology) => {
          const at = (broker: string) => (options: Partial<PyConnectOptions>) =>
            python.connect(topology.broker(broker).ports.stomp, { version, ...options })
          await body(t, {
            producer: (options = {}) => at('a')(options),
            consumer: (options = {}) => at('b')(options)
          })
        })
      })
    })
  }
}

const withNack = ['1.1', '1.2'] as const

async function arrived(connection: PyConnection, count: number): Promise<void> {
  await waitUntil(
    () => `${count} messages arrive; there are ${connection.messages.length}`,
    () => connection.messages.length >= count
  )
}

testVersions('ACK in client mode covers all before', versions, async (t, pair) => {
  const producer = await pair.producer()
  const first = await pair.consumer()
  await first.subscribe('/queue/work', { ack: 'client' })
  await producer.send('/queue/work', numbered('job', 10))
  await arrived(first, 10)
  await first.ack(first.messages[5]!)
  await first.drop()

  const second = await pair.consumer()
  await second.subscribe('/queue/work', { ack: 'client' })
  await arrived(second, 4)
  t.deepEqual(second.bodies, numbered('job', 10).slice(6))
  t.true(second.messages.every(({ headers }) => headers.redelivered === 'true'))
  await second.ack(second.messages[3]!)
  await second.disconnect()

  const third = await pair.consumer()
  await third.subscribe('/queue/work')
  await producer.send('/queue/work', ['next'])
  await arrived(third, 1)
  t.deepEqual(third.bodies, ['next'], 'what was acknowledged does not come back')
})

testVersions('ACK in client-individual mode covers one message', withNack, async (t, pair) => {
  const producer = await pair.producer()
  const first = await pair.consumer()
  await first.subscribe('/queue/work', { ack: 'client-individual' })
  await producer.send('/queue/work', numbered('job', 6))
  await arrived(first, 6)
  for (const index of [4, 1]) await first.ack(first.messages[index]!)
  await first.drop()

  const second = await pair.consumer()
  await second.subscribe('/queue/work', { ack: 'client-individual' })
  await arrived(second, 4)
  t.deepEqual(second.bodies, ['job 0', 'job 2', 'job 3', 'job 5'])
})

testVersions(
  'NACK has a message delivered again, then dead-lettered',
  withNack,
  async (t, pair) => {
    const producer = await pair.producer()
    const consumer = await pair.consumer()
    const mourner = await pair.consumer()
    await mourner.subscribe('/queue/DLQ')
    await consumer.subscribe('/queue/work', { ack: 'client-individual' })
    await producer.send('/queue/work', ['poison', 'good'])
    await arrived(consumer, 2)
    const good = consumer.messages.find(({ body }) => body.toString() === 'good')!
    await consumer.ack(good)
    for (let refusals = 0; mourner.messages.length === 0; refusals += 1) {
      t.true(refusals < 20, 'refused for ever')
      const seen = refusals + 1
      await waitUntil(
        'it comes again or is dead',
        () => consumer.count('poison') >= seen || mourner.messages.length > 0
      )
      const poison = consumer.messages.filter(({ body }) => body.toString() === 'poison')
      if (mourner.messages.length > 0) break
      t.is(poison[refusals]!.headers.redelivered, refusals === 0 ? undefined : 'true')
      await consumer.nack(poison[refusals]!)
    }
    t.true(consumer.count('poison') > 1)
    t.deepEqual(mourner.bodies, ['poison'])
    t.is(consumer.count('good'), 1)
  }
)

testVersions('transactions are sent whole or not at all', versions, async (t, pair) => {
  const producer = await pair.producer()
  const consumer = await pair.consumer()
  await consumer.subscribe('/queue/work', { ack: 'client' })
  await producer.transaction('begin', 'given-up')
  await producer.send('/queue/work', numbered('given up', 3), { transaction: 'given-up' })
  await producer.transaction('abort', 'given-up')
  await producer.transaction('begin', 'done')
  await producer.send('/queue/work', numbered('done', 3), { transaction: 'done' })
  await producer.send('/queue/work', ['outside'])
  await arrived(consumer, 1)
  t.deepEqual(consumer.bodies, ['outside'], 'nothing is delivered before COMMIT')
  await producer.transaction('commit', 'done')
  await arrived(consumer, 4)
  t.deepEqual(consumer.bodies, ['outside', ...numbered('done', 3)])

  // Acknowledgements in a transaction count when it is committed.
  await consumer.transaction('begin', 'acks')
  await consumer.ack(consumer.messages[3]!, 'acks')
  await consumer.transaction('abort', 'acks')
  await consumer.drop()
  const second = await pair.consumer()
  await second.subscribe('/queue/work', { ack: 'client' })
  await arrived(second, 4)
  await second.transaction('begin', 'acks')
  await second.ack(second.messages[3]!, 'acks')
  await second.transaction('commit', 'acks')
  await second.drop()
  const third = await pair.consumer()
  await third.subscribe('/queue/work')
  await producer.send('/queue/work', ['next'])
  await arrived(third, 1)
  t.deepEqual(third.bodies, ['next'])
})

testVersions('a durable subscription outlives its connection', versions, async (t, pair) => {
  const named = { headers: { 'client-id': 'auditor' } }
  const durable = { headers: { 'activemq.subscriptionName': 'audit' } }
  const producer = await pair.producer()
  const first = await pair.consumer(named)
  await first.subscribe('/topic/ledger', durable)
  await waitUntil('demand has spread', async () => {
    await producer.send('/topic/ledger', ['settle'])
    return first.messages.length > 0
  })
  await first.disconnect()
  await producer.send('/topic/ledger', numbered('away', 20))

  const second = await pair.consumer(named)
  await second.subscribe('/topic/ledger', durable)
  await waitUntil('what came meanwhile arrives', () => second.count('away') >= 20)
  t.deepEqual(
    second.bodies.filter((body) => body !== 'settle'),
    numbered('away', 20)
  )
  await second.unsubscribe('/topic/ledger', durable.headers)
  await producer.send('/topic/ledger', ['after the end'])

  const third = await pair.consumer(named)
  await third.subscribe('/topic/ledger', durable)
  await waitUntil('a new one begins', async () => {
    await producer.send('/topic/ledger', ['anew'])
    return third.count('anew') > 0
  })
  t.is(third.count('after the end'), 0, 'UNSUBSCRIBE has ended the old one')
})

testVersions('a selector picks messages', versions, async (t, pair) => {
  const producer = await pair.producer()
  const consumer = await pair.consumer()
  const selector = "region = 'eu' AND size > 5"
  await consumer.subscribe('/queue/work', { headers: { selector } })
  await consumer.subscribe('/topic/news', { headers: { selector } })
  const rest = await pair.consumer()
  for (const destination of ['/queue/work', '/topic/news']) {
    await waitUntil('demand has spread', async () => {
      await producer.send(destination, ['settle'], { region: 'eu', size: '99' })
      return consumer.messages.some(({ headers }) => headers.destination === destination)
    })
    await producer.send(destination, ['too small'], { region: 'eu', size: '3' })
    await producer.send(destination, ['elsewhere'], { region: 'us', size: '30' })
    await producer.send(destination, ['without'])
    await producer.send(destination, [`right ${destination}`], { region: 'eu', size: '30' })
  }
  await waitUntil('both arrive', () => consumer.count('right') === 2)
  t.deepEqual(
    new Set(consumer.bodies),
    new Set(['settle', 'right /queue/work', 'right /topic/news'])
  )
  await rest.subscribe('/queue/work')
  await arrived(rest, 3)
  t.deepEqual(rest.bodies, ['too small', 'elsewhere', 'without'], 'a queue keeps the others')
})

testVersions('heart-beats keep an idle connection', withNack, async (t, pair) => {
  const idle = await pair.consumer({ heartbeats: [200, 200] })
  await idle.subscribe('/queue/work')
  const [send, receive] = idle.connected['heart-beat']!.split(',').map(Number)
  t.true(send! > 0 && send! <= 1_000 && receive! > 0 && receive! <= 1_000)
  await waitUntil('heart-beats come', () => idle.heartbeats >= 8)
  t.is(idle.heartbeatTimeouts, 0)
  t.false(idle.isDisconnected)
  const producer = await pair.producer()
  await producer.send('/queue/work', ['still here'])
  await arrived(idle, 1)
  t.deepEqual(idle.errors, [])
})

testVersions('an error is told and ends the connection', versions, async (t, pair) => {
  const producer = await pair.producer()
  await t.throwsAsync(producer.send('orders', ['lost']), { message: /must start with \/queue\// })
  await waitUntil('the connection ends', () => producer.isDisconnected)
  t.regex(producer.errors[0]!, /"orders"/)
})
