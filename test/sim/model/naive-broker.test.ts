// The oracle: what one naive broker would do.

import test from 'ava'
import { NaiveBroker, type NaiveMessage } from '../../../sim/model/naive-broker.ts'
import { isTiny, tinySelector } from '../../../sim/model/tiny-selector.ts'

const none = new Map<string, string>()

function aMessage(message: Partial<NaiveMessage> = {}): NaiveMessage {
  return { kind: 'topic', destination: 't.a', headers: none, isDue: true, ...message }
}

test('a topic is for every subscription there is, and for no other', (t) => {
  const naive = new NaiveBroker()
  naive.subscribe({ id: 'gone', kind: 'topic', pattern: 't.a' })
  naive.subscribe({ id: 'same', kind: 'topic', pattern: 't.a' })
  naive.subscribe({ id: 'wild', kind: 'topic', pattern: 't.>' })
  naive.subscribe({ id: 'other', kind: 'topic', pattern: 't.b' })
  naive.subscribe({ id: 'queue', kind: 'queue', pattern: 't.a' })
  naive.unsubscribe('gone')
  const taken = naive.publish(aMessage())
  t.is(naive.verdict(taken, 'same'), 'must')
  t.is(naive.verdict(taken, 'wild'), 'must')
  for (const id of ['gone', 'other', 'queue', 'nobody']) {
    t.is(naive.verdict(taken, id), 'must-not', id)
  }
})

test('a subscription that comes after the message, or leaves, may get it and need not', (t) => {
  const naive = new NaiveBroker()
  naive.subscribe({ id: 'leaves', kind: 'topic', pattern: 't.a' })
  const taken = naive.publish(aMessage())
  naive.unsubscribe('leaves')
  naive.subscribe({ id: 'late', kind: 'topic', pattern: 't.a' })
  t.is(naive.verdict(taken, 'leaves'), 'may')
  t.is(naive.verdict(taken, 'late'), 'may')
})

test('one of those that take from a queue gets a message, if one takes it at all', (t) => {
  const naive = new NaiveBroker()
  const red = new Map([['colour', 'red']])
  const taken = naive.publish(aMessage({ kind: 'queue', destination: 'q', headers: red }))
  t.false(naive.mustBeTaken(taken))
  naive.subscribe({ id: 'blue', kind: 'queue', pattern: 'q', selector: "colour = 'blue'" })
  t.false(naive.mustBeTaken(taken))
  t.is(naive.verdict(taken, 'blue'), 'must-not')
  naive.subscribe({ id: 'red', kind: 'queue', pattern: 'q', selector: "colour <> 'blue'" })
  t.true(naive.mustBeTaken(taken))
  t.is(naive.verdict(taken, 'red'), 'may')
})

test('a message whose time may run out is for nobody to insist on', (t) => {
  const naive = new NaiveBroker()
  naive.subscribe({ id: 'c', kind: 'topic', pattern: '*.a' })
  naive.subscribe({ id: 'q', kind: 'queue', pattern: 't.a' })
  const taken = naive.publish(aMessage({ isDue: false }))
  const queued = naive.publish(aMessage({ kind: 'queue', isDue: false }))
  t.is(naive.verdict(taken, 'c'), 'may')
  t.false(naive.mustBeTaken(queued))
})

test('the oracle reads the selectors that are drawn, by lines of its own', (t) => {
  const headers = new Map([
    ['colour', 'red'],
    ['size', 'small']
  ])
  const taken = [
    "colour = 'red'",
    "colour <> 'blue'",
    "colour IN ('blue', 'red')",
    "colour NOT IN ('blue')",
    "colour = 'blue' OR size = 'small'",
    "colour = 'red' AND size = 'small'"
  ]
  for (const selector of taken)
    t.true(isTiny(selector) && tinySelector(selector, headers), selector)
  const left = [
    "colour = 'blue'",
    "colour <> 'red'",
    "colour IN ('blue')",
    "colour NOT IN ('red')",
    "colour = 'red' AND size = 'large'",
    "weight <> 'great'",
    "weight NOT IN ('great')"
  ]
  for (const selector of left) {
    t.true(isTiny(selector) && !tinySelector(selector, headers), selector)
  }
  for (const selector of ['weight > 3', "colour LIKE 'r%'", "(colour = 'red')"]) {
    t.false(isTiny(selector), selector)
  }
  t.throws(() => tinySelector('weight > 3', headers), { message: /cannot read/ })
})
