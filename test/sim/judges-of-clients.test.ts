// Judges of custody, credit, memory, time and what clients asked for can fail: a part of one broker
// does something wrong on purpose, and the judge concerned must say so.

import test, { type ExecutionContext } from 'ava'
import { channelsOf } from '../../sim/checkers/peek.ts'
import type { RunResult } from '../../sim/run-scenario.ts'
import { chain } from '../../sim/topologies.ts'
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

const destination = '/queue/q'
const headers = { colour: ['red', 'blue'] }
const selective = {
  topology: chain(2),
  producers: [aProducer({ at: 'a', headers })],
  consumers: [aConsumer({ at: 'b', selector: "colour = 'red'" })]
}
const queueAcross = {
  topology: chain(2),
  producers: [aProducer({ at: 'a', destination })],
  consumers: [aConsumer({ at: 'b', destination })]
}

type Decode = (...parts: unknown[]) => { expiresAtMs: number } | undefined

interface Scheduler {
  after(delayMs: number, task: () => void): unknown
}

function assertSaid(t: ExecutionContext, { complaints }: RunResult, pattern: RegExp): void {
  t.true(
    complaints.some((complaint) => pattern.test(complaint)),
    complaints.join('\n')
  )
}

/** A broker whose bridges alter what they read. */
function atDecoder(
  name: string,
  alter: (message: { expiresAtMs: number }) => void
): (station: Station, broker: string) => void {
  return ({ network }, broker) => {
    if (broker !== name) return
    const { onBridgeUp } = network
    network.onBridgeUp = (bridge) => {
      const { decoder } = bridge as unknown as { readonly decoder: { decode: Decode } }
      const decode = decoder.decode.bind(decoder)
      decoder.decode = (...parts) => {
        const message = decode(...parts)
        if (message !== undefined) alter(message)
        return message
      }
      onBridgeUp.call(network, bridge)
    }
  }
}

/** A broker that heeds no selector. */
function heedsNoSelector({ broker }: Station): void {
  const subscribe = broker.subscribe.bind(broker)
  broker.subscribe = (options) => subscribe({ ...options, filter: undefined })
}

