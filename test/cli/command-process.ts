// A postroad command in a process of its own, for tests that signal it or read it while it runs.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../../../bin/postroad', import.meta.url))
const patienceMs = 20_000

/** A topology file of one broker on ports of the system's choice. */
export const soloTopology = `network: solo
brokers:
  a:
    transportConnectors:
      - uri: stomp://127.0.0.1:0
      - uri: stomp+ws://127.0.0.1:0
      - uri: postroad://127.0.0.1:0
`

/** See the top of this file. */
export class CommandProcess {
  stdout = ''
  stderr = ''
  /** Kept with the exit code, or the signal that ended the process. */
  readonly ended: Promise<number | string | null>
  private readonly child: ChildProcess
  private isOver = false
  private readonly watchers = new Set<() => void>()

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [command, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env }
    })
    this.child = child
    child.stdout.on('data', (text: Buffer) => {
      this.stdout += text.toString()
      this.look()
    })
    child.stderr.on('data', (text: Buffer) => {
      this.stderr += text.toString()
      this.look()
    })
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.isOver = true
        this.look()
        resolve(signal ?? code)
      })
    })
  }

  /** Both streams. */
  get output(): string {
    return this.stdout + this.stderr
  }

  /** Writes to the process's standard input, and ends it. */
  input(text: string): void {
    this.child.stdin?.end(text)
  }

  /** Waits for a match in one of the streams. */
  async sees(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> {
    await new Promise<void>((resolve, reject) => {
      const finish = (error?: Error): void => {
        clearTimeout(timer)
        this.watchers.delete(watch)
        if (error === undefined) resolve()
        else reject(error)
      }
      const watch = (): void => {
        if (pattern.test(this[stream])) finish()
        else if (this.isOver) finish(new Error(`ended without ${pattern}: ${this.output}`))
      }
      const timer = setTimeout(
        () => finish(new Error(`no ${pattern} in time: ${this.output}`)),
        patienceMs
      )
      this.watchers.add(watch)
      watch()
    })
    return pattern.exec(this[stream])!
  }

  /** The port of the STOMP listener, once the command is ready. */
  async stompPort(): Promise<number> {
    const match = await this.sees('stdout', /^ready .*?stomp:\/\/127\.0\.0\.1:(\d+)/m)
    return Number(match[1])
  }

  /** Sends a signal; answers how the process ended. */
  async end(signal: NodeJS.Signals): Promise<number | string | null> {
    this.child.kill(signal)
    return await this.ended
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  private look(): void {
    for (const watch of [...this.watchers]) watch()
  }
}

/** Runs `body` with a topology file of that text; ends what `start` started, whatever happens. */
export async function withFile(
  text: string,
  body: (file: string, start: (...args: string[]) => CommandProcess) => Promise<void>
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'postroad-cli-'))
  const file = join(folder, 'topology.yaml')
  await writeFile(file, text)
  const processes: CommandProcess[] = []
  const start = (...args: string[]): CommandProcess => {
    const started = new CommandProcess(args)
    processes.push(started)
    return started
  }
  try {
    await body(file, start)
  } finally {
    await Promise.all(processes.map((started) => started.end('SIGTERM')))
    await rm(folder, { recursive: true, force: true })
  }
}

/** True while a process of that id runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
