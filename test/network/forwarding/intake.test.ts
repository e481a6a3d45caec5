// What a broker grants others for its own consumers: how the window is shared, when it grows and
// when it shrinks, and who is told.

import test from 'ava'
import { Intake } from '../../../src/network/forwarding/intake.ts'
import { aPolicy, BrokerWorld, type TestConsumer } from '../../support/broker-world.ts'

/** A broker with consumers of `orders`, and the intake of that queue. */
class IntakeWorld extends BrokerWorld {
  readonly consumers: TestConsumer[]
  readonly intake: Intake
  isDue = false

  constructor(...prefetches: number[]) {
    super({}, { policies: [aPolicy({ redelivery: { delayMsInitial: 1_000 } })] })
    this.consumers = prefetches.map((credit) => this.subscribe({ credit, capacity: credit }))
    const queue = this.broker.queues.find('orders')!
    this.intake = new Intake(queue, () => {
      this.isDue = true
    })
    queue.watch = this.intake
  }

  /** So many messages arrive that `path` has the brokers of, the first of which chose this one. */
  come(count: number, ...path: string[]): void {
    for (let i = 0; i < count; i += 1) {
      const message = this.aForwarded({ body: `${i}` })
      message.brokerPath = path
      message.chosenAt = 0
      this.intake.onArrival(message)
      message.chosenAt = -1
      this.broker.acceptForwarded(message)
    }
  }

  /** 'a 5+20' for each broker to be told that 5 have come from it and 20 more may. */
  told(): string[] {
    if (!this.isDue) return []
    this.isDue = false
    return this.intake
      .takeDue()
      .map(({ sender, grant }) => `${sender.broker} ${grant.arrived}+${grant.room}`)
  }

  /** A consumer settles its oldest ones, and takes as many again. */
  work(consumer: TestConsumer, count: number): void {
    for (let i = 0; i < count && consumer.unsettled.length > 0; i += 1) {
      consumer.ack()
      consumer.grant(1)
    }
  }
}

test('twice what the consumers take at once is granted, less what is here', (t) => {
  const world = new IntakeWorld(10, 5)
  world.come(1, 'a')
  t.deepEqual(world.told(), ['a 1+29'])
  world.come(29, 'a')
  t.deepEqual(world.told(), [], 'nothing is settled')
  world.work(world.consumers[0]!, 6)
  t.deepEqual(world.told(), [], 'too little to tell')
  world.work(world.consumers[1]!, 1)
  t.deepEqual(world.told(), ['a 30+7'])
})

test('brokers that send share what there is, and nobody is left without for ever', (t) => {
  const world = new IntakeWorld(2)
  world.come(1, 'a')
  world.come(1, 'b')
  t.deepEqual(world.told(), ['a 1+1', 'b 1+1'])
  world.come(1, 'a')
  world.come(1, 'b')
  t.deepEqual(world.told(), [])
  world.intake.onShort('a', 1_000)
  t.deepEqual(world.told(), ['a 2+0'])
  world.work(world.consumers[0]!, 1)
  t.deepEqual(world.told(), ['a 2+1', 'b 2+1'])
})

test('the window doubles when the queue runs empty while a sender has no grant left', (t) => {
  const world = new IntakeWorld(10)
  const [consumer] = world.consumers
  world.come(20, 'a')
  t.deepEqual(world.told(), ['a 20+0'])
  world.intake.onShort('a', 1_000)
  t.deepEqual(world.told(), ['a 20+0'], 'there is work enough')
  world.work(consumer!, 10)
  t.deepEqual(world.told(), ['a 20+10'], 'they have just enough')
  world.work(consumer!, 5)
  t.deepEqual(world.told(), ['a 20+35'], 'nothing waits, and a consumer has nothing to do')
  t.is(world.intake.window, 40)
})

test('a consumer that is quicker than its producer needs no larger window', (t) => {
  const world = new IntakeWorld(10)
  for (let i = 0; i < 1_000; i += 1) {
    world.come(1, 'a')
    world.work(world.consumers[0]!, 1)
    world.told()
  }
  t.is(world.intake.window, 20)
})

