// A broker dies in the middle of a stream, and every broker is restarted in turn. What may be lost
// is only what the dead broker alone had in custody; nothing is delivered twice without saying so.

import test, { type ExecutionContext } from 'ava'
import { type RunningTopology, withTopology } from '../support/broker-processes.ts'
import { type Arrival, numbered, StompJsClient } from '../support/stompjs-client.ts'
import { brokerDialling, type TopologyDocument } from '../support/topology-document.ts'
import { waitUntil } from '../support/wait-until.ts'

/** The shipped ring with diallers that do not wait for long. */
const ring: TopologyDocument = {
  network: 'ring',
  brokers: {
    a: brokerDialling(1, 2),
    b: brokerDialling(2, 3),
    c: brokerDialling(3, 4),
    d: brokerDialling(4, 1)
  }
}

const burst = 20
/** Messages the dead broker may have taken and not passed on: acknowledged, or under way to it. */
const heldMax = 200

/** Sends numbered messages in bursts, each with a receipt for its last, until told to stop. */
class Stream {
  /** Messages given to the client. */
  sent = 0
  private readonly client: StompJsClient
  private readonly destination: string
  private isStopped = false
  private running: Promise<void> = Promise.resolve()

  constructor(client: StompJsClient, destination: string) {
    this.client = client
    this.destination = destination
  }

  start(): void {
    this.running = this.run()
  }

  async stop(): Promise<void> {
    this.isStopped = true
    await this.running
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const bodies = Array.from({ length: burst }, (_, i) => String(this.sent + i))
      this.sent += burst
      await this.client.sendMany(this.destination, bodies)
    }
  }
}

/** What became of the numbers from `first` up to `end`. */
function fates(arrivals: readonly Arrival[], first: number, end: number) {
  const times = new Map<number, Arrival[]>()
  for (const arrival of arrivals) {
    const number = Number(arrival.body)
    times.set(number, [...(times.get(number) ?? []), arrival])
  }
  const lost: number[] = []
  let flagged = 0
  let unflagged = 0
  for (let number = first; number < end; number += 1) {
    const came = times.get(number) ?? []
    if (came.length === 0) lost.push(number)
    for (const again of came.slice(1)) {
      if (again.isRedelivered) flagged += 1
      else unflagged += 1
    }
  }
  return { lost, flagged, unflagged }
}

/** The longest time without an arrival that ended between two times. */
function longestGapMs(arrivals: readonly Arrival[], fromMs: number, toMs: number): number {
  let gapMs = 0
  for (const [index, { atMs }] of arrivals.entries()) {
    const before = arrivals[index - 1]
    if (before === undefined || atMs < fromMs || atMs > toMs) continue
    gapMs = Math.max(gapMs, atMs - before.atMs)
  }
  return gapMs
}

/** The neighbour through which a's messages go: the one that received them. */
async function carrierOf(topology: RunningTopology): Promise<string> {
  const { bridges = [] } = await topology.status('a')
  const sorted = [...bridges].sort((x, y) => y.messagesSent - x.messagesSent)
  return sorted[0]!.peer
}

/** A producer at a and a consumer at c, with demand spread. */
async function connectAcross(topology: RunningTopology, destination: string) {
  const producer = await StompJsClient.connect(topology.broker('a').ports.ws)
  const consumer = await StompJsClient.connect(topology.broker('c').ports.ws)
  for (const broker of ['a', 'c']) {
    await waitUntil('the ring is whole', async () => (await topology.peers(broker)).length === 2)
  }
  await consumer.subscribe(destination)
  await waitUntil('demand has spread', async () => {
    await producer.send(destination, 'settle')
    return consumer.count('settle') > 0
  })
  return { producer, consumer }
}

async function loseCarrier(t: ExecutionContext, destination: string): Promise<void> {
  await withTopology(ring, async (topology) => {
    const { producer, consumer } = await connectAcross(topology, destination)
    const stream = new Stream(producer, destination)
    const arrived = (): number => Number(consumer.received.at(-1)?.body)
    stream.start()
    await waitUntil('the stream flows', () => arrived() > 500)
    const carrier = await carrierOf(topology)

    const killedAtMs = performance.now()
    await topology.broker(carrier).killHard()
    const sentAtDeath = stream.sent
    await waitUntil('the stream goes on without it', () => arrived() > sentAtDeath + 500)
    const flowingAtMs = performance.now()
    await topology.broker(carrier).start()
    await waitUntil('it is back', async () => (await topology.peers(carrier)).length === 2)
    const sentAtReturn = stream.sent
    await waitUntil('the stream goes on with it', () => arrived() > sentAtReturn + 500)
    await stream.stop()
    await producer.send(destination, 'end')
    await waitUntil('the end', () => consumer.count('end') > 0)
    await waitUntil('what was in doubt is settled', async () => {
      const { bridges = [] } = await topology.status('a')
      return bridges.every(({ messagesPending }) => messagesPending === 0)
    })

    const numbers = consumer.arrivals.filter(({ body }) => /^\d+$/.test(body))
    const { lost, flagged, unflagged } = fates(numbers, 0, stream.sent)
    t.log(
      `${destination}: ${carrier} died with ${sentAtDeath} of ${stream.sent} sent; lost ` +
        `${lost.length}, twice and flagged ${flagged}, longest gap around its death ` +
        `${longestGapMs(numbers, killedAtMs, flowingAtMs).toFixed(0)} ms`
    )
    t.is(unflagged, 0, 'nothing came twice without a flag')
    const explained = (number: number): boolean =>
      number < sentAtDeath && number >= sentAtDeath - heldMax
    t.deepEqual(
      lost.filter((number) => !explained(number)),
      [],
      'lost is only what the dead broker alone may have held'
    )
    for (const client of [producer, consumer]) await client.close()
  })
}

