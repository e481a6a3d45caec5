// The load client against real sockets: through the bare relay, and against brokers that misbehave.

import { type AddressInfo, createServer, type Socket } from 'node:net'

import test, { type ExecutionContext } from 'ava'

import { startBareRelay } from '../../bench/bare-relay.ts'
import { ConsumerGroup } from '../../bench/load-client/consumer-group.ts'
import { FrameScanner } from '../../bench/load-client/frame-scanner.ts'
import { IdleGroup } from '../../bench/load-client/idle-group.ts'
import { delay } from '../../bench/load-client/load-group.ts'
import type { LoadPlan, StompEndpoint } from '../../bench/load-client/load-plan.ts'
import { ProducerGroup } from '../../bench/load-client/producer-group.ts'
import { runLoad } from '../../bench/scenarios/run-load.ts'
import type { LoadScenario } from '../../bench/scenarios/scenario.ts'
import { scenarios } from '../../bench/scenarios/scenario-list.ts'
import { bareRelayTarget } from '../../bench/targets/bare-relay-target.ts'
import { localEndpoint } from '../../bench/targets/target.ts'

const plan: LoadPlan = {
  destinations: ['/queue/x'],
  everyConsumerGetsAll: false,
  producers: 1,
  consumers: 1,
  bodyBytes: 1024,
  ratePerSecond: 0,
  receiptWindow: 0,
  ackMode: 'auto',
  persistent: false,
  latencySamplesMax: 0
}

interface Load {
  readonly producers: ProducerGroup
  readonly consumers: ConsumerGroup
  readonly failures: Error[]
}

async function openLoad(
  t: ExecutionContext,
  endpoint: StompEndpoint,
  loadPlan: LoadPlan
): Promise<Load> {
  const failures: Error[] = []
  const onFailure = (reason: Error): void => {
    failures.push(reason)
  }
  const consumers = new ConsumerGroup(loadPlan, endpoint, onFailure)
  const producers = new ProducerGroup(loadPlan, endpoint, onFailure)
  t.teardown(() => {
    producers.close()
    consumers.close()
  })
  await consumers.open()
  await producers.open()
  while (consumers.probesMissing() > 0 && failures.length === 0) {
    producers.probe()
    await delay(5)
  }
  return { producers, consumers, failures }
}

/** Sends until some messages have come, then stops and waits for the rest. */
async function runFor(load: Load, messages: number) {
  load.consumers.mark()
  load.producers.start()
  while (load.consumers.mark().received < messages && load.failures.length === 0) await delay(2)
  const produced = await load.producers.stop()
  return { produced, consumed: await load.consumers.drain(produced.sent) }
}

async function relayEndpoint(t: ExecutionContext): Promise<StompEndpoint> {
  const relay = await startBareRelay(0)
  t.teardown(() => relay.close())
  return localEndpoint(relay.port)
}

const relayed: ReadonlyArray<readonly [string, Partial<LoadPlan>]> = [
  ['one queue', {}],
  [
    'twenty queues of three producers and four consumers',
    {
      destinations: Array.from({ length: 20 }, (_, i) => `/queue/${i}`),
      producers: 3,
      consumers: 4
    }
  ],
  [
    'a topic of five consumers',
    { destinations: ['/topic/x'], everyConsumerGetsAll: true, consumers: 5 }
  ],
  ['bodies larger than a slab', { bodyBytes: 300_000 }],
  ['bodies as short as can be', { bodyBytes: 16 }]
]
for (const [title, changes] of relayed) {
  test(`the bare relay carries ${title} without loss, duplicates or reordering`, async (t) => {
    const load = await openLoad(t, await relayEndpoint(t), { ...plan, ...changes })
    const { produced, consumed } = await runFor(load, 500)
    const copies = changes.everyConsumerGetsAll === true ? 5 : 1
    const sent = produced.sent.reduce((sum, count) => sum + count, 0)
    t.deepEqual(load.failures, [])
    t.true(sent >= 500 / copies)
    t.like(consumed, { received: sent * copies, duplicates: 0, reordered: 0, gaps: 0, lost: 0 })
  })
}

test('a steady rate is measured by the time from send to receipt', async (t) => {
  const paced = { ...plan, ratePerSecond: 2_000, latencySamplesMax: 10_000 }
  const load = await openLoad(t, await relayEndpoint(t), paced)
  load.consumers.mark()
  load.producers.start()
  await delay(100)
  load.consumers.mark()
  const { sent } = await load.producers.stop()
  const { latency, lost } = await load.consumers.drain(sent)
  t.is(lost, 0)
  t.true(latency !== undefined && latency.samples > 0 && latency.samples <= sent[0]!)
  t.true(latency!.p50Ms > 0 && latency!.p50Ms <= latency!.maxMs)
})

test('a whole run works in processes of its own', async (t) => {
  const relayScenario = scenarios.find((scenario) => scenario.name === 'relay') as LoadScenario
  const settings = { seconds: 0.2, warmUpSeconds: 0, bodyBytes: 1024, persistent: false }
  const outcome = await runLoad(relayScenario, bareRelayTarget, settings)
  t.is(outcome.fault, undefined)
  t.is(outcome.server, 'bare-relay')
  t.true(outcome.figures.get('receivedPerSecond')! > 0)
})

// A broker of one queue that can be told to misbehave; it knows receipts and acknowledgements.
interface Script {
  /** How often message number n (from 1) is delivered. */
  readonly copies?: (n: number) => number
  readonly connectReply?: string
  readonly closesAfter?: number
  readonly givesReceipts?: boolean
}

interface ScriptedBroker {
  readonly endpoint: StompEndpoint
  readonly acked: string[]
}

