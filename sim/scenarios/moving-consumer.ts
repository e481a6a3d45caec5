// The only consumer of a queue goes round a ring, broker by broker, while producers send: the
// backlog follows it.

import { ring } from '../topologies.ts'
import type { ConsumerPlan } from '../workload/consumer.ts'
import type { ProducerPlan } from '../workload/producer.ts'
import { planFor, type Scenario, startAll } from './scenario.ts'

const destination = '/queue/q.moving'

export const movingConsumerScenario: Scenario = {
  name: 'moving-consumer',
  about: 'the only consumer of a queue moves round a ring',
  plan(random) {
    const topology = ring(random.integer(3, 6))
    const consumer: ConsumerPlan = {
      name: 'mover',
      at: 'a',
      destination,
      ack: random.pick(['auto', 'client', 'client-individual']),
      prefetch: random.pick([1, 10, 1_000]),
      workMs: random.pick([0, 1]),
      version: '1.2'
    }
    const producer: ProducerPlan = {
      name: 'p',
      at: random.pick(topology.brokers),
      destination,
      everyMs: random.integer(10, 30),
      bodyBytes: 100,
      isPersistent: random.chance(0.5),
      receiptEvery: 1,
      version: '1.2'
    }
    return { ...planFor(random, topology), producers: [producer], consumers: [consumer] }
  },
  play(world, plan, random) {
    startAll(world, plan)
    const { brokers } = plan.topology
    const isAuto = plan.consumers[0]!.ack === 'auto'
    for (let step = 1; step <= brokers.length; step += 1) {
      // What an automatic consumer was sent and did not read is lost with its connection.
      const leaving = isAuto || random.chance(0.5) ? 'orderly' : 'abrupt'
      world.move('mover', brokers[step % brokers.length]!, leaving)
      world.runFor(random.integer(100, 1_500))
    }
    world.settle()
    world.runFor(1_000)
    world.finish()
  }
}
