// One broker of the simulation through all its lives: the shipped station on simulated ports. A
// crash forgets everything but the name (and the id, if it has a data directory); a restart is a
// new life with a larger incarnation.

import { PostroadError, parseTransportUri } from '../src/base/index.ts'
import type { BrokerLimits } from '../src/broker/index.ts'
import type {
  BridgesLimits,
  NetworkConnectorConfig,
  NetworkOptions,
  ParkingLimits
} from '../src/network/index.ts'
import { randomHex } from '../src/ports/index.ts'
import { Station, type StationOptions } from '../src/station/index.ts'
import { type EffectiveSettings, effectiveSettings } from './effective-settings.ts'
import {
  SimClock,
  type SimHost,
  SimLogger,
  type SimNetwork,
  type StoreStep
} from './fakes/index.ts'
import type { BrokerOverrides } from './plan/index.ts'
import type { SimScheduler } from './scheduler.ts'
import { type DiskContent, SimDisk } from './sim-disk.ts'
import { diallersOf, type SimLinks, termsOf } from './sim-links.ts'
import type { ReconnectDelays, SimTopology } from './topologies.ts'

/** Port that simulated brokers listen on for clients. */
export const stompPort = 61_613
/** The same for bridges. */
export const bridgePort = 61_617
/** The same over WebSockets. */
export const webSocketBridgePort = 61_618

/** Options of the network part with nothing left out: judges hold brokers to these bounds. */
export interface SimNetworkSettings extends NetworkOptions {
  readonly bridges: BridgesLimits
  readonly parking: ParkingLimits
}

/** What all brokers of a world have in common. */
export interface SimBrokerSettings {
  readonly limits: BrokerLimits
  readonly network: SimNetworkSettings
  /** Longest turn of the event loop; longer turns batch more. */
  readonly turnUsMax: number
  /** False gives a broker a new id with each life, as one without a data directory has. */
  readonly keepsId: boolean
  readonly reconnect: ReconnectDelays
}

/** What a broker stands on. */
export interface SimBrokerGround {
  readonly scheduler: SimScheduler
  readonly network: SimNetwork
  readonly topology: SimTopology
  readonly links: SimLinks
  /** What all brokers have in common. */
  readonly settings: SimBrokerSettings
  /** Told whenever a broker has come up or gone down. */
  readonly onUpOrDown: () => void
  /** Told of each step of its commits. */
  readonly onStoreStep?: (broker: string, step: StoreStep) => void
}

/** A second broker of a name, on a machine of its own. */
export interface SimClone {
  readonly hostName: string
  /** What is on the disk of that machine. */
  readonly content: DiskContent
}

/** See the top of this file. */
export class SimBroker {
  readonly name: string
  readonly logger: SimLogger
  /** What this broker is set to, its overrides included. */
  readonly settings: EffectiveSettings
  readonly disk: SimDisk
  private readonly hostName: string
  private readonly ground: SimBrokerGround
  private clock: SimClock | undefined = undefined
  private current: Station | undefined = undefined
  private lives = 0
  private slowFactor = 1
  private wallOffsetMs = 0
  private hasStarted = false
  private isStoppingNow = false

  /** @param clone that it is one, and of what */
  constructor(
    name: string,
    ground: SimBrokerGround,
    overrides?: BrokerOverrides,
    clone?: SimClone
  ) {
    const { scheduler, onStoreStep } = ground
    this.name = name
    this.hostName = clone?.hostName ?? name
    this.ground = ground
    this.settings = effectiveSettings(ground.settings, overrides)
    const { hasDisk, keepsId, storeBytesMax: bytesMax } = this.settings
    this.disk = new SimDisk(scheduler, {
      ...{ name, isDurable: hasDisk, isKept: this.keepsDisk, keepsId, bytesMax },
      ...(onStoreStep === undefined ? {} : { onStep: (step) => onStoreStep(name, step) }),
      ...(clone === undefined ? {} : { content: clone.content })
    })
    this.logger = new SimLogger({ nowMs: () => scheduler.nowMs, linesMax: 2_000 })
  }

  /** The running station; undefined while the broker is down. */
  get station(): Station | undefined {
    return this.current
  }

  /** The running station; to be asked only of a broker that is up. */
  get running(): Station {
    if (this.current === undefined) throw new Error(`${this.name} is down`)
    return this.current
  }

  get isUp(): boolean {
    return this.current !== undefined
  }

  /** True once its listeners are open. */
  get isReady(): boolean {
    return this.current !== undefined && this.hasStarted
  }

  /** Lives so far. */
  get lifeCount(): number {
    return this.lives
  }

  /** True while its process is frozen. */
  get isPaused(): boolean {
    return this.current !== undefined && this.host.loop.isPaused
  }

  /** Up, and its process runs. */
  get isAtWork(): boolean {
    return this.current !== undefined && !this.host.loop.isPaused
  }

  /** How many times as long its turns take; 1 for as ever. */
  get slowness(): number {
    return this.slowFactor
  }

  /** What its wall clock says, in milliseconds; to be asked only of a broker that is up. */
  get wallMs(): number {
    return this.clock!.wallMs()
  }

  /** True while every commit of its store fails, or is slow. */
  get hasBadDisk(): boolean {
    return this.disk.isBad
  }

  /** Bytes of messages on its disk, as long as it is up. */
  get storeBytes(): number {
    return this.current === undefined ? 0 : this.disk.bytes
  }

