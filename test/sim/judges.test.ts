// Judges of the simulation can fail: a part of one broker is replaced by a double that does
// something wrong on purpose, and the judge concerned must say so first.

import test from 'ava'
import { chain, ring } from '../../sim/topologies.ts'
import type { MessageRouter } from '../../src/network/forwarding/index.ts'
import type { Station } from '../../src/station/index.ts'
import {
  aConsumer,
  aProducer,
  assertComplaint,
  assertGood,
  plainSettings,
  runSmall,
  startSmall
} from './small-world.ts'

const topicAcross = {
  topology: chain(3),
  producers: [aProducer({ at: 'a' })],
  consumers: [aConsumer({ at: 'c' })]
}
const queueAcross = {
  topology: chain(3),
  producers: [aProducer({ at: 'a', destination: '/queue/q' })],
  consumers: [aConsumer({ at: 'c', destination: '/queue/q' })]
}

type Receive = MessageRouter['receive']

/** Replaces what the router of one broker does with messages that come over bridges. */
function atRouter(
  name: string,
  double: (receive: Receive) => Receive
): (station: Station, broker: string) => void {
  return (station, broker) => {
    if (broker !== name) return
    const { router } = station.network
    router.receive = double(router.receive.bind(router))
  }
}

/** A broker that takes everything from other brokers twice. */
function takesTwice({ broker }: Station, name: string): void {
  if (name !== 'c') return
  const accept = broker.acceptForwarded.bind(broker)
  broker.acceptForwarded = (message) => {
    accept(message)
    accept(message)
  }
}

test('nobody complains of brokers that are left alone', (t) => {
  assertGood(t, runSmall(topicAcross))
  assertGood(t, runSmall(queueAcross))
})

test('no-loop: a broker that sends back what it was sent', (t) => {
  const sabotage = (station: Station, broker: string): void => {
    if (broker !== 'b') return
    const { network } = station
    network.router.receive = (message, targets) => {
      network.bridges.get(message.brokerPath.at(-1)!)?.sendMessage(message, targets, 0)
    }
  }
  assertComplaint(t, runSmall({ ...topicAcross, sabotage }), /^no-loop: .* by way of a > b > a$/)
})

test('no-loop: a broker that sends round in circles under clean paths', (t) => {
  const sabotage = (station: Station, broker: string): void => {
    const { network } = station
    const around = { a: 'b', b: 'c', c: 'a' }[broker]!
    network.router.receive = (message, targets) => {
      message.brokerPath = []
      network.bridges.get(around)?.sendMessage(message, targets, 0)
    }
  }
  const world = { ...topicAcross, topology: ring(3), sabotage }
  assertComplaint(t, runSmall(world), /^no-loop: p\.\d+ went a, .* although nothing failed$/)
})

test('hop-bound: a message that has been everywhere', (t) => {
  const sabotage = atRouter('b', (receive) => (message, targets) => {
    message.brokerPath = Array.from({ length: 31 }, (_, at) => `n${at}`)
    receive(message, targets)
  })
  const settings = { ...plainSettings, network: { ...plainSettings.network, hopsMax: 31 } }
  // The router of b itself finds it at its limit; it is its double that lets the message pass.
  const lenient = (station: Station, broker: string): void => {
    sabotage(station, broker)
    Object.assign(station.network.router, { isBeenThrough: () => false })
  }
  const result = runSmall({ ...topicAcross, settings, sabotage: lenient })
  assertComplaint(t, result, /^hop-bound: .* reached c over 32 bridges, 31 are allowed$/)
})

