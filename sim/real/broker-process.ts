// One broker of a real run as a process of the shipped program: started, listened to, signalled.
// Invariant: no process outlives this one, however it ends.

import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, existsSync, type WriteStream } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { BrokerConfig } from '../../src/config/index.ts'
import type { BrokerPorts } from './broker-document.ts'

/** One line of a broker's log. */
export type LogRecord = Readonly<Record<string, string | number | boolean>>

/** What a broker process is made of. */
export interface BrokerProcessOptions {
  readonly network: string
  readonly config: BrokerConfig
  readonly ports: BrokerPorts
  /** Folder for its log, and for its identity. */
  readonly folder: string
  /** The topology file, for whoever looks at the process list. */
  readonly file: string
  /** False gives it a new identity with each life. */
  readonly keepsId: boolean
  onLog(record: LogRecord): void
  /** The process is gone; `signal` if one ended it. */
  onEnded(): void
}

/** How long a broker may take to open its listeners. */
const readyMsMax = 30_000
/** How long one that is asked to stop may take. */
const stopMsMax = 10_000
/** A slow broker runs for so long at a time, and is frozen in between. */
const runSliceMs = 5

const running = new Set<ChildProcess>()

/** See the top of this file. */
export class BrokerProcess {
  readonly name: string
  readonly ports: BrokerPorts
  private readonly options: BrokerProcessOptions
  private readonly log: WriteStream
  private child: ChildProcess | undefined = undefined
  private isReadyNow = false
  private isFrozen = false
  private isAskedToStop = false
  private factor = 1
  private slowTimer: NodeJS.Timeout | undefined = undefined

  constructor(options: BrokerProcessOptions) {
    this.name = options.config.name
    this.ports = options.ports
    this.options = options
    this.log = createWriteStream(join(options.folder, `${this.name}.log`), { flags: 'a' })
  }

  /** Of the running process; undefined while there is none. */
  get pid(): number | undefined {
    return this.child?.pid
  }

  /** True from its start to its end. */
  get isUp(): boolean {
    return this.child !== undefined
  }

  /** True once its listeners are open. */
  get isReady(): boolean {
    return this.isReadyNow
  }

  /** True from the order to stop to its end. */
  get isStopping(): boolean {
    return this.isUp && this.isAskedToStop
  }

  /** True while it is frozen for longer than slow brokers are. */
  get isPaused(): boolean {
    return this.isFrozen
  }

  /**
   * Starts the process; does nothing to one that is up.
   * @throws Error if it ends or is silent instead of getting ready
   */
  async start(): Promise<void> {
    if (this.child !== undefined) return
    const { file, folder, keepsId, network, config } = this.options
    const args = ['run', file, '--broker', this.name, '--log-format', 'json', '--from-parent']
    if (keepsId) args.push('--data', join(folder, 'data'))
    const child = spawn(process.execPath, [findCommand(), ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      // Ctrl-C is for the parent alone.
      detached: true
    })
    this.child = child
    this.isAskedToStop = false
    adopt(child)
    child.on('error', (error) => this.log.write(`${error.message}\n`))
    child.send({ network, config }, () => {})
    createInterface({ input: child.stderr! }).on('line', (line) => this.onLine(line))
    await new Promise<void>((resolve, reject) => {
      const fail = (how: string): void => reject(new Error(`broker ${this.name} ${how}`))
      const timer = setTimeout(() => fail(`is not ready after ${readyMsMax} ms`), readyMsMax)
      createInterface({ input: child.stdout! }).on('line', (line) => {
        if (!line.startsWith('ready ')) return
        clearTimeout(timer)
        if (this.child === child) this.isReadyNow = true
        resolve()
      })
      child.once('exit', (code, signal) => {
        clearTimeout(timer)
        this.forget(child)
        // Nobody minds one that was told to end before it was ready.
        if (signal === 'SIGKILL' || this.isAskedToStop) resolve()
        else fail(`ended with ${signal ?? `code ${code}`}`)
      })
    })
  }

  /** Kills the process; the promise is kept when it is gone. */
  async kill(): Promise<void> {
    const { child } = this
    if (child === undefined) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  /** Asks the process to stop; the promise is kept when it is gone. */
  async stop(): Promise<void> {
    const { child } = this
    if (child === undefined) return
    this.isAskedToStop = true
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax)
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await gone
    clearTimeout(timer)
  }

  /** Freezes the process; its kernel still takes connections and bytes. */
  pause(): void {
    this.isFrozen = true
    this.child?.kill('SIGSTOP')
  }

  resume(): void {
    this.isFrozen = false
    this.child?.kill('SIGCONT')
    this.slow(this.factor)
  }

  /** Lets it run for one `factor`-th of the time only; 1 ends that. */
  slow(factor: number): void {
    this.factor = factor
    clearTimeout(this.slowTimer)
    if (factor <= 1) {
      if (!this.isFrozen) this.child?.kill('SIGCONT')
      return
    }
    const step = (runs: boolean): void => {
      if (!this.isFrozen) this.child?.kill(runs ? 'SIGCONT' : 'SIGSTOP')
      const spanMs = runs ? runSliceMs : runSliceMs * (factor - 1)
      this.slowTimer = setTimeout(() => step(!runs), spanMs)
    }
    step(true)
  }

  /** Ends the process and whatever was done to it. */
  async close(): Promise<void> {
    clearTimeout(this.slowTimer)
    await this.kill()
    await new Promise<void>((resolve) => this.log.end(resolve))
  }

  private onLine(line: string): void {
    this.log.write(`${line}\n`)
    if (!line.startsWith('{')) return
    try {
      this.options.onLog(JSON.parse(line) as LogRecord)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
  }

  private forget(child: ChildProcess): void {
    running.delete(child)
    if (this.child !== child) return
    this.child = undefined
    this.isReadyNow = false
    this.isFrozen = false
    clearTimeout(this.slowTimer)
    this.factor = 1
    this.options.onEnded()
  }
}

let isWatching = false
/** Wakes what is frozen when this process is gone, so that it hears of it and ends. */
let waker: ChildProcess | undefined

/** Takes care that a process ends with this one. */
function adopt(child: ChildProcess): void {
  running.add(child)
  if (!isWatching) watchOwnEnd()
  waker?.stdin?.write(`${child.pid}\n`)
}

function watchOwnEnd(): void {
  isWatching = true
  const killAll = (): void => {
    for (const one of running) one.kill('SIGKILL')
  }
  process.on('exit', killAll)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const onSignal = (): void => {
      // Somebody else who listens ends the run in an orderly way.
      if (process.listenerCount(signal) > 1) return
      killAll()
      process.off(signal, onSignal)
      process.kill(process.pid, signal)
    }
    process.on(signal, onSignal)
  }
  // SIGCONT harms nobody, should a number belong to another process by then.
  const script = 'while read -r pid; do all="$all $pid"; done; kill -CONT $all'
  const stdio = ['pipe', 'ignore', 'ignore'] as const
  waker = spawn('/bin/sh', ['-c', script], { stdio: [...stdio], detached: true })
  waker.on('error', () => {})
  waker.stdin?.on('error', () => {})
  waker.unref()
  ;(waker.stdin as Partial<Socket> | null)?.unref?.()
}

/** The command of this installation; the same depth for compiled files and the bundle. */
function findCommand(): string {
  const file = fileURLToPath(new URL('../../../bin/postroad.js', import.meta.url))
  if (!existsSync(file)) throw new Error(`${file} is not there: build Postroad first`)
  return file
}
