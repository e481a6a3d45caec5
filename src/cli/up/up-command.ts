// `postroad up`: every broker of a topology file on this machine, each in a process of its own, and
// with `--traffic` clients that send messages across them.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Topology } from '../../config/index.ts'
import type { BrokerRunOptions } from '../broker-run-options.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { LiveTerminal } from '../live-terminal.ts'
import { loadTopology } from '../load-topology.ts'
import { timeText } from '../quantity-text.ts'
import { readyLine } from '../ready-line.ts'
import { onStopSignal } from '../stop-signals.ts'
import { inNameColour, mayColour } from '../terminal-colours.ts'
import { ChildBroker, type ChildBrokerListener } from './child-broker.ts'

/** Options of `postroad up`. */
export interface UpOptions extends BrokerRunOptions {
  readonly traffic?: boolean
  /** Messages a second of each producer. */
  readonly rate?: number
  readonly seconds?: number
}

/** Runs the command; answers its exit code. */
export async function upCommand(file: string, options: UpOptions): Promise<ExitCode> {
  const topology = loadTopology(file, options.portOffset)
  const terminal = new LiveTerminal(process)
  const up = new Up(file, topology, options, terminal)
  onStopSignal(() => up.end('stopped'))
  try {
    if ((await up.start()) === 'failed') return exitCodes.failed
    if (options.traffic === true) return await runTraffic(up, topology, options, terminal)
    if (options.seconds !== undefined) {
      void sleep(options.seconds * 1_000, undefined, { ref: false }).then(() => up.end('stopped'))
    }
    await up.ended
    return exitCodes.good
  } finally {
    await up.stop()
  }
}

async function runTraffic(
  up: Up,
  topology: Topology,
  options: UpOptions,
  terminal: LiveTerminal
): Promise<ExitCode> {
  const { Traffic } = await import('../traffic/traffic.ts')
  const brokers = up.children.map((child) => ({
    name: child.name,
    users: topology.brokers.get(child.name)?.users,
    child
  }))
  const traffic = new Traffic(brokers, terminal, options.rate)
  return await traffic.run(up.ended, options.seconds)
}

/** Why the brokers are no longer wanted. */
type End = 'stopped' | 'failed'

class Up implements ChildBrokerListener {
  readonly children: readonly ChildBroker[]
  /** Kept when somebody asks for the end, or a broker cannot start. */
  readonly ended: Promise<End>
  end: (end: End) => void = () => {}
  private readonly terminal: LiveTerminal
  private readonly nameWidth: number
  private isStopping = false
  private onAllReady = (): void => {}

  constructor(file: string, topology: Topology, options: UpOptions, terminal: LiveTerminal) {
    this.terminal = terminal
    this.ended = new Promise((resolve) => {
      this.end = resolve
    })
    const configs = [...topology.brokers.values()]
    this.nameWidth = Math.max(...configs.map(({ name }) => name.length))
    this.children = configs.map((config) => {
      return new ChildBroker(
        childArgs(file, config.name, options),
        { network: topology.network, config },
        this
      )
    })
  }

  /** Starts every broker; answers when all are ready, or the end was asked for before. */
  async start(): Promise<'ready' | End> {
    const allReady = new Promise<'ready'>((resolve) => {
      this.onAllReady = () => resolve('ready')
    })
    for (const child of this.children) child.start()
    const outcome = await Promise.race([allReady, this.ended])
    if (outcome === 'ready') this.terminal.line('stdout', readyLine(this.children))
    return outcome
  }

  async stop(): Promise<void> {
    this.isStopping = true
    await Promise.all(this.children.map((child) => child.stop()))
  }

  onLine(child: ChildBroker, stream: 'stdout' | 'stderr', line: string): void {
    const name = child.name.padEnd(this.nameWidth)
    const isColoured = mayColour(process[stream])
    const shown = isColoured ? inNameColour(name, this.children.indexOf(child)) : name
    this.terminal.line(stream, `${shown} | ${line}`)
  }

  onReady(): void {
    if (this.children.every(({ uris }) => uris.length > 0)) this.onAllReady()
  }

  onDeath(child: ChildBroker, how: string, retryMs: number | undefined): void {
    if (this.isStopping) return
    if (retryMs === undefined) {
      this.report(`broker ${child.name} could not start (${how})`)
      this.end('failed')
    } else {
      this.report(`broker ${child.name} died (${how}), starts again in ${timeText(retryMs)}`)
    }
  }

  private report(text: string): void {
    this.terminal.line('stderr', `postroad: ${text}`)
  }
}

function childArgs(file: string, broker: string, options: UpOptions): string[] {
  const args = [file, '--broker', broker, '--from-parent']
  args.push('--log-level', options.logLevel, '--log-format', options.logFormat)
  if (options.data !== undefined) args.push('--data', options.data)
  return args
}