test('exactly-once-topic: a broker that takes everything twice', (t) => {
  const result = runSmall({ ...topicAcross, sabotage: takesTwice })
  assertComplaint(t, result, /^exactly-once-topic: c#1 got p\.\d+ 2 times although nothing failed$/)
})

test('exactly-once-topic: a bridge that drops a message', (t) => {
  let count = 0
  const sabotage = atRouter('b', (receive) => (message, targets) => {
    count += 1
    if (count !== 10) receive(message, targets)
  })
  const result = runSmall({ ...topicAcross, sabotage })
  assertComplaint(t, result, /^exactly-once-topic: c#1 at c never got p\.10, published at a/)
})

test('exactly-once-topic: a broker that gives up a message for no reason', (t) => {
  let count = 0
  const sabotage = (station: Station, broker: string): void => {
    if (broker !== 'c') return
    const { router } = station.network
    const receive = router.receive.bind(router)
    router.receive = (message, targets) => {
      count += 1
      if (count === 10) station.broker.discard(message, 'no-route')
      else receive(message, targets)
    }
  }
  const result = runSmall({ ...topicAcross, sabotage })
  assertComplaint(
    t,
    result,
    /^exactly-once-topic: c#1 .* p\.10, .* phase; c gave it up \(no-route\)$/
  )
})

test('queue-once: a broker that takes everything twice', (t) => {
  const result = runSmall({ ...queueAcross, sabotage: takesTwice })
  assertComplaint(
    t,
    result,
    /^queue-once: p\.\d+ was delivered 2 times, now to c#1; nothing failed$/
  )
})

test('queue-once: a second copy after a fault that is not marked', (t) => {
  const play = (...[world, plan]: Parameters<typeof startSmall>) => {
    startSmall(world, plan)
    world.faults.cut('a', 'b')
    world.faults.heal('a', 'b')
    world.runFor(1_000)
  }
  const result = runSmall({ ...queueAcross, sabotage: takesTwice, play })
  assertComplaint(t, result, /^queue-once: c#1 got p\.\d+ again, not marked redelivered$/)
})

test('queue-once: a broker that loses a message', (t) => {
  let count = 0
  const sabotage = atRouter('b', (receive) => (message, targets) => {
    count += 1
    if (count !== 10) receive(message, targets)
  })
  const result = runSmall({ ...queueAcross, sabotage })
  assertComplaint(t, result, /^queue-once: p\.10 of queue q was lost; b had it last$/)
})

test('order-per-producer: a broker that lets one message wait for the next', (t) => {
  let held: (() => void) | undefined
  const sabotage = atRouter('b', (receive) => (message, targets) => {
    if (held === undefined) held = () => receive(message, targets)
    else {
      receive(message, targets)
      held()
      held = undefined
    }
  })
  const result = runSmall({ ...topicAcross, sabotage })
  assertComplaint(t, result, /^order-per-producer: c#1 got p\.1 after p\.2$/)
})

test('no-waste: a broker that sends to everybody', (t) => {
  const sabotage = (station: Station, broker: string): void => {
    if (broker === 'b') station.network.demand.brokersForTopic = () => new Set(['a', 'c'])
  }
  const world = { ...topicAcross, producers: [aProducer({ at: 'b' })], sabotage }
  assertComplaint(t, runSmall(world), /^no-waste: p\.\d+ crossed from b to a for a, where nobody/)
})

test('no-waste: a bridge that does not count what it takes', (t) => {
  const sabotage = (station: Station, broker: string): void => {
    if (broker !== 'c') return
    const { network } = station
    const onBridgeUp = network.onBridgeUp.bind(network)
    network.onBridgeUp = (bridge) => {
      const { counters } = bridge
      Object.defineProperty(bridge, 'counters', { get: () => counters })
      onBridgeUp(bridge)
    }
  }
  assertComplaint(
    t,
    runSmall({ ...topicAcross, sabotage }),
    /^no-waste: c counts 0 messages from b/
  )
})

test('demand-convergence: a broker that hears no demand', (t) => {
  const sabotage = (station: Station, broker: string): void => {
    if (broker !== 'a') return
    station.network.onDemandDelta = () => {}
    station.network.onDemandSnapshot = () => {}
  }
  assertComplaint(t, runSmall({ ...topicAcross, sabotage }), /^demand-convergence: after 60000 ms/)
})

test('demand-convergence: a broker that forgets nobody', (t) => {
  const sabotage = (station: Station): void => {
    station.network.demand.drop = () => {}
  }
  const play = (...[world, plan]: Parameters<typeof startSmall>) => {
    startSmall(world, plan)
    world.faults.crash('c')
    world.runFor(300_000)
  }
  const settings = { ...plainSettings, network: { ...plainSettings.network, repairMs: 2_000 } }
  const world = { ...topicAcross, producers: [], settings, sabotage, play }
  assertComplaint(t, runSmall(world), /^demand-convergence: [ab] still holds demand of c/)
})

test('demand-convergence: what one that misses nobody yet has told is no orphan', (t) => {
  const result = runSmall({
    ...topicAcross,
    producers: [],
    play: (world, plan) => {
      startSmall(world, plan)
      world.faults.cut('a', 'b')
      world.runFor(200_000)
      world.faults.cut('b', 'c')
      world.faults.heal('a', 'b')
      world.runFor(20_000)
      t.false(world.broker('a').running.network.map.isReachable('c'))
      world.finish(plan)
    }
  })
  assertGood(t, result)
})

test('map-convergence: a broker that hears no records', (t) => {
  const sabotage = (station: Station, broker: string): void => {
    if (broker === 'a') station.network.onRecord = () => {}
  }
  const result = runSmall({ ...topicAcross, sabotage })
  const text = /^map-convergence: after 60000 ms the network is not at work: a does not find b/
  assertComplaint(t, result, text)
})

test('map-convergence: routes that go in a circle', (t) => {
  const sabotage = (station: Station, broker: string): void => {
    const { routes } = station.network
    const around = { a: 'b', b: 'a', c: 'b' }[broker]!
    const tableFor = routes.for.bind(routes)
    routes.for = (destination) => {
      const table = tableFor(destination)
      table.nextHop = (target) => (target === broker ? undefined : around)
      return table
    }
  }
  const result = runSmall({ ...topicAcross, producers: [], sabotage })
  assertComplaint(t, result, /^map-convergence: .* in a circle/)
})

test('no-stuck: a queue that is never shown to other brokers', (t) => {
  const sabotage = (station: Station, broker: string): void => {
    if (broker === 'a') station.network.onQueueAdded = () => {}
  }
  const result = runSmall({ ...queueAcross, sabotage })
  assertComplaint(t, result, /^no-stuck: .* a: \d+ messages wait in queue q, and c at c would/)
})

test('no-stuck: a channel that never hears of room', (t) => {
  const sabotage = (station: Station, broker: string): void => {
    if (broker === 'c') station.network.isCongested = () => true
  }
  const result = runSmall({ ...topicAcross, sabotage })
  assertComplaint(t, result, /^no-stuck: .* b: the channel to c holds \d+ messages$/)
})

test('bounded: a broker that never holds its producers back', (t) => {
  const sabotage = ({ broker }: Station): void => {
    const publish = broker.publish.bind(broker)
    broker.publish = (message) => {
      publish(message)
      return undefined
    }
  }
  const limits = { ...plainSettings.limits, queueMessagesMax: 20 }
  const settings = { ...plainSettings, limits }
  const world = { ...queueAcross, consumers: [], settings }
  const play = (...[small, plan]: Parameters<typeof startSmall>) => {
    startSmall(small, plan)
    small.runFor(2_000)
  }
  assertGood(t, runSmall({ ...world, play }))
  const result = runSmall({ ...world, play, sabotage })
  assertComplaint(t, result, /^bounded: a: queue q holds 2\d, over 21$/)
})

test('no-spin: a broker that wakes up every millisecond', (t) => {
  const sabotage = (...[, broker, world]: [Station, string, { scheduler: Scheduler }]): void => {
    const spin = (): void => void world.scheduler.after(1, spin)
    if (broker === 'b') spin()
  }
  const result = runSmall({ ...topicAcross, sabotage })
  assertComplaint(t, result, /^no-spin: 1\d\d\d events a second at rest, expected at most/)
})

test('no-spin: a bridge that is made anew again and again', (t) => {
  const sabotage = (station: Station, broker: string, world: { scheduler: Scheduler }): void => {
    const flap = (): void => {
      for (const bridge of station.network.bridges.all()) bridge.close('withdrawn', 'flapping')
      world.scheduler.after(10_000, flap)
    }
    if (broker === 'a') world.scheduler.after(5_000, flap)
  }
  const play = (...[world, plan]: Parameters<typeof startSmall>) => {
    startSmall(world, plan)
    world.finish()
  }
  const result = runSmall({ ...topicAcross, producers: [], sabotage, play })
  assertComplaint(t, result, /^no-spin: 2 of 4 bridges were made anew at rest$/)
})

test('a failed assertion of a broker is a finding as well', (t) => {
  const sabotage = (station: Station): void => {
    station.network.onDigest = () => {
      throw new Error('assertion failed: on purpose')
    }
  }
  assertComplaint(t, runSmall({ ...topicAcross, sabotage }), /^crash: Error: assertion failed: on/)
})

interface Scheduler {
  after(delayMs: number, task: () => void): unknown
}