  /** True if what is on its disk is there in its next life. */
  get keepsDisk(): boolean {
    return this.settings.keepsId && this.settings.hasDisk
  }

  /** True while it says goodbye. */
  get isStopping(): boolean {
    return this.isStoppingNow
  }

  /** Starts a life; `onMade` may watch or alter the station before it does anything. */
  start(onMade: (station: Station) => void): void {
    if (this.current !== undefined) return
    const { scheduler } = this.ground
    const { name, host, settings, wallOffsetMs } = this
    this.lives += 1
    this.hasStarted = false
    host.restart()
    const { loop } = host
    if (this.slowFactor !== 1) loop.slowDown(this.slowFactor)
    const random = scheduler.random.fork(`broker/${this.hostName}/${this.lives}`)
    const { turnUsMax } = settings
    const clock = new SimClock(scheduler, { name, turnUsMax, wallOffsetMs, loop })
    this.clock = clock
    const store = this.disk.openStore(loop)
    const ports = { clock, random, logger: this.logger, transport: host.transport, store }
    const station = new Station(ports, this.options())
    this.current = station
    this.ground.onUpOrDown()
    onMade(station)
    station.start((result) => {
      // The ports of a simulated machine are all free: this is a fault of the simulation.
      if (result instanceof PostroadError) throw result
      this.hasStarted = true
    })
  }

  /** Asks it to stop; `done` follows when it has said goodbye, unless it is killed before. */
  stop(done: () => void): void {
    const station = this.current
    if (station === undefined || this.isStoppingNow) return
    this.isStoppingNow = true
    // A frozen process hears of it when it goes on.
    this.host.loop.enter('input', () =>
      station.stop(() => {
        if (this.current === station) done()
      })
    )
  }

  /** Freezes the process: the kernel goes on, nothing of the broker does. */
  pause(): void {
    if (this.current !== undefined) this.host.loop.pause()
  }

  /** Lets a frozen process go on. */
  resume(): void {
    this.host.loop.resume()
  }

  /** Runs a task when the turn is over, after all that it sends. */
  atTurnEnd(task: () => void): void {
    this.clock?.endOfTurn(task)
  }

  /** Makes turns of this life and all that follow take `factor` times as long. */
  slowDown(factor: number): void {
    this.slowFactor = factor
    if (this.current !== undefined) this.host.loop.slowDown(factor)
  }

  /** Steps the wall clock of its machine. */
  stepWall(byMs: number): void {
    this.wallOffsetMs += byMs
    if (this.current !== undefined) this.clock?.stepWall(byMs)
  }

  /** Kills the process: its memory is gone, the others' connections to it are reset. */
  crash(): void {
    if (this.current === undefined) return
    this.forget()
    this.host.crash()
  }

  /** Switches the machine off: silence, nobody is told. */
  losePower(): void {
    if (this.current === undefined) return
    this.forget()
    this.host.losePower()
  }

  private forget(): void {
    this.clock?.stop()
    this.disk.crash()
    this.current = undefined
    this.ground.onUpOrDown()
    this.isStoppingNow = false
  }

  private options(): StationOptions {
    const { scheduler, topology } = this.ground
    const { name, lives, settings } = this
    // The id lies on the disk, if it is kept at all.
    const { timesLost } = this.disk
    const disk = timesLost === 0 ? '' : `/disk-${timesLost}`
    const idPath = settings.keepsId ? `id/${name}${disk}` : `id/${name}/${lives}`
    const id = randomHex(scheduler.random.fork(idPath), 32)
    return {
      identity: {
        network: 'sim',
        broker: name,
        brokerId: id,
        ...this.disk.nextLife(this.clock!.wallMs()),
        isTransit: !topology.nonTransit.includes(name)
      },
      listeners: [
        { uri: parseTransportUri(`stomp://${name}:${stompPort}`) },
        { uri: parseTransportUri(`postroad://${name}:${bridgePort}`) },
        { uri: parseTransportUri(`postroad+ws://${name}:${webSocketBridgePort}/bridge`) }
      ],
      connectors: this.connectors(),
      users: undefined,
      brokerLimits: settings.limits,
      rules: {
        policies: settings.policies,
        whenFull: settings.whenFull,
        whenStoreFull: settings.whenStoreFull
      },
      stompLimits: settings.stompLimits,
      network: settings.network,
      serverName: 'postroad/sim'
    }
  }

  private get host(): SimHost {
    return this.ground.network.host(this.hostName)
  }

  private connectors(): NetworkConnectorConfig[] {
    const { name } = this
    const connectors: NetworkConnectorConfig[] = []
    for (const link of this.ground.links.of(name)) {
      if (!diallersOf(link).includes(name)) continue
      const peer = link.a === name ? link.b : link.a
      const overTcp = `postroad://${peer}:${bridgePort}`
      const overWebSocket = `postroad+ws://${peer}:${webSocketBridgePort}/bridge`
      const { cost, duplex = true, include = [], exclude = [], reconnect } = termsOf(link, name)
      connectors.push({
        name: `to-${peer}`,
        uris: [parseTransportUri(link.carrier === 'ws' ? overWebSocket : overTcp)],
        ...{ cost, duplex, include, exclude },
        ...(reconnect ?? this.settings.reconnect)
      })
    }
    return connectors
  }
}
