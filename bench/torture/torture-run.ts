// One run of the torture on one network: starts real brokers and clients, lets the tormentor work,
// brings everything up, waits for what is still to come, kills all once more, and judges.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ScenarioPlan } from '../../sim/plan/index.ts'
import { Prng } from '../../sim/prng.ts'
import { RealGround } from '../../sim/real/real-ground.ts'
import { StatusClient } from '../../sim/real/status-client.ts'
import { usualSettings } from '../../sim/scenario-file/usual-settings.ts'
import { topologyFromConfig } from '../../sim/topology-from-config.ts'
import { parseTransportUri } from '../../src/base/index.ts'
import { StompClient } from '../../src/client/index.ts'
import { formatProblem, readTopology } from '../../src/config/index.ts'
import { createStreamTransport, createSystemClock } from '../../src/platform/index.ts'
import { type DrawnClients, drawClients, topic } from './draw-clients.ts'
import { findInStores, type Sighting } from './evidence.ts'
import type { LedgerTotals, Violation } from './ledger.ts'
import { Tormentor, type TormentTotals } from './tormentor.ts'
import { probePrefix } from './torture-consumer.ts'

/** What to run. */
export interface TortureRunOptions {
  readonly seed: string
  readonly topologyFile: string
  /** It is over after so many kills, or so many seconds, whichever comes first. */
  readonly killsMax: number
  readonly secondsMax: number
  readonly meanMs: number
  readonly perSecond: number
  /** True to leave the folder of a run that failed. */
  readonly keepsFailure: boolean
  /** Told a few times a second. */
  onProgress(progress: TortureProgress): void
}

/** How far a run is. */
export interface TortureProgress {
  readonly phase: 'starts' | 'torment' | 'drains' | 'rests'
  readonly seconds: number
  readonly torment: TormentTotals
  readonly ledger: LedgerTotals
}

/** What came of a run. */
export interface TortureResult extends TortureProgress {
  readonly seed: string
  readonly topology: string
  readonly violations: readonly Violation[]
  /** What else went wrong: brokers that ended by themselves, and what is left in queues. */
  readonly faults: readonly string[]
  /** What brokers refused their clients, with how often. */
  readonly refusals: readonly (readonly [string, number])[]
  readonly sightings: readonly Sighting[]
  /** Folder with topology, logs and data, if it is still there. */
  readonly folder: string | undefined
}

const progressMs = 250
const reachMsMax = 30_000
const receiptMsMax = 15_000
/** It is over when nothing has come for so long. */
const stillMsMax = 40_000
const drainMsMax = 240_000
const restMs = 2_500
const pollMs = 100
const askMsMax = 3_000

/**
 * Runs the torture once.
 * @throws Error if it cannot begin: no such topology, no ports, brokers that do not start
 */
export async function runTorture(options: TortureRunOptions): Promise<TortureResult> {
  const plan = planOf(options.topologyFile)
  const run = new TortureRun(plan, options)
  return await run.run()
}

class TortureRun {
  private readonly plan: ScenarioPlan
  private readonly options: TortureRunOptions
  private readonly random: Prng
  private readonly folder = mkdtempSync(join(tmpdir(), 'postroad-torture-'))
  private readonly ports = { clock: createSystemClock(), transport: createStreamTransport() }
  private readonly beganMs = performance.now()
  private readonly faults: string[] = []
  private readonly refusals = new Map<string, number>()
  private readonly probes = new Set<string>()
  private phase: TortureProgress['phase'] = 'starts'
  private isClosing = false
  private ground!: RealGround
  private clients!: DrawnClients
  private tormentor!: Tormentor

  constructor(plan: ScenarioPlan, options: TortureRunOptions) {
    this.plan = plan
    this.options = options
    this.random = new Prng(`${options.seed}/${plan.name}/torture`)
  }

