// The exam of every logger.

import type { TestFn } from 'ava'
import type { LogFields, Logger } from '../../src/ports/index.ts'
import { suiteTest, type World } from './world.ts'

/** One line as the logger's owner can read it back. */
export interface ReadLine {
  readonly level: string
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A world with a logger that takes every level. */
export interface LoggerWorld extends World {
  readonly logger: Logger
  /** Lines written so far. */
  lines(): ReadLine[]
}

/** Registers the exam for the loggers that `factory` makes. */
export function loggerSuite(test: TestFn, name: string, factory: () => LoggerWorld): void {
  const titled = suiteTest(test, name, factory)

  titled('writes level, event and fields', async (t, { logger, lines, run }) => {
    logger.info('bridge-state', { bridge: 'spoke', attempt: 3, isDuplex: true })
    await run('the line', () => lines().length === 1)
    t.deepEqual(lines()[0], {
      level: 'info',
      event: 'bridge-state',
      fields: { bridge: 'spoke', attempt: 3, isDuplex: true }
    })
  })

  titled('writes every level, in order', async (t, { logger, lines, run }) => {
    logger.debug('one')
    logger.info('two')
    logger.warn('three')
    logger.error('four')
    await run('the lines', () => lines().length === 4)
    t.deepEqual(
      lines().map((line) => `${line.level} ${line.event}`),
      ['debug one', 'info two', 'warn three', 'error four']
    )
  })

  titled('a child adds its fields, the line has the last word', async (t, world) => {
    const child = world.logger.child({ broker: 'hub', bridge: 'spoke' }).child({ bridge: 'shop' })
    child.warn('slow', { ms: 12 })
    child.warn('slow', { broker: 'other' })
    world.logger.warn('slow')
    await world.run('the lines', () => world.lines().length === 3)
    t.deepEqual(
      world.lines().map((line) => line.fields),
      [{ broker: 'hub', bridge: 'shop', ms: 12 }, { broker: 'other', bridge: 'shop' }, {}]
    )
  })

  titled('takes any value without failing, one line each', async (t, { logger, lines, run }) => {
    const odd: LogFields = {
      newline: 'a\nb\r\nc',
      quote: '"\\',
      empty: '',
      notANumber: Number.NaN,
      infinite: -Infinity,
      nothing: undefined,
      emoji: '🐎',
      lone: '\ud800'
    }
    t.notThrows(() => logger.error('odd', odd))
    logger.info('after')
    await run('the lines', () => lines().length === 2)
    t.is(lines()[0]!.event, 'odd')
    t.is(lines()[1]!.event, 'after')
  })
}
