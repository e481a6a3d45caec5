// Real broker processes of a shipped topology, on ports of their own. Tests in test/processes and
// test/interop start them through `withTopology`, which always stops them again.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const command = join(root, 'bin/postroad.js')
/** How long a broker may take to say that it is ready. */
const readyMsMax = 20_000

/** Where one broker listens. */
export interface BrokerPorts {
  readonly stomp: number
  readonly ws: number
}

/** One broker process. */
export class BrokerProcess {
  readonly name: string
  readonly ports: BrokerPorts
  private readonly file: string
  private child: ChildProcess | undefined = undefined
  private output = ''

  constructor(name: string, ports: BrokerPorts, file: string) {
    this.name = name
    this.ports = ports
    this.file = file
  }

  /** What the process has written, for failure messages. */
  get log(): string {
    return this.output
  }

  /** Starts the process and waits for its ready line. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [command, 'run', this.file, '--broker', this.name], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
    this.child = child
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready: ${this.output}`)), readyMsMax)
      const onText = (text: Buffer): void => {
        this.output += text.toString()
        if (!/^ready /m.test(this.output)) return
        clearTimeout(timer)
        resolve()
      }
      child.stdout!.on('data', onText)
      child.stderr!.on('data', (text: Buffer) => {
        this.output += text.toString()
      })
      child.on('exit', (code) => reject(new Error(`ended with ${code}: ${this.output}`)))
    })
  }

  /** Ends the process as a power cut would. */
  async killHard(): Promise<void> {
    await this.end('SIGKILL')
  }

  /** Ends the process in an orderly way; answers its exit code. */
  async stop(): Promise<number | null> {
    return await this.end('SIGTERM')
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const { child } = this
    this.child = undefined
    this.output = ''
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null
    return await new Promise((resolve) => {
      child.once('exit', (code) => resolve(code))
      child.kill(signal)
    })
  }
}

/** A running topology. */
export class RunningTopology {
  readonly file: string
  private readonly brokers: ReadonlyMap<string, BrokerProcess>

  constructor(file: string, brokers: ReadonlyMap<string, BrokerProcess>) {
    this.file = file
    this.brokers = brokers
  }

  broker(name: string): BrokerProcess {
    const broker = this.brokers.get(name)
    if (broker === undefined) throw new Error(`no broker ${name}`)
    return broker
  }

  all(): BrokerProcess[] {
    return [...this.brokers.values()]
  }

  /** The status of a broker as the command line reports it. */
  async status(name: string): Promise<Record<string, unknown>> {
    const url = `stomp://127.0.0.1:${this.broker(name).ports.stomp}`
    const output = await runCommand(['status', '--url', url, '--json'])
    return JSON.parse(output.stdout) as Record<string, unknown>
  }
}

/** What a finished command left. */
export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs one postroad command to its end. */
export async function runCommand(args: readonly string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString()
  })
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString()
  })
  return await new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** Runs `body` against all brokers of a shipped topology, moved to free ports; always cleans up. */
export async function withTopology(
  name: string,
  body: (topology: RunningTopology) => Promise<void>
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'postroad-test-'))
  const { file, ports } = await moveToFreePorts(name, folder)
  const brokers = new Map<string, BrokerProcess>()
  for (const [broker, its] of ports) brokers.set(broker, new BrokerProcess(broker, its, file))
  try {
    await Promise.all([...brokers.values()].map((broker) => broker.start()))
    await body(new RunningTopology(file, brokers))
  } finally {
    await Promise.all([...brokers.values()].map((broker) => broker.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

async function moveToFreePorts(
  name: string,
  folder: string
): Promise<{ file: string; ports: Map<string, BrokerPorts> }> {
  let text = await readFile(join(root, 'topologies', `${name}.yaml`), 'utf8')
  const old = new Set(text.match(/(?<=127\.0\.0\.1:)\d+/g))
  const fresh = await freePorts(old.size)
  for (const port of old) text = text.replaceAll(`:${port}`, `:@${fresh.shift()}`)
  text = text.replaceAll(':@', ':')
  const ports = new Map<string, BrokerPorts>()
  const broker = /^ {2}([\w-]+):\n {4}transportConnectors:\n((?: {6}.*\n)+)/gm
  for (const [, brokerName, listeners] of text.matchAll(broker)) {
    const portOf = (scheme: string): number =>
      Number(new RegExp(`${scheme}://127\\.0\\.0\\.1:(\\d+)`).exec(listeners!)?.[1])
    ports.set(brokerName!, { stomp: portOf('stomp'), ws: portOf('stomp\\+ws') })
  }
  const file = join(folder, `${name}.yaml`)
  await writeFile(file, text)
  return { file, ports }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    })
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** Waits until `isTrue`, asking again and again; fails with `what` after `msMax`. */
export async function waitUntil(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  msMax = 10_000
): Promise<void> {
  const endMs = performance.now() + msMax
  for (;;) {
    if (await isTrue()) return
    if (performance.now() > endMs) throw new Error(`not within ${msMax} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