test.serial('a topic stream survives kill -9 of the broker that carries it', async (t) => {
  t.timeout(90_000)
  await loseCarrier(t, '/topic/stream')
})

test.serial('a queue stream survives kill -9 of the broker that carries it', async (t) => {
  t.timeout(90_000)
  await loseCarrier(t, '/queue/stream')
})

/** What arrives around a broker that hangs and goes on later, with all it had under way. */
async function freezeCarrier(t: ExecutionContext, destination: string) {
  const impatient = { ...ring, defaults: { pingInterval: '200ms' } }
  let outcome = { lost: [] as number[], flagged: 0, unflagged: 0 }
  await withTopology(impatient, async (topology) => {
    const { producer, consumer } = await connectAcross(topology, destination)
    const stream = new Stream(producer, destination)
    const arrived = new Set<number>()
    const isAllThere = (end: number): boolean => {
      for (const body of consumer.bodies) arrived.add(Number(body))
      for (let number = 0; number < end; number += 1) if (!arrived.has(number)) return false
      return true
    }
    stream.start()
    await waitUntil('the stream flows', () => consumer.received.length > 500)
    const carrier = topology.broker(await carrierOf(topology))
    const frozenAtMs = performance.now()
    carrier.freeze()
    const sentAtFreeze = stream.sent
    await waitUntil('the stream takes the other way', () => {
      return Number(consumer.received.at(-1)?.body) > sentAtFreeze + 500
    })
    await stream.stop()
    await waitUntil('what was under way is sent again', () => isAllThere(stream.sent))
    const settledAtMs = performance.now()
    carrier.thaw()
    await waitUntil('it is back', async () => (await topology.peers(carrier.name)).length === 2)
    for (const broker of ['a', carrier.name]) {
      await waitUntil('nothing is under way', async () => {
        const { bridges = [], parking } = await topology.status(broker)
        return parking.messages === 0 && bridges.every((bridge) => bridge.messagesPending === 0)
      })
    }
    await producer.send(destination, 'end')
    await waitUntil('the end', () => consumer.count('end') > 0)
    const numbers = consumer.arrivals.filter(({ body }) => /^\d+$/.test(body))
    outcome = fates(numbers, 0, stream.sent)
    const gapMs = longestGapMs(numbers, frozenAtMs, settledAtMs)
    t.log(
      `${destination}: ${carrier.name} hung with ${sentAtFreeze} sent; lost ` +
        `${outcome.lost.length}, twice and flagged ${outcome.flagged}, longest gap ` +
        `${gapMs.toFixed(0)} ms`
    )
    for (const client of [producer, consumer]) await client.close()
  })
  return outcome
}

test.serial(
  'a broker that hangs and goes on costs a topic nothing, and nothing twice',
  async (t) => {
    t.timeout(90_000)
    t.deepEqual(await freezeCarrier(t, '/topic/stream'), { lost: [], flagged: 0, unflagged: 0 })
  }
)

test.serial('a broker that hangs and goes on costs a queue nothing', async (t) => {
  t.timeout(90_000)
  const { lost, unflagged } = await freezeCarrier(t, '/queue/stream')
  t.deepEqual(lost, [])
  t.is(unflagged, 0, 'what comes twice says so')
})

test.serial('every broker of a ring restarts in turn and nobody else need', async (t) => {
  t.timeout(120_000)
  await withTopology(ring, async (topology) => {
    const names = ['a', 'b', 'c', 'd']
    for (const [index, name] of names.entries()) {
      const broker = topology.broker(name)
      // By turns in an orderly way and as in a power cut.
      if (index % 2 === 0) t.is(await broker.stop(), 0)
      else await broker.killHard()
      await broker.start()
      const opposite = topology.broker(names[(index + 2) % 4]!)
      const [here, there] = await Promise.all([
        StompJsClient.connect(broker.ports.ws),
        StompJsClient.connect(opposite.ports.ws)
      ])
      await here.subscribe('/topic/there-to-here')
      await there.subscribe('/queue/here-to-there')
      await waitUntil(`${name} has both bridges`, async () => {
        return (await topology.peers(name)).length === 2
      })
      await waitUntil(`demand has spread to and from ${name}`, async () => {
        await there.send('/topic/there-to-here', 'settle')
        await here.send('/queue/here-to-there', 'settle')
        return here.count('settle') > 0 && there.count('settle') > 0
      })
      await there.sendMany('/topic/there-to-here', numbered('topic', 100))
      await here.sendMany('/queue/here-to-there', numbered('queue', 100))
      await waitUntil('all arrive', () => here.count('topic') + there.count('queue') >= 200)
      const arrived = [...here.bodies, ...there.bodies].filter((body) => body !== 'settle')
      t.deepEqual(arrived.sort(), [...numbered('topic', 100), ...numbered('queue', 100)].sort())
      for (const client of [here, there]) await client.close()
    }
    for (const name of names) t.is((await topology.peers(name)).length, 2, `${name} is in the ring`)
  })
})