test('what always waits here is taken off a window that has grown', (t) => {
  const world = new IntakeWorld(10)
  const [consumer] = world.consumers
  world.come(20, 'a')
  world.told()
  world.intake.onShort('a', 1_000)
  world.work(consumer!, 20)
  world.told()
  t.is(world.intake.window, 40)
  world.come(40, 'a')
  for (let i = 0; i < 200; i += 1) {
    world.work(consumer!, 1)
    world.come(1, 'a')
    world.told()
  }
  t.true(world.intake.window <= 20 + 1, `${world.intake.window}`)
})

test('without consumers nothing is granted', (t) => {
  const world = new IntakeWorld(10)
  world.come(5, 'a')
  world.told()
  world.consumers[0]!.die()
  world.intake.onShort('a', 1_000)
  t.deepEqual(world.told(), ['a 5+0'])
})

test('refused messages that wait for their next delivery keep no others away', (t) => {
  const world = new IntakeWorld(2)
  world.come(4, 'a')
  t.deepEqual(world.told(), ['a 4+0'])
  const [consumer] = world.consumers
  for (const entry of consumer!.unsettled.splice(0)) world.broker.refuse(entry)
  consumer!.grant(2)
  world.intake.onShort('a', 1_000)
  t.deepEqual(world.told(), ['a 4+2'])
})

test('who sends no more is forgotten after some sweeps, others are told again', (t) => {
  const world = new IntakeWorld(10)
  world.come(1, 'a')
  world.come(1, 'b')
  world.told()
  t.true(world.intake.sweep())
  t.is(world.told().length, 2)
  for (let i = 0; i < 3; i += 1) {
    world.come(1, 'b')
    t.true(world.intake.sweep())
  }
  t.deepEqual(
    world.told().map((told) => told[0]),
    ['b']
  )
  for (let i = 0; i < 3; i += 1) world.intake.sweep()
  t.false(world.intake.sweep())
})

test('whoever waits for a grant is not forgotten, however long that takes', (t) => {
  const world = new IntakeWorld(1)
  world.come(2, 'a')
  world.told()
  for (let i = 0; i < 10; i += 1) {
    t.true(world.intake.sweep())
    world.intake.onShort('a', 2)
    t.deepEqual(world.told(), ['a 2+0'])
  }
  world.work(world.consumers[0]!, 1)
  t.deepEqual(world.told(), ['a 2+1'])
})

test('who chose this broker is told by the path, and counted by that', (t) => {
  const world = new IntakeWorld(10)
  world.come(1, 'a', 'x', 'y')
  const [due] = world.intake.takeDue()
  t.deepEqual([due?.sender.path, due?.sender.place], [['a', 'x', 'y'], 0])
  const message = world.aForwarded()
  message.brokerPath = ['a']
  message.chosenAt = 7
  world.intake.onArrival(message)
  t.is(due?.sender.arrived, 1, 'a place that is not in the path is nobody')
})

test('a broker over the limit is not counted, and the others are', (t) => {
  const world = new IntakeWorld(10)
  for (let i = 0; i < 8_193; i += 1) world.intake.onShort(`s${i}`, 0)
  t.is(world.told().length, 8_192)
})

test('a sender that waited while a consumer here was idle is granted more, once a round', (t) => {
  const world = new IntakeWorld(10)
  const [consumer] = world.consumers
  world.come(10, 'a')
  t.deepEqual(world.told(), ['a 10+10'])
  world.work(consumer!, 5)
  t.deepEqual(world.told(), ['a 10+15'])
  // It has used up what it knew of; what it was told since is still on its way.
  world.intake.onShort('a', 20)
  t.deepEqual(world.told(), ['a 10+35'])
  t.is(world.intake.window, 40)
  world.intake.onShort('a', 25)
  t.is(world.told().length, 1)
  t.is(world.intake.window, 40, 'it had not heard of the larger one yet')
  world.come(35, 'a')
  world.intake.onShort('a', 45)
  world.told()
  t.is(world.intake.window, 40, 'nobody is idle')
})

test('a consumer that is idle when more comes at last has waited for it', (t) => {
  const world = new IntakeWorld(10)
  const [consumer] = world.consumers
  world.come(20, 'a')
  world.intake.onShort('a', 20)
  t.deepEqual(world.told(), ['a 20+0'])
  world.work(consumer!, 10)
  t.deepEqual(world.told(), ['a 20+10'])
  // Between two looks at the queue it runs empty.
  world.work(consumer!, 4)
  t.deepEqual(world.told(), [])
  world.come(1, 'a')
  world.work(consumer!, 1)
  world.told()
  t.is(world.intake.window, 40)
})
