// One broker as a child process: started, listened to, started again with growing pauses when it
// dies, and stopped. Invariant: while it is wanted it runs, or a start is scheduled.

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { LineSplitter } from '../line-splitter.ts'
import { commandFile } from '../package-version.ts'
import { parseReadyLine } from '../ready-line.ts'
import type { ChildConfig } from '../run-command.ts'

/** What is told of a child. */
export interface ChildBrokerListener {
  onLine(child: ChildBroker, stream: 'stdout' | 'stderr', line: string): void
  /** Every listener is open, for the first time or again. */
  onReady(child: ChildBroker): void
  /**
   * The process ended, and nobody had asked it to. `retryMs` is the pause before it is started
   * again; undefined if it never got ready, so that there is no sense in that.
   */
  onDeath(child: ChildBroker, how: string, retryMs: number | undefined): void
}

const mainFile = fileURLToPath(commandFile)
/** Time a child has to stop before it is killed. */
const stopMsMax = 5_000
const retryMsFirst = 1_000
const retryMsMax = 30_000
/** A child that ran so long is taken for healthy: pauses start over. */
const healthyMs = 60_000

/** See the top of this file. */
export class ChildBroker {
  readonly name: string
  /** Open listeners; empty while it is not ready. */
  uris: readonly string[] = []
  /** How often it was started again. */
  restarts = 0
  private readonly args: readonly string[]
  private readonly config: ChildConfig
  private readonly listener: ChildBrokerListener
  private process: ChildProcess | undefined = undefined
  private wasEverReady = false
  private isWanted = true
  private retryMs = retryMsFirst
  private startedAtMs = 0
  private timer: NodeJS.Timeout | undefined = undefined
  private onStopped = (): void => {}

  /** @param args of `postroad run`, after the name of the command */
  constructor(args: readonly string[], config: ChildConfig, listener: ChildBrokerListener) {
    this.name = config.config.name
    this.args = args
    this.config = config
    this.listener = listener
  }

  /** The running process; undefined while there is none. */
  get pid(): number | undefined {
    return this.process?.pid
  }

  start(): void {
    this.startedAtMs = performance.now()
    const child = spawn(process.execPath, [mainFile, 'run', ...this.args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      // Ctrl-C is for the parent alone, which then stops its children in an orderly way.
      detached: true
    })
    this.process = child
    const out = new LineSplitter((line) => this.onLine('stdout', line))
    const err = new LineSplitter((line) => this.onLine('stderr', line))
    child.stdout?.on('data', (bytes: Buffer) => out.push(bytes))
    child.stderr?.on('data', (bytes: Buffer) => err.push(bytes))
    // A child that dies while it is written to says so by its exit.
    child.on('error', (error) => this.listener.onLine(this, 'stderr', error.message))
    child.once('close', (code, signal) => {
      out.end()
      err.end()
      this.onEnded(signal === null ? `exit code ${code}` : signal)
    })
    child.send(this.config, () => {})
  }

  /** Ends the process; the promise is kept when it is gone. */
  stop(): Promise<void> {
    this.isWanted = false
    clearTimeout(this.timer)
    const child = this.process
    if (child === undefined) return Promise.resolve()
    const stopped = new Promise<void>((resolve) => {
      this.onStopped = resolve
    })
    child.kill('SIGTERM')
    this.timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax)
    return stopped
  }

  private onLine(stream: 'stdout' | 'stderr', line: string): void {
    this.listener.onLine(this, stream, line)
    const ready = stream === 'stdout' ? parseReadyLine(line) : undefined
    if (ready === undefined) return
    this.wasEverReady = true
    this.uris = ready.uris
    this.listener.onReady(this)
  }

  private onEnded(how: string): void {
    this.process = undefined
    this.uris = []
    clearTimeout(this.timer)
    if (!this.isWanted) {
      this.onStopped()
      return
    }
    if (!this.wasEverReady) {
      this.listener.onDeath(this, how, undefined)
      return
    }
    if (performance.now() - this.startedAtMs > healthyMs) this.retryMs = retryMsFirst
    const { retryMs } = this
    this.retryMs = Math.min(retryMs * 2, retryMsMax)
    this.timer = setTimeout(() => {
      this.restarts += 1
      this.start()
    }, retryMs)
    this.listener.onDeath(this, how, retryMs)
  }
}