async function scriptedBroker(t: ExecutionContext, script: Script): Promise<ScriptedBroker> {
  const acked: string[] = []
  let subscriber: Socket | undefined
  let messages = 0
  const server = createServer((socket) => {
    const scanner = new FrameScanner()
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      scanner.feed(chunk)
      while (scanner.next()) handle(socket, scanner)
    })
  })
  const handle = (socket: Socket, scanner: FrameScanner): void => {
    const head = scanner.bytes.toString('latin1', scanner.start, scanner.bodyStart)
    const header = (name: string) => new RegExp(`\n${name}:(.*)`).exec(head)?.[1] ?? ''
    if (head.startsWith('CONNECT')) {
      socket.write(script.connectReply ?? 'CONNECTED\nserver:scripted\n\n\0')
    } else if (head.startsWith('SUBSCRIBE')) {
      subscriber = socket
    } else if (head.startsWith('ACK')) {
      acked.push(header('id'))
    } else if (head.startsWith('SEND')) {
      const body = scanner.bytes.subarray(scanner.bodyStart, scanner.bodyEnd + 1)
      messages++
      const copies = script.copies?.(messages) ?? 1
      const message = `MESSAGE\nack:ack-${messages}\ncontent-length:${body.length - 1}\n\n`
      for (let i = 0; i < copies; i++) {
        subscriber?.write(Buffer.concat([Buffer.from(message), body]))
      }
      const receipt = header('receipt')
      if (receipt !== '' && script.givesReceipts !== false) {
        socket.write(`RECEIPT\nreceipt-id:${receipt}\n\n\0`)
      }
      if (messages === script.closesAfter) socket.destroy()
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return { endpoint: localEndpoint((server.address() as AddressInfo).port), acked }
}

test('every message is acknowledged once and in order in client-individual mode', async (t) => {
  const broker = await scriptedBroker(t, {})
  const acking = { ...plan, ackMode: 'client-individual', receiptWindow: 100 } as const
  const load = await openLoad(t, broker.endpoint, acking)
  const { produced, consumed } = await runFor(load, 300)
  t.deepEqual(load.failures, [])
  t.is(produced.receiptsOpen, 0)
  t.like(consumed, { received: produced.sent[0], lost: 0, duplicates: 0 })
  const first = Number(broker.acked[0]!.slice(4))
  t.deepEqual(
    broker.acked,
    broker.acked.map((_, i) => `ack-${first + i}`)
  )
  t.true(broker.acked.length >= 300)
})

test('the last message of a read is acknowledged for all in client mode', async (t) => {
  const broker = await scriptedBroker(t, {})
  const load = await openLoad(t, broker.endpoint, { ...plan, ackMode: 'client', receiptWindow: 9 })
  const { consumed } = await runFor(load, 200)
  t.is(consumed.lost, 0)
  const numbers = broker.acked.map((id) => Number(id.slice(4)))
  t.true(numbers.length > 0)
  t.deepEqual(
    numbers,
    [...numbers].sort((a, b) => a - b)
  )
})

test('client mode with several destinations per consumer is refused', (t) => {
  const many = { ...plan, ackMode: 'client', destinations: ['/queue/a', '/queue/b'] } as const
  t.throws(() => new ConsumerGroup(many, localEndpoint(1), () => {}), {
    message: /one destination per consumer/
  })
})

test('a producer without receipts stops at its window and says how many are missing', async (t) => {
  const broker = await scriptedBroker(t, { givesReceipts: false })
  const load = await openLoad(t, broker.endpoint, { ...plan, receiptWindow: 7 })
  const { produced, consumed } = await runFor(load, 7)
  t.is(produced.sent[0], 7)
  t.is(produced.receiptsOpen, 7)
  t.is(consumed.lost, 0)
})

test('a broker that drops messages is found out', async (t) => {
  const broker = await scriptedBroker(t, { copies: (n) => (n % 50 === 0 ? 0 : 1) })
  const load = await openLoad(t, broker.endpoint, { ...plan, receiptWindow: 10 })
  const { produced, consumed } = await runFor(load, 200)
  t.true(consumed.lost >= 3)
  t.is(consumed.received + consumed.lost, produced.sent[0]!)
})

test('a broker that delivers twice is found out', async (t) => {
  const broker = await scriptedBroker(t, { copies: (n) => (n % 50 === 0 ? 2 : 1) })
  const load = await openLoad(t, broker.endpoint, { ...plan, receiptWindow: 10 })
  const { consumed } = await runFor(load, 200)
  t.true(consumed.duplicates >= 3)
  t.is(consumed.lost, 0)
})

test('an ERROR instead of CONNECTED is told in the words of the broker', async (t) => {
  const broker = await scriptedBroker(t, { connectReply: 'ERROR\nmessage:go away\n\n\0' })
  const group = new IdleGroup(broker.endpoint, 2, () => {})
  await t.throwsAsync(group.open(), { message: /message:go away/ })
})

test('a broker that closes the connection in the middle is told', async (t) => {
  const broker = await scriptedBroker(t, { closesAfter: 40 })
  const load = await openLoad(t, broker.endpoint, { ...plan, receiptWindow: 5 })
  load.producers.start()
  while (load.failures.length === 0) await delay(2)
  t.regex(load.failures[0]!.message, /closed the connection|ECONNRESET|EPIPE/)
})

test('idle connections are all open at once', async (t) => {
  const group = new IdleGroup(await relayEndpoint(t), 120, (reason) => t.fail(reason.message))
  t.teardown(() => group.close())
  t.deepEqual(await group.open(), { server: 'bare-relay' })
})
