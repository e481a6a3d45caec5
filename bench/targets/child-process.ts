// Starts, watches and ends the processes of a run. Invariant: every child started here is ended by
// the end of the benchmark, however the benchmark ends, and by its pid alone.

import { type ChildProcess, fork, type SpawnOptions, spawn } from 'node:child_process'

const termWaitMs = 3_000
const outputKept = 4_000

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A process started by the benchmark. */
export interface Child {
  readonly process: ChildProcess
  readonly pid: number
  /** Resolves when it has ended, with how: 'exit code 1' or 'signal SIGKILL'. */
  readonly exited: Promise<string>
  /** The last of what it wrote to stdout and stderr, for errors. */
  output(): string
  /** Asks it to end, insists after 3 s, and resolves when it is gone. */
  stop(): Promise<void>
}

/** Starts a program with its output captured. Rejects when it cannot be started. */
export function spawnChild(
  file: string,
  args: readonly string[],
  options: SpawnOptions = {}
): Promise<Child> {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => {
      child.off('error', reject)
      resolve(adopt(child))
    })
  })
}

/** Starts one of our own modules with a channel to talk over. */
export function forkChild(file: string, args: readonly string[]): Child {
  return adopt(fork(file, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }))
}

/**
 * Waits for a line of stdout that starts with `prefix` and answers it. Rejects when the process
 * ends first or `timeoutMs` pass, and quotes its output.
 */
export function lineOf(child: Child, prefix: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let pending = ''
    const timer = setTimeout(
      () => reject(new Error(`no line "${prefix}…" within ${timeoutMs} ms: ${child.output()}`)),
      timeoutMs
    )
    child.process.stdout?.on('data', (bytes: Buffer) => {
      const lines = `${pending}${bytes}`.split('\n')
      pending = lines.pop()!.slice(-outputKept)
      const line = lines.find((text) => text.startsWith(prefix))
      if (line === undefined) return
      clearTimeout(timer)
      resolve(line)
    })
    void child.exited.then((how) => {
      clearTimeout(timer)
      reject(new Error(`ended (${how}) before saying "${prefix}": ${child.output()}`))
    })
  })
}

function adopt(child: ChildProcess): Child {
  running.add(child)
  let output = ''
  const keep = (bytes: Buffer): void => {
    output = `${output}${bytes}`.slice(-outputKept)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(child)
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`)
    })
  })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), termWaitMs)
    await exited
    clearTimeout(timer)
  }
  return { process: child, pid: child.pid ?? 0, exited, output: () => output.trim(), stop }
}
