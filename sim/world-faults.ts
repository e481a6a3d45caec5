// The faults that happen to the brokers and links of a world, and their ends. One that makes no
// sense at the moment does nothing; any other ends the stable phase before it is felt.

import { Clones } from './clones.ts'
import { CrashTraps } from './crash-traps.ts'
import { keptByCopy } from './disk-copies.ts'
import type { CrashStep, LinkQuality } from './plan/index.ts'
import type { SimBrokerGround } from './sim-broker.ts'
import type { SimLink } from './topologies.ts'
import { watchStation } from './watch-station.ts'
import type { KeptByCopy, MemoryLoss } from './workload/ledger.ts'
import type { SimWorld } from './world.ts'
import type { SimWorldOptions } from './world-options.ts'

/** Why the commits of a disk fail. */
const diskFaults = { full: 'the disk is full', error: 'input/output error (EIO)' } as const

/** See the top of this file. */
export class WorldFaults {
  /** Second processes of brokers. */
  readonly clones: Clones
  private readonly world: SimWorld
  private readonly sabotage: SimWorldOptions['sabotage']
  private readonly removed = new Set<string>()
  private readonly traps = new CrashTraps()
  /** What the copies have that were put aside, by broker. */
  private readonly copies = new Map<string, KeptByCopy>()

  constructor(world: SimWorld, ground: SimBrokerGround, sabotage: SimWorldOptions['sabotage']) {
    this.world = world
    this.clones = new Clones(world, ground)
    this.sabotage = sabotage
  }

  /** Starts every broker that is down, but for those that are late or gone for good. */
  startAll(): void {
    for (const name of this.world.topology.brokers)
      if (!this.world.isAwaited(name)) this.start(name)
  }

  /** Starts a broker that is down; one that was taken out for good stays out. */
  start(name: string): void {
    this.traps.clear(name)
    if (this.world.broker(name).isUp || this.removed.has(name)) return
    this.world.disturb()
    this.world.broker(name).start((station) => {
      watchStation(this.world, name, station)
      this.sabotage?.(station, name, this.world)
    })
    this.world.changed()
  }

  /** Kills a broker's process. */
  crash(name: string): void {
    if (!this.world.broker(name).isUp) return
    this.loseMemory(name)
    this.world.broker(name).crash()
    this.world.changed()
  }

  /** Kills a broker's process when it has come to a step so many times. */
  crashAt(name: string, step: CrashStep, times: number): void {
    if (this.world.broker(name).isUp) this.traps.set(name, step, times)
  }

  /** A broker has come to a step. */
  onStep(name: string, step: CrashStep): void {
    if (!this.traps.springs(name, step)) return
    this.world.scheduler.trace('crash-step', name, step)
    // Nobody may be told of a commit before; everything else is in the middle of a turn, and what
    // that has not sent off when its instant is over never leaves.
    if (step === 'store-committed') this.crash(name)
    else this.world.scheduler.after(0, () => this.crash(name))
  }

  /** Stops a broker in an orderly way; it is down once it has said goodbye to everybody. */
  stop(name: string): void {
    const broker = this.world.broker(name)
    if (!broker.isUp || broker.isStopping) return
    this.world.disturb()
    broker.stop(() => this.crash(name))
  }

  /** Takes a broker out for good, in an orderly way: nobody starts it or expects it any more. */
  remove(name: string): void {
    const { isUp } = this.world.broker(name)
    this.removed.add(name)
    this.world.lostForGood()
    // Of one that is down already the disk goes, too.
    if (!isUp) this.loseMemory(name)
    this.resume(name)
    this.stop(name)
  }

  /** True if a broker was taken out for good. */
  isRemoved(name: string): boolean {
    return this.removed.has(name)
  }

  /** Switches a broker's machine off: silence, until it starts again. */
  losePower(name: string): void {
    if (!this.world.broker(name).isUp) return
    this.loseMemory(name)
    this.world.broker(name).losePower()
    this.world.changed()
    // Their heart-beats would tell clients; here they are told at once.
    this.world.clients.onSilence(name)
  }

  /** Freezes a broker's process until it is resumed or killed. */
  pause(name: string): void {
    if (!this.world.broker(name).isAtWork) return
    this.world.disturb()
    this.world.scheduler.trace('pause', name, 0)
    this.world.broker(name).pause()
    this.world.changed()
  }

  /** Lets a frozen broker go on. */
  resume(name: string): void {
    if (!this.world.broker(name).isPaused) return
    this.world.disturb()
    this.world.scheduler.trace('resume', name, 0)
    this.world.broker(name).resume()
    this.world.changed()
  }

  /** Makes each turn of a broker's event loop take `factor` times as long; 1 ends it. */
  slowDown(name: string, factor: number): void {
    if (this.world.broker(name).slowness === factor) return
    this.world.disturb()
    this.world.scheduler.trace('slow', name, factor)
    this.world.broker(name).slowDown(factor)
  }

  /** Steps a broker's wall clock. */
  stepClock(name: string, byMs: number): void {
    this.world.disturb()
    this.world.broker(name).stepWall(byMs)
  }

