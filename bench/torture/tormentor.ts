// Does harm to a network at instants drawn from a seed: kills brokers, all at once now and then,
// freezes them, restarts them in order, cuts and breaks their bridges, and drops clients.
// Invariant: when it has finished, everything is up, awake and joined.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Prng } from '../../sim/prng.ts'
import type { BrokerProcess } from '../../sim/real/broker-process.ts'
import type { FaultLink } from '../../sim/real/fault-link.ts'
import type { TortureConsumer } from './torture-consumer.ts'
import type { TortureProducer } from './torture-producer.ts'

/** Whom it may harm, and how much. */
export interface TormentorOptions {
  readonly random: Prng
  readonly brokers: readonly BrokerProcess[]
  readonly links: readonly FaultLink[]
  readonly consumers: readonly TortureConsumer[]
  readonly producers: readonly TortureProducer[]
  /** Mean time between two deeds. */
  readonly meanMs: number
  /** It has done enough. */
  isOver(): boolean
  /** Told what it does. */
  onDeed(text: string): void
  /** A broker did not start. */
  onBadStart(error: Error): void
}

/** What was done, counted. */
export interface TormentTotals {
  kills: number
  restarts: number
  pauses: number
  cuts: number
  breaks: number
  drops: number
}

/** How often each deed is done, in relation to the others. */
const weights = new Map([
  ['kill', 50],
  ['kill-all', 3],
  ['pause', 12],
  ['restart', 5],
  ['cut', 10],
  ['break', 8],
  ['drop', 8],
  ['rest', 4]
] as const)

type Deed = typeof weights extends ReadonlyMap<infer K, number> ? K : never

/** How long brokers are down: some shorter than anybody notices, some past all patience. */
const downsMs = [0, 0, 50, 200, 200, 700, 700, 1_500, 3_500, 6_000]
const pausesMs = [200, 500, 1_000, 3_000]
const cutsMs = [50, 300, 1_000, 4_000]

/** See the top of this file. */
export class Tormentor {
  readonly totals: TormentTotals = {
    ...{ kills: 0, restarts: 0, pauses: 0, cuts: 0, breaks: 0, drops: 0 }
  }
  private readonly options: TormentorOptions
  private readonly expected = new Set<string>()
  private readonly timers = new Set<NodeJS.Timeout>()
  private readonly running = new Set<Promise<void>>()

  constructor(options: TormentorOptions) {
    this.options = options
  }

  /** True if the process of this broker was told to end. */
  isExpectedToEnd(broker: string): boolean {
    return this.expected.has(broker)
  }

  /** Harms until there is enough of it, and mends everything. */
  async run(): Promise<void> {
    const { random, meanMs, isOver } = this.options
    while (!isOver()) {
      await sleep(random.exponentialMs(meanMs))
      this.act(random.fork(`deed-${random.u32()}`))
    }
    await this.mend()
  }

  /** Kills every broker at once and starts them again. */
  async killAll(): Promise<void> {
    const { brokers } = this.options
    await Promise.all(brokers.map((broker) => this.kill(broker, 0)))
  }

  private act(random: Prng): void {
    const { brokers, links, consumers, producers } = this.options
    const broker = random.pick(brokers)
    const link = random.pick(links)
    switch (drawDeed(random)) {
      case 'kill':
        this.keep(this.kill(broker, random.pick(downsMs)))
        return
      case 'kill-all':
        for (const one of brokers) this.keep(this.kill(one, random.pick(downsMs)))
        return
      case 'pause':
        this.pause(broker, random.pick(pausesMs))
        return
      case 'restart':
        this.keep(this.restart(broker, random.pick(downsMs)))
        return
      case 'cut':
        this.cut(link, random.pick(cutsMs), random.chance(0.3))
        return
      case 'break':
        this.totals.breaks += 1
        if (random.chance(0.5)) link.reset()
        else link.breakAt(random.pick([link.link.a, link.link.b]))
        return
      case 'drop':
        this.totals.drops += 1
        if (random.chance(0.7)) random.pick(consumers).drop()
        else random.pick(producers).drop()
        return
      case 'rest':
        random.pick(consumers).rest(random.integer(100, 3_000))
    }
  }

  private async kill(broker: BrokerProcess, downMs: number): Promise<void> {
    if (!broker.isUp || this.expected.has(broker.name)) return
    this.totals.kills += 1
    this.options.onDeed(`kill ${broker.name}, down for ${downMs} ms`)
    await this.endAndStart(broker, downMs, () => broker.kill())
  }

  private async restart(broker: BrokerProcess, downMs: number): Promise<void> {
    if (!broker.isReady || this.expected.has(broker.name)) return
    this.totals.restarts += 1
    this.options.onDeed(`restart ${broker.name}, down for ${downMs} ms`)
    await this.endAndStart(broker, downMs, () => broker.stop())
  }

  private async endAndStart(
    broker: BrokerProcess,
    downMs: number,
    end: () => Promise<void>
  ): Promise<void> {
    this.expected.add(broker.name)
    await end()
    await sleep(downMs)
    this.expected.delete(broker.name)
    // Not awaited: one that starts may be killed as well.
    broker.start().catch((error: Error) => {
      if (!this.expected.has(broker.name)) this.options.onBadStart(error)
    })
  }

  private pause(broker: BrokerProcess, durationMs: number): void {
    if (!broker.isUp || broker.isPaused) return
    this.totals.pauses += 1
    this.options.onDeed(`pause ${broker.name} for ${durationMs} ms`)
    broker.pause()
    this.after(durationMs, () => {
      if (broker.isPaused) broker.resume()
    })
  }

  private cut(link: FaultLink, durationMs: number, isOneWay: boolean): void {
    if (link.isCut) return
    this.totals.cuts += 1
    const { a, b } = link.link
    this.options.onDeed(`cut ${a}-${b}${isOneWay ? ' one way' : ''} for ${durationMs} ms`)
    if (isOneWay) link.cutFrom(a)
    else link.cut()
    this.after(durationMs, () => {
      link.heal()
      // Neither side knows what the other lacks of what was on its way.
      link.reset()
    })
  }

  private async mend(): Promise<void> {
    const { brokers, links } = this.options
    for (const timer of this.timers) clearTimeout(timer)
    for (const broker of brokers) if (broker.isPaused) broker.resume()
    for (const link of links) if (link.isCut) link.heal()
    await Promise.all(this.running)
    for (const broker of brokers) await this.untilReady(broker)
  }

  private async untilReady(broker: BrokerProcess): Promise<void> {
    const triesMax = 300
    for (let tries = 0; tries < triesMax && !broker.isReady; tries += 1) await sleep(100)
  }

  private keep(deed: Promise<void>): void {
    const kept: Promise<void> = deed.finally(() => this.running.delete(kept))
    this.running.add(kept)
  }

  private after(durationMs: number, task: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      task()
    }, durationMs)
    this.timers.add(timer)
  }
}

function drawDeed(random: Prng): Deed {
  const sum = [...weights.values()].reduce((total, weight) => total + weight, 0)
  let left = random.float() * sum
  for (const [deed, weight] of weights) {
    left -= weight
    if (left < 0) return deed
  }
  return 'kill'
}
