// Real broker processes on ports of their own. Tests in test/processes and test/interop start them
// through `withTopology` or `withTopologies`, which always stop them again.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { StatusReport } from '../../src/admin/index.ts'
import { askStatus } from './broker-status.ts'
import { PortBlock } from './port-block.ts'
import type { TopologyDocument } from './topology-document.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const command = join(root, 'bin/postroad.js')
/** How long a broker may take to say that it is ready, and to end when asked to. */
const readyMsMax = 30_000
const endMsMax = 10_000

/** Where one broker listens. */
export interface BrokerPorts {
  readonly stomp: number
  readonly ws: number
  readonly bridge: number
}

/** One line of a broker's log. */
export type LogRecord = Readonly<Record<string, string | number | boolean>>

/** One broker process, or the place for one between two lives. */
export class BrokerProcess {
  readonly name: string
  readonly ports: BrokerPorts
  private readonly file: string
  private child: ChildProcess | undefined = undefined
  private output = ''
  private lines = ''

  constructor(name: string, ports: BrokerPorts, file: string) {
    this.name = name
    this.ports = ports
    this.file = file
  }

  /** What the process has written in all its lives, for failure messages. */
  get log(): string {
    return this.output + this.lines
  }

  /** The lines of its log for an event, of all its lives, oldest first. */
  logged(event: string): LogRecord[] {
    return this.lines
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogRecord)
      .filter((record) => record.event === event)
  }

  /** Resident memory in bytes, as Linux counts it. */
  async memoryBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.child?.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
  }

  /** Starts the process and waits for its ready line. */
  async start(): Promise<void> {
    const args = ['run', this.file, '--broker', this.name, '--log-format', 'json']
    const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.child = child
    this.output = ''
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`${this.name} ${why}:\n${this.log}`))
      const timer = setTimeout(() => fail('is not ready'), readyMsMax)
      child.stdout!.on('data', (text: Buffer) => {
        this.output += text.toString()
        if (!/^ready .*\n/m.test(this.output)) return
        clearTimeout(timer)
        resolve()
      })
      child.stderr!.on('data', (text: Buffer) => {
        this.lines += text.toString()
      })
      child.on('exit', (code) => {
        clearTimeout(timer)
        fail(`ended with ${code}`)
      })
    })
  }

  /** Ends the process as a power cut would. */
  async killHard(): Promise<void> {
    await this.end('SIGKILL')
  }

  /** Ends the process in an orderly way; answers its exit code, null if it had to be killed. */
  async stop(): Promise<number | null> {
    return await this.end('SIGTERM')
  }

  /** Stops the process in its tracks: its connections stay open and nobody answers on them. */
  freeze(): void {
    this.child?.kill('SIGSTOP')
  }

  /** Lets a frozen process go on, as if nothing had been. */
  thaw(): void {
    this.child?.kill('SIGCONT')
  }

  /** The report of this broker, asked over its STOMP listener. */
  async status(): Promise<StatusReport> {
    return await askStatus(this.ports.stomp, this.name)
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const { child } = this
    this.child = undefined
    if (child === undefined) return null
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    return await new Promise((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), endMsMax)
      // A frozen process would hear of no signal but the hardest.
      child.kill('SIGCONT')
      child.once('exit', (code) => {
        clearTimeout(timer)
        resolve(code)
      })
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

  /** The report of a broker. */
  async status(name: string): Promise<StatusReport> {
    return await this.broker(name).status()
  }

  /** The brokers that a broker has bridges to, in order. */
  async peers(name: string): Promise<string[]> {
    const { bridges = [] } = await this.status(name)
    return bridges.map(({ peer }) => peer).sort()
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

/**
 * Runs `body` against all brokers of a topology, moved to free ports; always cleans up.
 * @param topology a shipped topology by name, or one of the test's own
 */
export async function withTopology(
  topology: string | TopologyDocument,
  body: (running: RunningTopology) => Promise<void>
): Promise<void> {
  await withTopologies([topology], async ([running]) => await body(running!))
}

/**
 * Like `withTopology` for several files whose brokers may dial each other.
 * @param startedLater brokers of the second and later files that `body` starts itself
 */
export async function withTopologies(
  topologies: readonly (string | TopologyDocument)[],
  body: (running: readonly RunningTopology[]) => Promise<void>,
  startedLater: readonly string[] = []
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'postroad-test-'))
  const block = await PortBlock.take()
  const running: RunningTopology[] = []
  const everyBroker = (): BrokerProcess[] => running.flatMap((topology) => topology.all())
  try {
    const texts = await Promise.all(topologies.map(readTopology))
    for (const [index, text] of (await moveToFreePorts(texts, block)).entries()) {
      const file = join(folder, `topology-${index}.yaml`)
      await writeFile(file, text)
      const brokers = [...portsByBroker(text)].map(
        ([name, ports]) => [name, new BrokerProcess(name, ports, file)] as const
      )
      running.push(new RunningTopology(file, new Map(brokers)))
    }
    const isFirst = (broker: BrokerProcess): boolean => running[0]!.all().includes(broker)
    const now = everyBroker().filter(
      (broker) => isFirst(broker) || !startedLater.includes(broker.name)
    )
    await Promise.all(now.map((broker) => broker.start()))
    await body(running)
  } catch (error) {
    for (const { name, log } of everyBroker()) console.error(`--- ${name}\n${log.slice(-4_000)}`)
    throw error
  } finally {
    await Promise.all(everyBroker().map((broker) => broker.stop()))
    await block.release()
    await rm(folder, { recursive: true, force: true })
  }
}

async function readTopology(topology: string | TopologyDocument): Promise<string> {
  if (typeof topology !== 'string') return JSON.stringify(topology, undefined, 1)
  return await readFile(join(root, 'topologies', `${topology}.yaml`), 'utf8')
}

/** The texts with each local port replaced by a free one, the same one everywhere. */
async function moveToFreePorts(texts: readonly string[], block: PortBlock): Promise<string[]> {
  const local = /(?<=(?:127\.0\.0\.1|127\.1):)\d+/g
  const moved = new Map<string, string>()
  for (const text of texts) {
    for (const [port] of text.matchAll(local)) {
      if (!moved.has(port)) moved.set(port, String(await block.port()))
    }
  }
  return texts.map((text) => text.replace(local, (port) => moved.get(port)!))
}

function portsByBroker(text: string): Map<string, BrokerPorts> {
  const { brokers } = parse(text) as {
    brokers: Record<string, { transportConnectors: { uri: string }[] }>
  }
  return new Map(
    Object.entries(brokers).map(([name, { transportConnectors }]) => {
      const portOf = (protocol: string): number => {
        const uri = transportConnectors.find((connector) => connector.uri.startsWith(protocol))?.uri
        return Number(/:(\d+)\/?$/.exec(uri ?? '')?.[1])
      }
      const ports = {
        stomp: portOf('stomp://'),
        ws: portOf('stomp+ws://'),
        bridge: portOf('postroad://')
      }
      return [name, ports]
    })
  )
}
