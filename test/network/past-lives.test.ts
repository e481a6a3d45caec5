// A broker on an old copy of its data is told apart from one that has merely been restarted.

import test from 'ava'
import { PastLives } from '../../src/network/past-lives.ts'
import type { Logger } from '../../src/ports/index.ts'

function aLogger(): { readonly logger: Logger; readonly events: string[] } {
  const events: string[] = []
  const nothing = (): void => {}
  const warn = (event: string): void => {
    events.push(event)
  }
  const logger: Logger = {
    debug: nothing,
    info: nothing,
    warn,
    error: nothing,
    child: () => logger
  }
  return { logger, events }
}

const own = { broker: 'a', brokerId: 'x', incarnation: 100 }

test('a life the data does not know of means an old copy, and is named once', (t) => {
  const { logger, events } = aLogger()
  const lives = new PastLives(logger, { ...own, previousIncarnation: 50 })
  lives.onHeard([{ ...own, incarnation: 50 }])
  lives.onHeard([own])
  t.deepEqual(events, [])
  lives.onHeard([{ ...own, incarnation: 70 }])
  lives.onHeard([{ ...own, incarnation: 70 }])
  t.deepEqual(events, ['data-rolled-back'])
})

test('of other brokers, other ids and new data nothing is said', (t) => {
  const { logger, events } = aLogger()
  const lives = new PastLives(logger, { ...own, previousIncarnation: 50 })
  lives.onHeard([{ ...own, broker: 'b', incarnation: 70 }])
  lives.onHeard([{ ...own, brokerId: 'y', incarnation: 70 }])
  new PastLives(logger, own).onHeard([{ ...own, incarnation: 70 }])
  t.deepEqual(events, [])
})

test('a peer with new data under its old name is named', (t) => {
  const { logger, events } = aLogger()
  new PastLives(logger, own).onReplaced(
    { broker: 'b', brokerId: 'x', incarnation: 1 },
    { broker: 'b', brokerId: 'y', incarnation: 2 }
  )
  t.deepEqual(events, ['data-replaced'])
})