  /** Makes every commit of a broker's store fail from now on, or no longer. */
  setDiskFault(name: string, fault: keyof typeof diskFaults | undefined): void {
    const { disk } = this.world.broker(name)
    const reason = fault === undefined ? undefined : diskFaults[fault]
    if (disk.fault === reason) return
    this.world.disturb()
    disk.setFault(reason)
  }

  /** Makes every commit of a broker's store take so long; 0 ends it. */
  setDiskMs(name: string, ms: number): void {
    this.world.disturb()
    this.world.broker(name).disk.setCommitMs(ms === 0 ? undefined : ms)
  }

  /** Kills a broker and empties its disk. */
  loseDisk(name: string): void {
    this.world.disturb()
    this.world.scheduler.trace('disk-loss', name, 0)
    this.loseMemory(name, { kind: 'all' })
    this.crash(name)
    this.world.broker(name).disk.lose()
  }

  /** Puts a copy of a broker's data aside; one that keeps none has nothing to copy. */
  copyDisk(name: string): void {
    const { disk, keepsDisk } = this.world.broker(name)
    if (!keepsDisk) return
    this.world.scheduler.trace('disk-copy', name, 0)
    disk.putAside()
    this.copies.set(name, keptByCopy(disk.copy!, name, this.world.ledger))
  }

  /** Kills a broker and puts the copy of its data in their place, if there is one. */
  restoreDisk(name: string): void {
    const kept = this.copies.get(name)
    if (kept === undefined) return
    this.world.disturb()
    this.world.scheduler.trace('disk-restore', name, 0)
    this.loseMemory(name, { kind: 'newer', kept })
    this.crash(name)
    this.world.broker(name).disk.restore()
  }

  /** Cuts the link between two brokers: silence both ways, nobody is told. */
  cut(a: string, b: string): void {
    this.cutWays(this.world.links.get(a, b), [a, b], () => this.world.network.cut(a, b))
  }

  /** Cuts the way from `a` to `b` only: `b` hears nothing of `a`, which hears all of `b`. */
  cutOneWay(a: string, b: string): void {
    this.cutWays(this.world.links.get(a, b), [a], () => this.world.network.cut(a, b, 'one-way'))
  }

  /** Heals a link; one that is whole stays as it is. */
  heal(a: string, b: string): void {
    const link = this.world.links.get(a, b)
    if (!this.world.links.isCut(link)) return
    this.world.disturb()
    this.world.links.removeCuts(link)
    this.world.network.heal(a, b)
    this.world.changed()
  }

  healAll(): void {
    for (const { a, b } of this.world.links.cut()) this.heal(a, b)
  }

  /** Cuts every link between brokers of different groups, those in none being a group, too. */
  partition(groups: readonly (readonly string[])[]): void {
    const groupOf = new Map(groups.flatMap((group, at) => group.map((name) => [name, at] as const)))
    for (const { a, b } of this.world.topology.links) {
      if (groupOf.get(a) === groupOf.get(b)) this.heal(a, b)
      else this.cut(a, b)
    }
  }

  /** Resets the connections between two brokers; both may dial again at once. */
  reset(a: string, b: string): void {
    this.world.links.get(a, b)
    this.world.disturb()
    this.world.network.reset(a, b)
  }

  /** Breaks the connections between two brokers at `a` only. */
  halfOpen(a: string, b: string): void {
    this.world.links.get(a, b)
    this.world.disturb()
    this.world.network.halfOpen(a, b)
  }

  /** Puts bytes that are no frame on the bridge from one broker to another, if there is one. */
  poison(from: string, to: string): void {
    this.world.links.get(from, to)
    if (this.world.poisoned.add(from, to)) this.world.disturb()
  }

  /** Changes how good a link is, both ways; what is left out stays. */
  setQuality(a: string, b: string, quality: Partial<LinkQuality>): void {
    const link = this.world.links.get(a, b)
    this.world.disturb()
    this.world.qualities.set(link, quality)
  }

  /** Ends everything that was done to links and brokers, but for brokers that are down. */
  healEverything(): void {
    for (const { name } of this.world.brokers.values()) {
      this.resume(name)
      this.slowDown(name, 1)
      this.setDiskFault(name, undefined)
      if (this.world.broker(name).hasBadDisk) this.setDiskMs(name, 0)
    }
    this.traps.clearAll()
    this.clones.endAll()
    if (this.world.qualities.restore()) this.world.disturb()
    this.healAll()
  }

  /** A link is bad enough to be reset now and then, and this is such a moment. */
  onRandomReset(link: SimLink): void {
    const { a, b } = link
    const { world } = this
    if (!world.isCut(link) && world.broker(a).isUp && world.broker(b).isUp) this.reset(a, b)
  }

  private cutWays(link: SimLink, from: readonly string[], cut: () => void): void {
    const cutBefore = from.filter((end) => !this.world.links.addCut(link, end)).length
    if (cutBefore === from.length) return
    this.world.disturb()
    cut()
    this.world.changed()
  }

  private loseMemory(name: string, loss: MemoryLoss = { kind: 'memory' }): void {
    this.world.disturb()
    // A broker taken out for good takes its disk with it.
    const isAllLost = this.removed.has(name) || !this.world.broker(name).keepsDisk
    this.world.ledger.loseMemory(name, isAllLost ? { kind: 'all' } : loss)
    for (const watcher of this.world.watchers) watcher.onCrash?.(name)
  }
}