  async run(): Promise<TortureResult> {
    const { options, random } = this
    this.ground = await RealGround.open({
      ...{ plan: this.plan, random, keepLogs: this.folder },
      listener: { onLog: () => {}, onEnded: (broker) => this.onEnded(broker) }
    })
    const brokers = [...this.ground.brokers.values()]
    const nowMs = (): number => this.nowMs()
    this.clients = drawClients({
      ...{ random: random.fork('clients'), brokers, ports: this.ports, nowMs },
      perSecond: options.perSecond,
      onProbe: (consumer, probe) => this.probes.add(`${consumer} ${probe}`),
      onRefused: (text) => this.refusals.set(text, (this.refusals.get(text) ?? 0) + 1)
    })
    const { producers, consumers, ledger } = this.clients
    const startedMs = (): number => this.tormentBeganMs
    this.tormentor = new Tormentor({
      ...{ random: random.fork('torment'), brokers, links: this.ground.links },
      ...{ consumers, producers, meanMs: options.meanMs },
      isOver: () =>
        this.tormentor.totals.kills >= options.killsMax ||
        this.nowMs() - startedMs() >= options.secondsMax * 1_000,
      onDeed: (text) => this.note(text),
      onBadStart: (error) => this.faults.push(`at ${this.nowMs()} ms: ${error.message}`)
    })
    const progress = setInterval(() => options.onProgress(this.progress()), progressMs)
    try {
      await Promise.all(brokers.map((broker) => broker.start()))
      for (const consumer of consumers) consumer.start()
      await this.untilReached()
      for (const producer of producers) producer.start()
      this.phase = 'torment'
      this.tormentBeganMs = this.nowMs()
      await this.tormentor.run()
      await this.drain()
      await this.rest()
      await this.lookForLeftovers()
      ledger.close(this.nowMs())
      return await this.finish()
    } finally {
      clearInterval(progress)
      await this.end()
    }
  }

  private tormentBeganMs = 0
  private readonly deeds: string[] = []

  private note(text: string): void {
    this.deeds.push(`${String(this.nowMs()).padStart(8)} ms  ${new Date().toISOString()}  ${text}`)
  }

  private nowMs(): number {
    return Math.round(performance.now() - this.beganMs)
  }

  private progress(): TortureProgress {
    return {
      phase: this.phase,
      seconds: Math.round(this.nowMs() / 1_000),
      torment: { ...this.tormentor.totals },
      ledger: this.clients.ledger.totals
    }
  }

  private onEnded(broker: string): void {
    if (this.isClosing || this.tormentor.isExpectedToEnd(broker)) return
    const tail = logTail(join(this.folder, `${broker}.log`))
    this.faults.push(`at ${this.nowMs()} ms broker ${broker} ended by itself:\n${tail}`)
  }

  /** Every durable subscription must get what any broker is sent, before it counts. */
  private async untilReached(): Promise<void> {
    const durables = this.clients.consumers.filter(({ options }) => options.isDurable)
    const wanted = [...this.ground.brokers.keys()].flatMap((broker) =>
      durables.map(({ options }) => `${options.name} ${probePrefix}${broker}`)
    )
    const endMs = this.nowMs() + reachMsMax
    const senders = [...this.ground.brokers.values()].map(({ name, ports }) => {
      const uri = parseTransportUri(`stomp://127.0.0.1:${ports.stomp}`)
      const nothing = (): void => {}
      const handlers = { onConnected: nothing, onDrain: nothing, onClosed: nothing }
      const client = new StompClient(this.ports, { uri }, handlers)
      client.connect()
      return { name, client }
    })
    while (wanted.some((probe) => !this.probes.has(probe))) {
      if (this.nowMs() > endMs) {
        const missing = wanted.filter((probe) => !this.probes.has(probe)).join(', ')
        throw new Error(`after ${reachMsMax} ms the network is not whole: no ${missing}`)
      }
      for (const { name, client } of senders) {
        if (client.isConnected) client.send(topic, `${probePrefix}${name}`)
      }
      await sleep(pollMs * 3)
    }
    for (const { client } of senders) client.destroy()
  }

  /** Lets producers hear of what they sent, and consumers get what is still to come. */
  private async drain(): Promise<void> {
    const { producers, ledger } = this.clients
    this.phase = 'drains'
    await sleep(pollMs * 5)
    for (const producer of producers) producer.halt()
    const receiptEndMs = this.nowMs() + receiptMsMax
    const open = (): boolean => producers.some(({ openCount }) => openCount > 0)
    while (open() && this.nowMs() < receiptEndMs) await sleep(pollMs)
    if (open()) this.faults.push(`receipts are missing ${receiptMsMax} ms after the end`)
    const endMs = this.nowMs() + drainMsMax
    let lastMs = this.nowMs()
    let delivered = -1
    while (ledger.totals.late > 0 && this.nowMs() < endMs) {
      if (ledger.totals.delivered !== delivered) lastMs = this.nowMs()
      if (this.nowMs() - lastMs > stillMsMax) break
      delivered = ledger.totals.delivered
      await sleep(pollMs)
    }
  }

