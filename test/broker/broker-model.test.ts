// One broker against a naive oracle, in any order of events: nothing is lost, given twice, given
// out of order, given without credit or against a filter, and nobody with credit waits for what is
// there.

import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import { BrokerOracle, queueNames } from './broker-oracle.ts'

type Real = Record<string, never>

interface Step extends fc.Command<BrokerOracle, Real> {}

/** A step that is always possible. */
function step(text: string, run: (oracle: BrokerOracle) => void): Step {
  return { check: () => true, run, toString: () => text }
}

/** A step of one living consumer; `needsHeld` if it must owe an acknowledgement. */
function clientStep(
  text: string,
  who: number,
  needsHeld: boolean,
  run: (oracle: BrokerOracle, client: BrokerOracle['clients'][number]) => void
): Step {
  const find = (oracle: Pick<BrokerOracle, 'living'>) => {
    const able = oracle.living.filter((client) => !needsHeld || client.held.length > 0)
    return able[who % Math.max(1, able.length)]
  }
  return {
    check: (oracle) => find(oracle) !== undefined,
    run: (oracle) => {
      run(oracle, find(oracle)!)
    },
    toString: () => `${text}(${who})`
  }
}

const queue = fc.constantFrom(...queueNames)
const who = fc.nat(7)

const publish = fc
  .tuple(queue, fc.option(fc.constantFrom(5, 15), { nil: undefined, freq: 3 }))
  .map(([to, lives]) => step(`publish(${to}, ${lives})`, (oracle) => oracle.publish(to, lives)))

const subscribe = fc
  .record({
    queues: fc.constantFrom(queueNames, [queueNames[0]!], [queueNames[1]!]),
    digits: fc.constantFrom(undefined, undefined, '02468', '159', '37'),
    credit: fc.nat(4),
    settles: fc.boolean()
  })
  .map((facts) => ({
    check: (oracle: Pick<BrokerOracle, 'living'>) => oracle.living.length < 6,
    run: (oracle: BrokerOracle) => oracle.subscribe(facts),
    toString: () => `subscribe(${JSON.stringify(facts)})`
  }))

const steps: fc.Arbitrary<Step>[] = [
  publish,
  publish,
  publish,
  subscribe,
  fc
    .tuple(who, fc.integer({ min: 1, max: 3 }))
    .map(([client, credit]) =>
      clientStep(`grant${credit}`, client, false, (_, { consumer }) => consumer.grant(credit))
    ),
  fc.tuple(who, who).map(([client, at]) =>
    clientStep('ackAndGrant', client, true, (oracle, found) => {
      oracle.ack(found, at)
      found.consumer.grant(1)
    })
  ),
  fc
    .tuple(who, who)
    .map(([client, at]) =>
      clientStep('ack', client, true, (oracle, found) => oracle.ack(found, at))
    ),
  fc
    .tuple(who, who)
    .map(([client, at]) =>
      clientStep('nack', client, true, (oracle, found) => oracle.nack(found, at))
    ),
  fc
    .tuple(who, fc.boolean())
    .map(([client, maySeen]) =>
      clientStep('leave', client, false, (oracle, found) => oracle.leave(found, maySeen))
    ),
  who.map((client) =>
    // A socket that is full takes its consumer's credit away; it is granted anew later.
    clientStep('stop', client, false, (_, { consumer }) => {
      consumer.credit = 0
    })
  ),
  fc
    .tuple(queue, fc.integer({ min: 1, max: 3 }))
    .map(([to, count]) =>
      step(`takeBack(${to}, ${count})`, (oracle) => oracle.takeBack(to, count))
    ),
  fc.constantFrom(4, 11).map((ms) => step(`wait(${ms})`, ({ world }) => world.run(ms))),
  fc.constant(step('sweep', ({ world }) => world.broker.sweep()))
]

const crash = fc.constant(step('crash', (oracle) => oracle.crash()))

function propertyOf(
  t: ExecutionContext,
  makeOracle: () => BrokerOracle,
  allSteps: fc.Arbitrary<Step>[] = steps
) {
  return fc.property(fc.commands(allSteps, { maxCommands: 120, size: 'max' }), (commands) => {
    const oracle = makeOracle()
    const judged = [...commands].map((command) => ({
      check: (model: BrokerOracle) => command.check(model),
      run: (model: BrokerOracle, real: Real) => {
        command.run(model, real)
        t.deepEqual(model.judge(), [])
      },
      toString: () => command.toString()
    }))
    fc.modelRun(() => ({ model: oracle, real: {} }), judged)
    t.deepEqual(oracle.judgeTotals(), [])
  })
}

test('a broker does what the oracle allows, whatever happens in whatever order', (t) => {
  fc.assert(
    propertyOf(t, () => new BrokerOracle()),
    { numRuns: 400 }
  )
})

for (const window of [1, 2, 5]) {
  test(`so it does when a queue holds ${window} in memory and the rest waits on disk`, (t) => {
    fc.assert(
      propertyOf(t, () => new BrokerOracle(window)),
      { numRuns: 150 }
    )
  })

  test(`and when it crashes and comes back, with ${window} in memory`, (t) => {
    fc.assert(
      propertyOf(t, () => new BrokerOracle(window), [...steps, crash]),
      { numRuns: 150 }
    )
  })
}

test('the oracle notices a message that is given out of order', (t) => {
  const oracle = new BrokerOracle()
  oracle.publish('q.a', undefined)
  oracle.publish('q.a', undefined)
  const queue = oracle.world.broker.queues.find('q.a')!
  const first = queue.ready.head!
  queue.ready.remove(first)
  oracle.subscribe({ queues: ['q.a'], digits: undefined, credit: 1, settles: false })
  t.regex(oracle.judge().join(), /c0 got 2: 1 was before it/)
})

test('the oracle notices a consumer with credit that is left waiting', (t) => {
  const oracle = new BrokerOracle()
  oracle.subscribe({ queues: ['q.a'], digits: undefined, credit: 0, settles: false })
  oracle.publish('q.a', undefined)
  t.deepEqual(oracle.judge(), [])
  oracle.clients[0]!.consumer.credit = 1
  t.regex(oracle.judge().join(), /c0 has credit, 1 waits for it/)
})