test('selection and oracle: a broker that heeds no selector', (t) => {
  assertGood(t, runSmall(selective))
  const result = runSmall({ ...selective, sabotage: heedsNoSelector })
  assertComplaint(t, result, /^no-waste: p\.1 crossed from a to b for b, where nobody wants it$/)
  assertSaid(t, result, /^selection: c#1 got p\.1 with colour=blue, it takes colour = 'red'$/)
  assertSaid(t, result, /^oracle: c#1 got p\.1, which one broker would not give it$/)
})

test('selection: a broker that delivers a topic to everybody', (t) => {
  const sabotage = ({ broker }: Station): void => {
    const subscribe = broker.subscribe.bind(broker)
    broker.subscribe = (options) => subscribe({ ...options, pattern: '>' })
  }
  const consumers = [
    aConsumer({ at: 'b' }),
    aConsumer({ name: 'd', at: 'a', destination: '/topic/u' })
  ]
  const result = runSmall({ ...selective, consumers, sabotage })
  assertComplaint(t, result, /^selection: d#1 to \/topic\/u got p\.1 of t$/)
})

test('oracle: a broker that loses a topic message or gives it twice', (t) => {
  const world = { ...selective, consumers: [aConsumer({ at: 'b' })] }
  for (const times of [0, 2]) {
    let count = 0
    const sabotage = ({ broker }: Station, name: string): void => {
      if (name !== 'b') return
      const accept = broker.acceptForwarded.bind(broker)
      broker.acceptForwarded = (message) => {
        count += 1
        const copies = count === 10 ? times : 1
        for (let i = 0; i < copies; i += 1) accept(message)
      }
    }
    const result = runSmall({ ...world, sabotage })
    if (times === 0) assertSaid(t, result, /^oracle: c#1 never got p\.10; one broker gives it$/)
    else assertSaid(t, result, /^exactly-once-topic: c#1 got p\.10 2 times/)
  }
})

test('oracle: a broker that loses a message of a queue', (t) => {
  let count = 0
  const sabotage = ({ broker }: Station, name: string): void => {
    if (name !== 'b') return
    const accept = broker.acceptForwarded.bind(broker)
    broker.acceptForwarded = (message) => {
      count += 1
      if (count !== 10) accept(message)
    }
  }
  const result = runSmall({ ...queueAcross, sabotage })
  assertSaid(t, result, /^oracle: p\.10 was given to nobody; one broker gives it to one of its/)
})

test('single-custody: a broker that keeps a message it was sent twice', (t) => {
  const sabotage = ({ broker }: Station, name: string): void => {
    if (name !== 'b') return
    const accept = broker.acceptForwarded.bind(broker)
    broker.acceptForwarded = (message) => {
      accept(message)
      accept(message)
    }
  }
  const consumers = [aConsumer({ at: 'b', destination, prefetch: 1, workMs: 60_000 })]
  const result = runSmall({ ...queueAcross, consumers, sabotage })
  assertComplaint(
    t,
    result,
    /^single-custody: p\.1 is in q of b and q of b although nothing failed$/
  )
})

test('single-custody: after a fault, two copies that are not marked', (t) => {
  const sabotage = ({ network, broker }: Station, name: string): void => {
    if (name !== 'a') return
    const { router } = network
    const send = router.send.bind(router)
    router.send = (message, targets) => {
      broker.takeBack(message.destination, [message])
      return send(message, targets)
    }
  }
  const consumers = [aConsumer({ at: 'b', destination, prefetch: 1, workMs: 60_000 })]
  const play = (...[world, plan]: Parameters<typeof startSmall>) => {
    startSmall(world, plan)
    world.faults.reset('a', 'b')
    world.runFor(2_000)
  }
  const producers = [aProducer({ at: 'a', destination, messagesMax: 1 })]
  const result = runSmall({ ...queueAcross, producers, consumers, sabotage, play })
  assertComplaint(t, result, /^(single-custody: p\.1 is in q of a and .*, unmarked|crash)/)
})

/** Changes the credit of every client of a broker when all is at work. */
function changesCredit(by: number) {
  return (station: Station, name: string, { scheduler }: { scheduler: Scheduler }): void => {
    if (name !== 'b') return
    scheduler.after(1_500, () => {
      for (const queue of station.broker.queues.all()) {
        for (const { consumer } of queue.consumers.local) consumer.credit += by
      }
    })
  }
}

test('credit: a broker that gives a client more than it takes', (t) => {
  const consumers = [aConsumer({ at: 'b', destination, prefetch: 2, workMs: 60_000 })]
  const result = runSmall({ ...queueAcross, consumers, sabotage: changesCredit(5) })
  assertComplaint(t, result, /^credit: b: 2 deliveries and 5 more for 2 of queue q$/)
})

test('credit: a client that is handed more than it takes', (t) => {
  const sabotage = ({ broker }: Station, name: string): void => {
    if (name !== 'b') return
    const subscribe = broker.subscribe.bind(broker)
    broker.subscribe = (options) => {
      // By its own count it stays within what was asked for.
      Object.assign(options.consumer, { prefetch: 7 })
      options.consumer.credit = 7
      return subscribe(options)
    }
  }
  const consumers = [aConsumer({ at: 'b', destination, prefetch: 2, workMs: 60_000 })]
  const result = runSmall({ ...queueAcross, consumers, sabotage })
  assertComplaint(t, result, /^credit: c holds 3 deliveries with p\.3, it takes 2$/)
})

test('credit: a broker that forgets credit', (t) => {
  const result = runSmall({ ...queueAcross, producers: [], sabotage: changesCredit(-1) })
  assertComplaint(t, result, /^credit: b: credit 99 of 100 at rest, with 0 deliveries of queue q$/)
})

test('credit: a proxy with more credit than an open one', (t) => {
  const sabotage = ({ broker }: Station, name: string): void => {
    if (name !== 'a') return
    const { queues } = broker
    const all = queues.all.bind(queues)
    queues.all = () => {
      for (const queue of all())
        for (const { consumer } of queue.consumers.remote) consumer.credit = 2
      return all()
    }
  }
  const result = runSmall({ ...queueAcross, sabotage })
  assertComplaint(t, result, /^credit: a: a proxy with credit 2 of queue q$/)
})

test('bounded-memory: a broker that never gives memory back', (t) => {
  const sabotage = ({ broker }: Station, name: string): void => {
    if (name === 'b') broker.memory.release = () => {}
  }
  const result = runSmall({ ...queueAcross, sabotage })
  assertComplaint(t, result, /^bounded-memory: b: memory counts \d+ bytes, queues hold 0$/)
})

test('bounded-memory: a broker that does not know when it is full', (t) => {
  const limits = { ...plainSettings.limits, memoryBytesMax: 100_000 }
  const world = {
    topology: chain(1),
    producers: [aProducer({ at: 'a', destination, bodyBytes: 2_000 })],
    settings: { ...plainSettings, limits },
    // With a disk most of it would wait there.
    plan: { overrides: { a: { isMemoryOnly: true } } },
    play(...[small, plan]: Parameters<typeof startSmall>) {
      startSmall(small, plan)
      small.runFor(15_000)
    }
  }
  assertGood(t, runSmall(world))
  const sabotage = ({ broker }: Station): void => {
    for (const name of ['isFull', 'isTight']) {
      Object.defineProperty(broker.memory, name, { get: () => false })
    }
  }
  const result = runSmall({ ...world, sabotage })
  assertComplaint(
    t,
    result,
    /^bounded-memory: a: \d+ bytes in memory, over 100000 and \d+ on the way$/
  )
})

test('time-to-live: a broker that knows no time', (t) => {
  const world = {
    ...queueAcross,
    producers: [aProducer({ at: 'a', destination, ttlMs: 300 })],
    consumers: [aConsumer({ at: 'a', destination, prefetch: 1, workMs: 100 })],
    play(...[small, plan]: Parameters<typeof startSmall>) {
      startSmall(small, plan)
      small.runFor(10_000)
    }
  }
  assertGood(t, runSmall(world))
  const sabotage = ({ broker }: Station, name: string): void => {
    if (name !== 'a') return
    const publish = broker.publish.bind(broker)
    broker.publish = (message) => {
      message.expiresAtMs = 0
      return publish(message)
    }
  }
  const result = runSmall({ ...world, sabotage })
  assertComplaint(t, result, /^time-to-live: c#1 got p\.\d+ \d+ ms after a had to drop it$/)
})

test('expiry: a bridge that gives messages more time', (t) => {
  const sabotage = atDecoder('b', (message) => {
    if (message.expiresAtMs > 0) message.expiresAtMs += 60_000
  })
  const world = {
    ...queueAcross,
    producers: [aProducer({ at: 'a', destination, ttlMs: 300 })],
    // While one is worked at, the next one waits at b.
    consumers: [aConsumer({ at: 'b', destination, prefetch: 1, workMs: 3_500 })],
    play(...[small, plan]: Parameters<typeof startSmall>) {
      startSmall(small, plan)
      small.runFor(20_000)
    }
  }
  const result = runSmall({ ...world, sabotage })
  assertComplaint(t, result, /^expiry: c#1 got p\.\d+ 3\d\d\d ms after its time$/)
})

test('expiry: a bridge that forgets the time', (t) => {
  const sabotage = atDecoder('b', (message) => {
    message.expiresAtMs = 0
  })
  const producers = [aProducer({ at: 'a', destination, ttlMs: 300 })]
  const result = runSmall({ ...queueAcross, producers, sabotage })
  assertComplaint(t, result, /^expiry: p\.1 came from a to b without its time$/)
})

test('expiry: a broker in a hurry', (t) => {
  const sabotage = ({ broker }: Station, name: string): void => {
    if (name !== 'a') return
    const publish = broker.publish.bind(broker)
    broker.publish = (message) => {
      message.expiresAtMs -= 250
      return publish(message)
    }
  }
  const producers = [aProducer({ at: 'a', destination, ttlMs: 300 })]
  const consumers = [aConsumer({ at: 'a', destination, prefetch: 1, workMs: 200 })]
  const result = runSmall({ ...queueAcross, producers, consumers, sabotage })
  assertComplaint(t, result, /^expiry: a gave p\.\d+ up \d\d+ ms before its time$/)
})

const inTransactions = {
  ...queueAcross,
  producers: [aProducer({ at: 'a', destination, transactionSize: 4 })]
}

test('transactions: a broker that takes a part of one', (t) => {
  const sabotage = ({ broker }: Station, name: string): void => {
    if (name !== 'a') return
    let count = 0
    const publish = broker.publish.bind(broker)
    broker.publish = (message) => {
      count += 1
      return count === 2 ? undefined : publish(message)
    }
  }
  const result = runSmall({ ...inTransactions, sabotage })
  assertComplaint(t, result, /^transactions: a took 3 of the 4 messages of transaction p t0$/)
})

test('transactions: a broker that takes what was aborted', (t) => {
  const sabotage = ({ broker }: Station, name: string): void => {
    if (name !== 'a') return
    const publish = broker.publish.bind(broker)
    let count = 0
    broker.publish = (message) => {
      count += 1
      if (count === 8) {
        const aborted = broker.newMessage(message.destination)
        aborted.body = Buffer.from('p.9.')
        aborted.bodyEnd = aborted.body.length
        publish(aborted)
      }
      return publish(message)
    }
  }
  const result = runSmall({ ...inTransactions, sabotage })
  assertComplaint(t, result, /^transactions: a took p\.9 of transaction p t2, which is aborted$/)
})

test('never-back: a broker that goes back to an old record', (t) => {
  const sabotage = (station: Station, name: string, world: { scheduler: Scheduler }): void => {
    if (name !== 'a') return
    const { map } = station.network
    const records = map.records.bind(map)
    let sequence: number | undefined
    world.scheduler.after(1_500, () => {
      sequence = 0
    })
    map.records = () =>
      records().map((record) => (sequence === undefined ? record : { ...record, sequence }))
  }
  const result = runSmall({ ...queueAcross, sabotage })
  assertComplaint(t, result, /^never-back: a: the record of [ab] fell from \d+ to 0$/)
})

test('never-back: a channel that takes back what it acknowledged', (t) => {
  const sabotage = (station: Station, name: string, world: { scheduler: Scheduler }): void => {
    if (name !== 'a') return
    world.scheduler.after(3_000, () => {
      for (const { outgoing } of channelsOf(station)) Object.assign(outgoing, { acknowledged: 1 })
    })
  }
  const producers = [aProducer({ at: 'a', destination, messagesMax: 20 })]
  const play = (...[world, plan]: Parameters<typeof startSmall>) => {
    startSmall(world, plan)
    world.runFor(4_000)
  }
  const result = runSmall({ ...queueAcross, producers, sabotage, play })
  assertComplaint(t, result, /^never-back: a: what b acknowledged fell from 20 to 1$/)
})