  /** What is acknowledged is done with: not even the death of all brokers may bring it back. */
  private async rest(): Promise<void> {
    const { ledger } = this.clients
    this.phase = 'rests'
    let delivered = -1
    while (ledger.totals.delivered !== delivered) {
      delivered = ledger.totals.delivered
      await sleep(restMs)
    }
    if (ledger.totals.late > 0) return
    ledger.close(this.nowMs())
    this.note('kill all for the last time')
    await this.tormentor.killAll()
    await sleep(restMs * 2)
  }

  private async lookForLeftovers(): Promise<void> {
    for (const { name, ports } of this.ground.brokers.values()) {
      const client = new StatusClient(name, ports.stomp, this.ports, () => this.nowMs())
      const answer = await client.ask(askMsMax)
      client.close()
      if (answer === undefined) {
        this.faults.push(`broker ${name} gives no report within ${askMsMax} ms`)
        continue
      }
      const { queues = [], bridges = [] } = answer.report
      for (const { name: queue, ready, delivered } of queues) {
        if (ready + delivered === 0) continue
        this.faults.push(`${ready} and ${delivered} delivered are left in ${queue} at ${name}`)
      }
      for (const { peer, messagesPending } of bridges) {
        if (messagesPending === 0) continue
        this.faults.push(`${messagesPending} messages from ${name} to ${peer} are not settled`)
      }
    }
  }

  private async finish(): Promise<TortureResult> {
    const { options, plan, faults } = this
    const violations = this.clients.ledger.violations()
    const progress = this.progress()
    await this.end()
    const keys = new Set(violations.map(({ key }) => key))
    const brokers = [...this.ground.brokers.keys()]
    const sightings = keys.size === 0 ? [] : await findInStores(this.folder, brokers, keys)
    const isBad = violations.length + faults.length > 0
    const isKept = isBad && options.keepsFailure
    if (isKept) this.writeEvidence()
    if (!isKept) rmSync(this.folder, { recursive: true, force: true })
    return {
      ...{ seed: options.seed, topology: plan.name, ...progress, violations, faults, sightings },
      refusals: [...this.refusals].sort((a, b) => b[1] - a[1]),
      folder: isKept ? this.folder : undefined
    }
  }

  /** For whoever looks for the cause. */
  private writeEvidence(): void {
    writeFileSync(join(this.folder, 'deeds.txt'), `${this.deeds.join('\n')}\n`)
    const accounts = this.clients.ledger.all().map((account) => JSON.stringify(account))
    writeFileSync(join(this.folder, 'messages.jsonl'), `${accounts.join('\n')}\n`)
    const { producers, consumers } = this.clients
    const clients = [...producers, ...consumers].map(({ options }) => {
      const { name, broker, destination } = options
      return `${name} at ${broker}, ${destination}`
    })
    writeFileSync(join(this.folder, 'clients.txt'), `${clients.join('\n')}\n`)
  }

  private async end(): Promise<void> {
    if (this.isClosing) return
    this.isClosing = true
    for (const client of [...this.clients.producers, ...this.clients.consumers]) client.stop()
    await this.ground.close()
  }
}

function planOf(file: string): ScenarioPlan {
  const { topology, problems } = readTopology(readFileSync(file, 'utf8'), file)
  if (topology === undefined) {
    throw new Error(problems.map((problem) => formatProblem(problem)).join('\n'))
  }
  const { topology: network, overrides } = topologyFromConfig(topology.network, topology)
  const settings = usualSettings()
  const reconnect = { reconnectDelayMsInitial: 50, reconnectDelayMsMax: 1_000 }
  return {
    ...{ name: network.name, about: '', topology: network, overrides, qualities: [] },
    settings: { ...settings, reconnect: { ...settings.reconnect, ...reconnect } },
    ...{ isResplitting: false, producers: [], consumers: [], timeline: [], thenMs: 0 },
    ending: 'heal'
  }
}

function logTail(file: string): string {
  const linesMax = 15
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-linesMax).join('\n')
  } catch {
    return `${file} cannot be read`
  }
}
