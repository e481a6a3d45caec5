// The course of a plan on real brokers: starts them and the clients, lets each step of the timeline
// happen in its time, ends as the plan says, and hears the judges out. Every wait has a bound and
// ends at once when the run is called off.

import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ScenarioPlan, SimEvent } from '../plan/index.ts'
import type { Pending } from '../watcher.ts'
import type { FaultLink } from './fault-link.ts'
import { findHeld, findMissing, findUnsettled } from './real-pending.ts'
import type { RealWorld } from './real-world.ts'
import { RunCalledOff } from './run-called-off.ts'

type Handler<K extends SimEvent['kind']> = (
  player: RealPlayer,
  event: Extract<SimEvent, { kind: K }>
) => void | Promise<void>

/** Longest time for brokers to agree after a fault. */
const settleMsMax = 60_000
const drainMsMaxDefault = 120_000
/** Brokers are asked so often. */
const pollMs = 500
/** While somebody waits for an answer, so often. */
const waitPollMs = 100
/** Those who watch look so often. */
const inspectMs = 100
/** How long everything is watched doing nothing. */
const restMs = 1_000
/** Reports without anything that waits, one after the other, until nothing more is expected. */
const emptyReportsMin = 3

/** What each kind of event does; what is missing is refused before the start. */
const handlers: { readonly [K in SimEvent['kind']]?: Handler<K> } = {
  kill: ({ world }, { broker }) => world.brokers.get(broker)?.kill(),
  stop: ({ world }, { broker }) => {
    world.disturb()
    // Saying goodbye takes its time; the timeline goes on.
    void world.brokers.get(broker)?.stop()
  },
  'power-off': async (player, { broker }) => {
    player.setPower(broker, false)
    player.world.silence(broker)
    await player.world.brokers.get(broker)?.kill()
  },
  start: (player, { broker }) => player.start(broker),
  'start-all': (player) => player.startAll(),
  pause: ({ world }, { broker }) => world.brokers.get(broker)?.pause(),
  resume: ({ world }, { broker }) => world.brokers.get(broker)?.resume(),
  slow: ({ world }, { broker, factor }) => world.brokers.get(broker)?.slow(factor),
  remove: (player, { broker }) => player.remove(broker),
  cut: (player, { a, b }) => player.link(a, b).cut(),
  'cut-one-way': (player, { from, to }) => player.link(from, to).cutFrom(from),
  heal: (player, { a, b }) => player.link(a, b).heal(),
  'heal-all': (player) => player.healAll(),
  partition: (player, { groups }) => player.partition(groups),
  reset: (player, { a, b }) => player.link(a, b).reset(),
  'half-open': (player, { a, b }) => player.link(a, b).breakAt(a),
  quality: (player, { a, b, quality }) => player.link(a, b).setQuality(quality),
  poison: (player, { from, to }) => {
    player.link(from, to).poisonFrom(from)
  },
  move: ({ world }, { client, to, leaving }) => world.move(client, to, leaving),
  arrive: ({ world }, { client }) => world.arrive(client),
  leave: ({ world }, { client, leaving }) => world.leave(client, leaving),
  'drop-client': ({ world }, { client }) => world.dropClient(client),
  settle: (player) => player.settle()
}

/** See the top of this file. */
export class RealPlayer {
  readonly world: RealWorld
  private readonly plan: ScenarioPlan
  private readonly signal: AbortSignal
  private readonly calledOff: Promise<unknown>
  private readonly removed = new Set<string>()
  private readonly starts = new Set<Promise<void>>()
  private startFailure: Error | undefined = undefined

  constructor(world: RealWorld, signal: AbortSignal) {
    this.world = world
    this.plan = world.plan
    this.signal = signal
    this.calledOff = signal.aborted ? Promise.resolve() : once(signal, 'abort')
  }

  /**
   * The whole course.
   * @throws Error if a broker cannot be started
   * @throws RunCalledOff
   */
  async play(): Promise<void> {
    const polling = setInterval(() => void this.poll(), pollMs)
    const inspecting = setInterval(() => this.world.inspect(), inspectMs)
    try {
      await this.begin()
      let dueMs = this.world.atWorkMs
      for (const { afterMs, event } of this.plan.timeline) {
        dueMs += afterMs
        await this.sleepUntil(dueMs)
        await this.orCalledOff(this.handle(event))
        // What takes long, as settling does, moves what follows.
        dueMs = Math.max(dueMs, event.kind === 'settle' ? this.world.nowMs : 0)
      }
      await this.sleepUntil(dueMs + this.plan.thenMs)
      await this.finish()
    } finally {
      clearInterval(polling)
      clearInterval(inspecting)
    }
  }

  /** Waits until everything that was done has been got over, and complains if it takes too long. */
  async settle(): Promise<void> {
    await this.waitUntilNothing(() => findUnsettled(this.world), settleMsMax)
    this.world.becomeStable()
  }

  /** Starts a broker that is down; the timeline goes on meanwhile. */
  start(name: string): void {
    const broker = this.world.brokers.get(name)
    if (broker === undefined || broker.isUp) return
    this.setPower(name, true)
    this.world.disturb()
    const start: Promise<void> = broker
      .start()
      .catch((error: Error) => {
        this.startFailure ??= error
      })
      .finally(() => {
        this.starts.delete(start)
        // Only now it can be reached.
        this.world.disturb()
      })
    this.starts.add(start)
  }

  startAll(): void {
    for (const name of this.plan.topology.brokers) if (!this.removed.has(name)) this.start(name)
  }

