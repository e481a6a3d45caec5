// Filters at a queue: they skip without disturbing the order, and no message is tried twice by a
// filter that has refused it, whatever is taken from around the place where it stopped.

import test from 'ava'
import fc from 'fast-check'
import { selectorFilter } from '../../src/broker/index.ts'
import { BrokerWorld, bodyOf, numbers } from '../support/broker-world.ts'

/** A filter that counts how often each body was tried. */
function countingFilter(isWanted: (body: string) => boolean) {
  const tries = new Map<string, number>()
  const matches = (message: Parameters<typeof bodyOf>[0]): boolean => {
    const body = bodyOf(message)
    tries.set(body, (tries.get(body) ?? 0) + 1)
    return isWanted(body)
  }
  return { tries, filter: { text: 'counted', matches } }
}

test('a selector takes what it wants and leaves the rest in order', (t) => {
  const world = new BrokerWorld()
  for (const body of numbers(6)) {
    world.publish({ body, headers: `colour:${Number(body) % 2 === 0 ? 'red' : 'blue'}\n` })
  }
  const red = world.subscribe({ filter: selectorFilter("colour = 'red'") })
  t.deepEqual(red.bodies(), ['2', '4', '6'])
  t.deepEqual(world.subscribe().bodies(), ['1', '3', '5'])
})

test('a new message is tried by each filter once', (t) => {
  const world = new BrokerWorld()
  const none = countingFilter(() => false)
  const consumer = world.subscribe({ filter: none.filter, credit: 1 })
  world.publishAll(numbers(20))
  t.true([...none.tries.values()].every((count) => count === 1))
  t.is(none.tries.size, 20)
  t.deepEqual(consumer.bodies(), [])
})

test('renewed credit goes on where the filter stopped', (t) => {
  const world = new BrokerWorld()
  world.publishAll(numbers(100))
  const fives = countingFilter((body) => Number(body) % 5 === 0)
  const consumer = world.subscribe({ filter: fives.filter, credit: 1 })
  for (let i = 0; i < 30; i += 1) {
    consumer.ack()
    consumer.credit = 0
    consumer.grant(1)
  }
  t.is(consumer.deliveries.length, 20)
  t.true([...fives.tries.values()].every((count) => count === 1))
})

test('what others refuse does not make a filter try its refusals again', (t) => {
  const world = new BrokerWorld()
  const any = world.subscribe({ credit: 1 })
  world.publishAll(numbers(200))
  const none = countingFilter(() => false)
  world.subscribe({ filter: none.filter })
  for (let i = 0; i < 5; i += 1) {
    any.credit = 1
    world.broker.refuse(any.unsettled.shift()!)
  }
  t.is(any.bodies().at(-1), 'r1')
  t.true(none.tries.get('1')! <= 5)
  const others = [...none.tries].filter(([body]) => body !== '1')
  t.true(others.every(([, count]) => count === 1))
})

test('a filter that has just refused what came back does not go through the rest again', (t) => {
  const world = new BrokerWorld()
  const dead = world.subscribe({ credit: 1 })
  world.publishAll(numbers(50))
  const none = countingFilter(() => false)
  const picky = world.subscribe({ filter: none.filter, credit: 1 })
  dead.die()
  picky.credit = 0
  picky.grant(1)
  t.is(none.tries.get('1'), 1)
  t.true([...none.tries.values()].every((count) => count === 1))
})

test('a filter that stopped at a message is right when that message is taken away', (t) => {
  const world = new BrokerWorld()
  world.publishAll(numbers(5))
  const last = countingFilter((body) => body === '5' || body === '6')
  const picky = world.subscribe({ filter: last.filter, credit: 1 })
  t.deepEqual(picky.taken(), ['5'])
  const taker = world.subscribe({ credit: 3 })
  t.deepEqual(taker.taken(), ['1', '2', '3'])
  taker.credit = 1
  taker.subscription!.onCredit()
  t.deepEqual(taker.taken(), ['4'])
  world.publishAll(['6', '7'])
  picky.grant(1)
  t.deepEqual(picky.taken(), ['6'])
  taker.grant(1)
  t.deepEqual(taker.taken(), ['7'])
})

test('the real selectors of several consumers share a queue as a table says', (t) => {
  const selector = fc.constantFrom("a = '1'", "a <> '1'", "b = '1' AND a = '1'", 'TRUE = FALSE')
  const message = fc.record({ a: fc.constantFrom('1', '2'), b: fc.constantFrom('1', '2') })
  fc.assert(
    fc.property(
      fc.array(selector, { minLength: 1, maxLength: 4 }),
      fc.array(message, { maxLength: 12 }),
      fc.boolean(),
      (texts, messages, isBacklog) => {
        const world = new BrokerWorld()
        const publish = (): void => {
          for (const [at, { a, b }] of messages.entries()) {
            world.publish({ body: `${at}`, headers: `a:${a}\nb:${b}\n` })
          }
        }
        if (isBacklog) publish()
        const consumers = texts.map((text) => world.subscribe({ filter: selectorFilter(text) }))
        if (!isBacklog) publish()
        const wants = ({ a, b }: { a: string; b: string }, text: string): boolean => {
          if (text === "a = '1'") return a === '1'
          if (text === "a <> '1'") return a !== '1'
          return text.startsWith('b') && b === '1' && a === '1'
        }
        const taken = consumers.flatMap((consumer) => consumer.bodies())
        const wanted = messages.flatMap((facts, at) =>
          texts.some((text) => wants(facts, text)) ? [`${at}`] : []
        )
        t.deepEqual([...taken].sort(), [...wanted].sort())
        for (const [at, consumer] of consumers.entries()) {
          const bodies = consumer.bodies().map(Number)
          t.true(bodies.every((body) => wants(messages[body]!, texts[at]!)))
          t.deepEqual(
            bodies,
            [...bodies].sort((x, y) => x - y)
          )
        }
      }
    ),
    { numRuns: 200 }
  )
})
