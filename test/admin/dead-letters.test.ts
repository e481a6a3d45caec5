// Dead letters asked about from afar: which there are, what they say, and what becomes of them.

import test from 'ava'
import { readDeadLetterRequest } from '../../src/admin/dead-letter-request.ts'
import type {
  DeadLetterQueues,
  LetterCount,
  LettersMoved,
  ShownLetters
} from '../../src/admin/index.ts'
import { TwoBrokers } from './two-brokers.ts'

/** Two brokers; `b` has letters of messages that were in these queues. */
function withLetters(...queues: string[]): TwoBrokers {
  const two = new TwoBrokers()
  const { broker } = two.stations.b
  two.world.turn(() => {
    for (const [index, name] of queues.entries()) {
      const failed = broker.newMessage(broker.destinations.get('queue', name))
      failed.headers = Buffer.from(`number:${index}\n`)
      failed.headersEnd = failed.headers.length
      failed.body = Buffer.from(`body ${index}`)
      failed.bodyEnd = failed.body.length
      const code = index % 2 === 0 ? 'refused' : 'expired'
      broker.letters.bury(failed, { code, text: `${code} for the test`, redeliveries: index })
    }
  })
  return two
}

function ask<Answer>(two: TwoBrokers, action: string, facts: object = {}): Answer {
  return two.ask('a', 'b', JSON.stringify({ command: 'dead-letters', action, ...facts })) as Answer
}

test('the list has each queue with letters, and its oldest', (t) => {
  const two = withLetters('orders', 'orders', 'prices')
  const { broker, queues, left } = ask<DeadLetterQueues>(two, 'list')
  t.is(broker, 'b')
  t.is(left, 0)
  t.is(queues.length, 1)
  t.like(queues[0], { queue: 'DLQ', waiting: 3, delivered: 0, consumers: 0 })
  t.like(queues[0]!.oldest, { reason: 'refused', destination: '/queue/orders', broker: 'b' })
  t.deepEqual(ask<DeadLetterQueues>(new TwoBrokers(), 'list').queues, [])
})

test('letters are shown with what they say, and stay', (t) => {
  const two = withLetters('orders', 'prices', 'orders')
  const { letters, isCut } = ask<ShownLetters>(two, 'show', { destination: '/queue/orders' })
  t.false(isCut)
  t.deepEqual(
    letters.map(({ bodyStart }) => bodyStart),
    ['body 0', 'body 2']
  )
  t.like(letters[1], { queue: 'DLQ', reason: 'refused', redeliveries: '2', bodyBytes: 6 })
  t.deepEqual(letters[1]!.headers, [['number', '2']])
  const one = ask<ShownLetters>(two, 'show', { ids: [letters[1]!.messageId] })
  t.deepEqual(one.letters, [letters[1]!])
  t.true(ask<ShownLetters>(two, 'show', { limit: 1 }).isCut)
  t.is(two.stations.b.broker.queues.find('DLQ')!.waiting, 3)
})

test('letters are counted by where they were', (t) => {
  const two = withLetters('orders', 'prices', 'orders', 'orders')
  t.like(ask<LetterCount>(two, 'count'), {
    matching: 4,
    stuck: 0,
    byDestination: [
      ['/queue/orders', 3],
      ['/queue/prices', 1]
    ]
  })
  t.like(ask<LetterCount>(two, 'count', { reason: 'expired' }), { matching: 2 })
  t.like(ask<LetterCount>(two, 'count', { queue: 'DLQ.orders' }), { matching: 0 })
})

test('letters sent back are in their queues as new messages', (t) => {
  const two = withLetters('orders', 'prices', 'orders')
  const { broker } = two.stations.b
  const answer = ask<LettersMoved>(two, 'retry', { destination: '/queue/orders' })
  t.deepEqual(answer, { broker: 'b', moved: 2, end: 'searched' })
  t.is(broker.queues.find('DLQ')!.held, 1)
  const [first] = broker.queues.find('orders')!.browse()
  t.is(broker.queues.find('orders')!.waiting, 2)
  t.is(first!.header('dead-letter-reason'), undefined)
  t.is(first!.header('number'), '0')
})

test('a destination that is full takes no letters back', (t) => {
  const two = withLetters('orders')
  const { broker } = two.stations.b
  Object.defineProperty(broker.queues.get(broker.destinations.get('queue', 'orders')), 'isFull', {
    value: true
  })
  t.like(ask<LettersMoved>(two, 'retry'), { moved: 0, end: 'no-room' })
  t.is(broker.queues.find('DLQ')!.waiting, 1)
})

test('purged letters are gone, and nothing else', (t) => {
  const two = withLetters('orders', 'prices', 'orders')
  t.like(ask<LettersMoved>(two, 'purge', { reason: 'expired' }), { moved: 1 })
  t.is(two.stations.b.broker.queues.find('DLQ')!.waiting, 2)
  t.like(ask<LettersMoved>(two, 'purge', { limit: 2 }), { moved: 2, end: 'enough' })
  t.is(two.stations.b.broker.queues.find('DLQ')!.held, 0)
  t.like(ask<LettersMoved>(two, 'purge', { queue: 'DLQ.nobody' }), { moved: 0 })
})

const faulty: readonly (readonly [string, object, RegExp])[] = [
  ['an unknown action', { action: 'eat' }, /action "eat" is unknown; known are list, show, count/],
  ['a queue of messages', { action: 'purge', queue: 'orders' }, /"orders" is no dead-letter queue/],
  ['a limit out of bounds', { action: 'show', limit: 0 }, /limit 0 must be .* 1 to 1000/],
  ['ids that are no list', { action: 'show', ids: 'x' }, /ids "x" must be a list/],
  ['an unknown reason', { action: 'show', reason: 'bad' }, /reason "bad" is unknown; known are/],
  [
    'a bare destination',
    { action: 'show', destination: 'orders' },
    /must be such as \/queue\/orders/
  ]
]

for (const [what, request, expected] of faulty) {
  test(`${what} is refused with what would be right`, (t) => {
    const read = readDeadLetterRequest({ command: 'dead-letters', ...request })
    t.is(typeof read, 'string')
    t.regex(String(read), expected)
  })
}
