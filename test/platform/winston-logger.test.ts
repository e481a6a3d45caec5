import { PassThrough, Writable } from 'node:stream'
import test from 'ava'
import { createLogger } from '../../src/platform/index.ts'
import { type LoggerWorld, loggerSuite } from '../conformance/logger.suite.ts'
import { realWorld } from './real-world.ts'

// A program has one logger, which listens for the exit; here many load at once.
process.setMaxListeners(100)

/** A stream that remembers the text written to it. */
class Page extends Writable {
  text = ''
  readonly isTTY: boolean

  constructor(isTTY = false) {
    super({ decodeStrings: false })
    this.isTTY = isTTY
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/

loggerSuite(test, 'winston, JSON', (): LoggerWorld => {
  const stream = new Page()
  const lines = () =>
    stream.lines.map((line) => {
      const { time: _, level, event, ...fields } = JSON.parse(line)
      return { level, event, fields }
    })
  return { ...realWorld(), logger: createLogger({ level: 'debug', format: 'json', stream }), lines }
})

loggerSuite(test, 'winston, pretty', (): LoggerWorld => {
  const stream = new Page()
  const lines = () => stream.lines.map(readPretty)
  const logger = createLogger({ level: 'debug', format: 'pretty', stream })
  return { ...realWorld(), logger, lines }
})

/** Reads the pretty form back, to show that nothing in it is ambiguous. */
function readPretty(line: string) {
  const [, level, event, rest] = /^\S+ (\S+) +(\S+)(.*)$/u.exec(line)!
  const fields: Record<string, unknown> = {}
  for (const [, key, quoted, plain] of rest!.matchAll(
    / ([^=\s]+)=(?:("(?:[^"\\]|\\.)*")|(\S+))/gu
  )) {
    fields[key!] = quoted === undefined ? plainValue(plain!) : JSON.parse(quoted)
  }
  return { level: level!, event: event!, fields }
}

function plainValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d+$/.test(text) ? Number(text) : text
}

test('a pretty line is time, level, event and fields', async (t) => {
  const stream = new Page()
  const logger = createLogger({ level: 'info', format: 'pretty', stream })
  logger.warn('bridge-state', { from: 'idle', note: 'two words', count: 3, none: undefined })
  await realWorld().run('the line', () => stream.lines.length === 1)
  const [time, ...rest] = stream.lines[0]!.split(' ')
  t.regex(time!, timePattern)
  t.is(rest.join(' '), 'warn  bridge-state from=idle note="two words" count=3')
})

test('a JSON line keeps its own names from the fields', async (t) => {
  const stream = new Page()
  const logger = createLogger({ level: 'info', format: 'json', stream })
  logger.info('odd', { time: 1, level: 'x', event: 'y', share: Number.NaN })
  await realWorld().run('the line', () => stream.lines.length === 1)
  const line = JSON.parse(stream.lines[0]!)
  t.regex(line.time, timePattern)
  t.is(line.level, 'info')
  t.is(line.event, 'odd')
  t.deepEqual([line.time_, line.level_, line.event_, line.share], [1, 'x', 'y', 'NaN'])
})

test('no field can break a line or send codes to the terminal', async (t) => {
  const stream = new Page(true)
  const evil = 'a\n2026 error forged\u001b[2J\u009b2J\u202e\u2028'
  createLogger({ level: 'info', format: 'json', stream }).info('evil', { evil })
  createLogger({ level: 'info', format: 'pretty', stream }).info('evil', { evil })
  await realWorld().run('the lines', () => stream.lines.length === 2)
  for (const line of stream.lines) {
    t.is(line.split('\u001b').length, line.startsWith('{') ? 1 : 3)
    t.notRegex(line, /[\u009b\u202e\u2028\r]/u)
  }
  t.is(JSON.parse(stream.lines[0]!).evil, evil)
})

test('lines below the level are dropped', async (t) => {
  const stream = new Page()
  const logger = createLogger({ level: 'warn', format: 'json', stream })
  logger.debug('no')
  logger.child({ a: 1 }).info('no')
  logger.error('yes')
  await realWorld().run('the line', () => stream.lines.length === 1)
  await realWorld().idle()
  t.is(stream.lines.length, 1)
  t.is(JSON.parse(stream.lines[0]!).event, 'yes')
})

test('lines before the library is loaded wait in order, and too many are counted', async (t) => {
  const stream = new Page()
  const logger = createLogger({ level: 'info', format: 'json', stream })
  for (let i = 0; i < 1_500; i += 1) logger.info('early', { i })
  t.is(stream.lines.length, 0)
  await realWorld().run('the lines', () => stream.lines.length >= 1_001)
  const lines = stream.lines.map((line) => JSON.parse(line))
  t.is(lines[999].i, 999)
  t.is(lines[1_000].event, 'log-lines-dropped')
  t.is(lines[1_000].count, 500)
})

test('a stream that takes nothing bounds the memory, and the loss is told later', async (t) => {
  const stream = new PassThrough({ highWaterMark: 16 })
  const logger = createLogger({ level: 'info', format: 'json', stream })
  logger.info('first')
  await realWorld().run('the first line', () => stream.readableLength > 0)
  const text = 'x'.repeat(100_000)
  for (let i = 0; i < 100; i += 1) logger.info('big', { text })
  t.true(stream.writableLength < 5 * 1024 * 1024)
  let read = ''
  stream.on('data', (chunk: Buffer) => {
    read += chunk.toString()
  })
  await realWorld().run('room', () => stream.writableLength === 0)
  logger.info('last')
  await realWorld().run('the last line', () => read.includes('"last"'))
  t.true(read.includes('log-lines-dropped'))
})

test('a stream that fails ends the log and nothing else', async (t) => {
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      done(new Error('EPIPE'))
    }
  })
  const logger = createLogger({ level: 'info', format: 'json', stream })
  logger.info('one')
  await realWorld().run('the failure', () => stream.destroyed)
  t.notThrows(() => logger.info('two'))
})

test('colours are for terminals only', async (t) => {
  for (const isTTY of [true, false]) {
    const stream = new Page(isTTY)
    createLogger({ level: 'info', format: 'pretty', stream }).error('red')
    await realWorld().run('the line', () => stream.lines.length === 1)
    t.is(stream.text.includes('\u001b[31m'), isTTY)
  }
})
