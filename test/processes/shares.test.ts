// Real brokers share a queue among the consumers of several of them: by how many there are and how
// fast they work, and what a slow one cannot take stays where it can go elsewhere.

import test from 'ava'
import { type RunningTopology, withTopology } from '../support/broker-processes.ts'
import { numbered, StompJsClient } from '../support/stompjs-client.ts'
import { waitUntil } from '../support/wait-until.ts'

/** Consumers on one connection, each of which does one message after the other. */
class Workers {
  done = 0
  private readonly client: StompJsClient

  constructor(client: StompJsClient) {
    this.client = client
  }

  static async at(topology: RunningTopology, broker: string): Promise<Workers> {
    return new Workers(await StompJsClient.connect(topology.broker(broker).ports.ws))
  }

  add(count: number, prefetch: number, workMs: number): void {
    for (let i = 0; i < count; i += 1) {
      const waiting: (() => void)[] = []
      const next = (): void => {
        setTimeout(() => {
          this.done += 1
          waiting.shift()!()
          if (waiting.length > 0) next()
        }, workMs)
      }
      const headers = { ack: 'client-individual', 'activemq.prefetchSize': `${prefetch}` }
      this.client.client.subscribe(
        '/queue/shared',
        (message) => {
          waiting.push(() => message.ack())
          if (waiting.length === 1) next()
        },
        headers
      )
    }
  }

  async close(): Promise<void> {
    await this.client.close()
  }
}

async function knownAtA(topology: RunningTopology, brokers: readonly string[]): Promise<void> {
  await waitUntil(`a knows what ${brokers.join(' and ')} want`, async () => {
    const { demand = [] } = await topology.status('a')
    return brokers.every((name) => demand.some(({ broker }) => broker === name))
  })
}

test.serial('mesh-4: ten consumers at b get ten times the share of one at c', async (t) => {
  t.timeout(90_000)
  await withTopology('mesh-4', async (topology) => {
    const many = await Workers.at(topology, 'b')
    const one = await Workers.at(topology, 'c')
    many.add(10, 10, 20)
    one.add(1, 10, 20)
    await knownAtA(topology, ['b', 'c'])
    const producer = await StompJsClient.connect(topology.broker('a').ports.ws)
    const all = (): number => many.done + one.done
    await producer.sendMany('/queue/shared', numbered('job', 4_000))
    // While there is work for everybody.
    await waitUntil('most are done', () => all() >= 2_200, 30_000)
    const busy = [many.done, one.done] as const
    t.log(`while all are busy: ${busy.join(' and ')}`)
    await waitUntil('all are done', () => all() === 4_000, 30_000)

    const before = [many.done, one.done] as const
    for (let i = 0; i < 550; i += 1) {
      await producer.send('/queue/shared', `few-${i}`)
      await new Promise((resolve) => setTimeout(resolve, 4))
    }
    await waitUntil('all are done', () => all() === 4_550)
    const idle = [many.done - before[0], one.done - before[1]] as const
    t.log(`while there is little to do: ${idle.join(' and ')}`)
    for (const [atB, atC] of [busy, idle]) t.true(Math.abs(atB / atC - 10) <= 1, `${atB}:${atC}`)
    for (const client of [producer, many, one]) await client.close()
  })
})

test.serial('chain-3: what a slow consumer cannot take stays near its producer', async (t) => {
  t.timeout(90_000)
  await withTopology('chain-3', async (topology) => {
    const slow = await Workers.at(topology, 'c')
    slow.add(1, 10, 1_000)
    await knownAtA(topology, ['c'])
    const producer = await StompJsClient.connect(topology.broker('a').ports.ws)
    await producer.sendMany('/queue/shared', numbered('job', 3_000))
    await waitUntil('some are done', () => slow.done >= 3)
    const held = async (name: string): Promise<number> => {
      const { queues = [] } = await topology.status(name)
      const queue = queues.find((one) => one.name === 'shared')
      return queue === undefined ? 0 : queue.ready + queue.delivered
    }
    const [atB, atC] = [await held('b'), await held('c')]
    t.log(`held at b ${atB}, at c ${atC}`)
    t.is(atB, 0)
    t.true(atC <= 20, `${atC}`)

    // And so consumers that come later, near the producer, get nearly all of it.
    const fast = await Workers.at(topology, 'a')
    fast.add(10, 100, 0)
    await waitUntil('all but what c has are done', () => fast.done >= 2_900)
    for (const client of [producer, slow, fast]) await client.close()
  })
})
