// Judges of what has to hold through faults can fail: a part of one broker does something wrong on
// purpose, and the judge concerned must say so first.

import test from 'ava'
import { type ChannelPeek, persistentChannelOf } from '../../sim/checkers/peek.ts'
import type { ScenarioPlan } from '../../sim/plan/index.ts'
import { chain } from '../../sim/topologies.ts'
import type { SimWorld } from '../../sim/world.ts'
import type { Message } from '../../src/broker/index.ts'
import type { OutgoingChannel } from '../../src/network/bridge/outgoing-channel.ts'
import type { Station } from '../../src/station/index.ts'
import {
  aConsumer,
  aProducer,
  assertComplaint,
  assertGood,
  narrowSettings,
  runSmall,
  type SmallWorld,
  startSmall
} from './small-world.ts'

const destination = '/queue/q'
const queueAcross = {
  topology: chain(3),
  producers: [aProducer({ at: 'a', destination, messagesMax: 5 })],
  consumers: [aConsumer({ at: 'c', destination })]
}

/** Keeps what broker b is given, and sends it on once more when all of it was consumed. */
function sendsAgain(alter: (message: Message) => void, flags: number): SmallWorld {
  const kept: Message[] = []
  return {
    ...queueAcross,
    sabotage({ network }: Station, broker: string): void {
      if (broker === 'c') {
        const { router } = network as unknown as { router: { window: { seen: unknown } } }
        if (flags > 0) router.window.seen = () => undefined
      }
      if (broker !== 'b') return
      const receive = network.router.receive.bind(network.router)
      network.router.receive = (message, targets) => {
        receive(message, targets)
        kept.push(message)
      }
    },
    play(world: SimWorld, plan) {
      startSmall(world, plan)
      world.runFor(500)
      world.faults.reset('a', 'b')
      world.runFor(1_500)
      for (const message of kept) {
        alter(message)
        world.broker('b').running.network.bridges.get('c')!.sendMessage(message, ['c'], flags)
      }
      world.runFor(500)
      world.finish()
    }
  }
}

test('consumed-once: a broker that sends once more what was consumed', (t) => {
  const result = runSmall(sendsAgain(() => {}, 0))
  assertComplaint(t, result, /^consumed-once: p\.1 was consumed, and came unmarked from b to c$/)
})

test('consumed-once: a broker that does not know what it has had', (t) => {
  const mark = (message: Message): void => {
    message.isRedelivered = true
  }
  const result = runSmall(sendsAgain(mark, 1))
  assertComplaint(t, result, /^consumed-once: c#1 got p\.\d again, which c knew as consumed$/)
})

test('no-neglect: a broker that does not look at what it has parked', (t) => {
  const world: SmallWorld = {
    topology: chain(2),
    producers: [aProducer({ at: 'a', messagesMax: 300 })],
    consumers: [aConsumer({ at: 'b' })],
    play(running, plan) {
      startSmall(running, plan)
      running.faults.cut('a', 'b')
      running.runFor(6_000)
      running.faults.heal('a', 'b')
      running.finish()
    }
  }
  assertGood(t, runSmall(world))
  const sabotage = ({ network }: Station): void => {
    const router = network.router as unknown as { retryRouteless: () => void }
    router.retryRouteless = () => {}
  }
  const result = runSmall({ ...world, sabotage })
  assertComplaint(t, result, /^no-neglect: a parks a message of t for b, with a way for 1\d+ ms$/)
})

test('order-on-one-way: a broker that puts what comes back in another order', (t) => {
  const world: SmallWorld = {
    topology: chain(2),
    settings: narrowSettings,
    producers: [aProducer({ at: 'a', destination })],
    consumers: [aConsumer({ at: 'b', destination })],
    play(running, plan) {
      startSmall(running, plan)
      running.runFor(200)
      running.faults.cut('a', 'b')
      running.runFor(6_000)
      running.faults.heal('a', 'b')
      running.finish()
    }
  }
  assertGood(t, runSmall(world))
  const sabotage = ({ broker }: Station): void => {
    const takeBack = broker.takeBack.bind(broker)
    broker.takeBack = (queue, messages) => takeBack(queue, [...messages].reverse())
  }
  const result = runSmall({ ...world, sabotage })
  assertComplaint(t, result, /^order-on-one-way: c#1 got p\.\d+ after p\.\d+$/)
})

/** A persistent queue from a to b, over a bridge that is spoiled as soon as it stands. */
function withSpoiledChannel(spoil: (channel: ChannelPeek) => void): SmallWorld {
  return {
    topology: chain(2),
    producers: [aProducer({ at: 'a', destination, isPersistent: true, everyMs: 2 })],
    consumers: [aConsumer({ at: 'b', destination })],
    sabotage({ network }) {
      const onUp = network.onBridgeUp.bind(network)
      network.onBridgeUp = (bridge) => {
        spoil(persistentChannelOf({ network } as Station, bridge.peer))
        onUp(bridge)
      }
    }
  }
}

/** The consumer comes when a backlog is on the disk of a. */
function playWithBacklog(world: SimWorld, plan: ScenarioPlan): void {
  world.faults.startAll()
  world.settle()
  for (const producer of plan.producers) world.addProducer(producer)
  world.runFor(500)
  for (const consumer of plan.consumers) world.addConsumer(consumer)
  world.runFor(1_000)
  world.finish()
}

test('disk-first: a broker that sends what its disk has in a queue', (t) => {
  const good = withSpoiledChannel(() => {})
  assertGood(t, runSmall({ ...good, play: playWithBacklog }))
  const world = withSpoiledChannel(({ outgoing }) => {
    const channel = outgoing as unknown as OutgoingChannel
    const send = channel.send.bind(channel)
    channel.send = (message, ...transfer) => {
      message.isOnDisk = false
      return send(message, ...transfer)
    }
  })
  const pattern = /^disk-first: a sent message \d+ to b, and its disk has it elsewhere$/
  assertComplaint(t, runSmall({ ...world, play: playWithBacklog }), pattern)
})

test('disk-first: a broker that acknowledges what is not on its disk', (t) => {
  const world = withSpoiledChannel(({ incoming }) => {
    Object.assign(incoming, {
      secure(callback: (isSafe: boolean) => void) {
        Object.assign(incoming, { safeHighWater: incoming.highWater })
        callback(true)
      }
    })
  })
  const slow: SmallWorld = {
    ...world,
    play(running, plan) {
      startSmall(running, plan)
      running.faults.setDiskMs('b', 100)
      running.runFor(1_000)
      running.faults.setDiskMs('b', 0)
      running.finish()
    }
  }
  const pattern = /^disk-first: b acknowledged message \d+ of a before it was on its disk$/
  assertComplaint(t, runSmall(slow), pattern)
})