  remove(name: string): void {
    this.removed.add(name)
    void this.world.brokers.get(name)?.stop()
  }

  setPower(broker: string, isOn: boolean): void {
    for (const link of this.world.links) {
      if (link.link.a === broker || link.link.b === broker) link.setPower(broker, isOn)
    }
  }

  healAll(): void {
    for (const link of this.world.links) if (link.isCut) link.heal()
  }

  partition(groups: readonly (readonly string[])[]): void {
    const groupOf = (name: string): number => groups.findIndex((group) => group.includes(name))
    for (const link of this.world.links) {
      if (groupOf(link.link.a) === groupOf(link.link.b)) link.heal()
      else link.cut()
    }
  }

  link(a: string, b: string): FaultLink {
    const found = this.world.links.find((link) => link.joins(a, b))
    if (found === undefined) throw new Error(`${this.plan.topology.name} has no link ${a}-${b}`)
    return found
  }

  private async begin(): Promise<void> {
    const { world, plan } = this
    for (const name of plan.topology.brokers) {
      if (plan.overrides?.[name]?.isLate !== true) this.start(name)
    }
    await this.orCalledOff(Promise.all(this.starts))
    for (const consumer of plan.consumers) if (consumer.isLate !== true) world.addConsumer(consumer)
    await this.settle()
    for (const producer of plan.producers) if (producer.isLate !== true) world.addProducer(producer)
    for (const [at, { resetsPerMinute }] of plan.qualities.entries()) {
      if (resetsPerMinute !== undefined) world.links[at]?.setQuality({ resetsPerMinute })
    }
  }

  private async finish(): Promise<void> {
    const { world, plan } = this
    for (const producer of world.producers.values()) producer.stop()
    if (plan.ending === 'heal') {
      for (const broker of world.brokers.values()) {
        broker.slow(1)
        if (broker.isPaused) broker.resume()
      }
      world.disturb()
      this.healAll()
      await this.waitUntilNothing(() => this.findStopping(), settleMsMax)
      this.startAll()
      await this.settle()
    }
    await this.drain()
    await this.sleepUntil(world.nowMs + restMs)
    await this.orCalledOff(world.askAll())
    world.excuseAtEnd()
    const held = plan.ending === 'heal' ? findHeld(world) : undefined
    if (held !== undefined) world.complain(held.checker, `in the end, ${held.text}`)
    // As it is left, a topic's copy for somebody out of reach has not come, and rightly so.
    if (plan.ending === 'heal') world.rest()
  }

  /** Waits until nothing is on its way any more, or all that should come has come. */
  private async drain(): Promise<void> {
    const { world } = this
    const endMs = world.nowMs + (this.plan.drainMsMax ?? drainMsMaxDefault)
    let emptyReports = 0
    while (world.nowMs < endMs && emptyReports < emptyReportsMin) {
      await this.look()
      world.confirmAll()
      if (findHeld(world) !== undefined) emptyReports = 0
      else if (findMissing(world) === undefined) return
      else emptyReports += 1
    }
  }

  private async handle<K extends SimEvent['kind']>(
    event: Extract<SimEvent, { kind: K }>
  ): Promise<void> {
    const handler = handlers[event.kind as K] as Handler<K> | undefined
    if (handler === undefined) throw new Error(`real brokers know no event ${event.kind}`)
    this.world.happen(event)
    if (event.kind !== 'settle') this.world.disturb()
    await handler(this, event)
  }

  private async poll(): Promise<void> {
    await this.world.askAll()
    if (this.plan.isAutoSettling !== true || this.world.isStable || this.starts.size > 0) return
    if (this.world.atWorkMs > 0 && findUnsettled(this.world) === undefined) {
      this.world.becomeStable()
    }
  }

  private async waitUntilNothing(find: () => Pending | undefined, msMax: number): Promise<void> {
    const endMs = this.world.nowMs + msMax
    for (let pending = this.findStarting() ?? find(); pending !== undefined; ) {
      if (this.world.nowMs >= endMs) {
        const isBefore = this.world.atWorkMs === 0
        const what = isBefore ? 'the network is not at work' : 'without faults'
        this.world.complain(pending.checker, `after ${msMax} ms ${what}: ${pending.text}`)
        return
      }
      await this.look()
      pending = this.findStarting() ?? find()
    }
  }

  private findStarting(): Pending | undefined {
    return this.starts.size === 0 ? undefined : { checker: 'liveness', text: 'brokers start' }
  }

  private findStopping(): Pending | undefined {
    const stopping = [...this.world.brokers.values()].find(({ isStopping }) => isStopping)
    if (stopping === undefined) return undefined
    return { checker: 'liveness', text: `${stopping.name} has not finished stopping` }
  }

  private async look(): Promise<void> {
    await this.sleepUntil(this.world.nowMs + waitPollMs)
    await this.orCalledOff(this.world.askAll())
  }

  /** Waits for what has no end of its own to hurry. */
  private async orCalledOff(waiting: Promise<unknown>): Promise<void> {
    await Promise.race([waiting, this.calledOff])
    if (this.signal.aborted) throw new RunCalledOff()
  }

  private async sleepUntil(timeMs: number): Promise<void> {
    const { signal } = this
    const leftMs = timeMs - this.world.nowMs
    // A sleep that is called off fails; what matters is why.
    if (leftMs > 0) await sleep(leftMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) throw new RunCalledOff()
    if (this.startFailure !== undefined) throw this.startFailure
  }
}
