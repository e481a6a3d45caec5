// The logger port on winston. winston takes some 50 ms to load, so it is loaded by the first line;
// until then lines wait, at most `waitingLinesMax` of them, and if the process ends first they are
// written straight to the stream. Lines that find no room are counted, and the count is logged.

import type { Writable } from 'node:stream'
import type { Logger as WinstonLogger } from 'winston'
import type { LogFields, Logger } from '../ports/index.ts'
import { jsonLine, type LogEntry, type LogLevel, prettyLine } from './log-line.ts'

/** What {@link createLogger} needs. */
export interface LoggerOptions {
  /** Lines that matter less are dropped. */
  readonly level: LogLevel
  /** 'pretty' for people, 'json' for machines. */
  readonly format: 'pretty' | 'json'
  /** Where lines go; standard error by default. Coloured only if it is a terminal. */
  readonly stream?: Writable & { readonly isTTY?: boolean }
}

const waitingLinesMax = 1_000
/** Bytes a slow stream may hold before lines are dropped. */
const streamBytesMax = 4 * 1024 * 1024

const rankOf: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 }
const noFields: LogFields = {}

/** Makes the logger of this process. */
export function createLogger(options: LoggerOptions): Logger {
  const sink = new LogSink(options)
  return new FieldLogger(sink, rankOf[options.level], noFields)
}

class FieldLogger implements Logger {
  private readonly sink: LogSink
  private readonly rankMax: number
  private readonly fields: LogFields

  constructor(sink: LogSink, rankMax: number, fields: LogFields) {
    this.sink = sink
    this.rankMax = rankMax
    this.fields = fields
  }

  debug(event: string, fields: LogFields = noFields): void {
    this.log('debug', event, fields)
  }

  info(event: string, fields: LogFields = noFields): void {
    this.log('info', event, fields)
  }

  warn(event: string, fields: LogFields = noFields): void {
    this.log('warn', event, fields)
  }

  error(event: string, fields: LogFields = noFields): void {
    this.log('error', event, fields)
  }

  child(fields: LogFields): Logger {
    return new FieldLogger(this.sink, this.rankMax, { ...this.fields, ...fields })
  }

  private log(level: LogLevel, event: string, fields: LogFields): void {
    if (rankOf[level] > this.rankMax) return
    const all = this.fields === noFields ? fields : { ...this.fields, ...fields }
    this.sink.take({ timeMs: Date.now(), level, event, fields: all })
  }
}

/** Where the lines of a logger and its children come together. */
class LogSink {
  private readonly stream: Writable
  private readonly lineOf: (entry: LogEntry) => string
  private winston: WinstonLogger | undefined
  private waiting: LogEntry[] = []
  private isLoading = false
  private isBroken = false
  private droppedCount = 0

  constructor(options: LoggerOptions) {
    const stream = options.stream ?? process.stderr
    const isColoured = stream.isTTY === true && process.env.NO_COLOR === undefined
    this.stream = stream
    this.lineOf =
      options.format === 'json' ? jsonLine : (entry: LogEntry) => prettyLine(entry, isColoured)
    // A log nobody reads any more (a closed pipe) must not take the broker down.
    stream.on('error', () => {
      this.isBroken = true
    })
  }

  take(entry: LogEntry): void {
    if (this.isBroken) return
    if (this.winston === undefined) {
      this.load()
      if (this.waiting.length < waitingLinesMax) this.waiting.push(entry)
      else this.droppedCount += 1
    } else if (this.stream.writableLength > streamBytesMax) {
      this.droppedCount += 1
    } else {
      if (this.droppedCount > 0) this.tellDropped()
      this.write(entry)
    }
  }

  private write(entry: LogEntry): void {
    this.winston?.log({ ...entry, message: entry.event })
  }

  private load(): void {
    if (this.isLoading) return
    this.isLoading = true
    process.once('exit', this.writeWaiting)
    import('winston').then(({ createLogger: create, format, transports }) => {
      process.off('exit', this.writeWaiting)
      this.winston = create({
        level: 'debug',
        levels: rankOf,
        format: format.printf((info) => this.lineOf(info as unknown as LogEntry)),
        transports: [new transports.Stream({ stream: this.stream, eol: '\n' })]
      })
      const { waiting } = this
      this.waiting = []
      for (const entry of waiting) this.write(entry)
      if (this.droppedCount > 0) this.tellDropped()
    })
  }

  private tellDropped(): void {
    const fields = { count: this.droppedCount }
    this.droppedCount = 0
    this.write({ timeMs: Date.now(), level: 'warn', event: 'log-lines-dropped', fields })
  }

  private readonly writeWaiting = (): void => {
    for (const entry of this.waiting) this.stream.write(`${this.lineOf(entry)}\n`)
  }
}
