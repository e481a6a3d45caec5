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
import { defaultStompLimits } from '../src/protocols/stomp/index.ts'
import { Station, type StationOptions } from '../src/station/index.ts'
import { SimClock, SimLogger, type SimNetwork, SimStore } from './fakes/index.ts'
import type { SimScheduler } from './scheduler.ts'
import type { SimTopology } from './topologies.ts'

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
  readonly reconnect: Pick<
    NetworkConnectorConfig,
    'reconnectDelayMsInitial' | 'reconnectDelayMsMax' | 'reconnectBackOffMultiplier'
  >
}

/** What a broker stands on. */
export interface SimBrokerGround {
  readonly scheduler: SimScheduler
  readonly network: SimNetwork
  readonly topology: SimTopology
  readonly settings: SimBrokerSettings
  /** Told whenever a broker has come up or gone down. */
  readonly onUpOrDown: () => void
}

/** See the top of this file. */
export class SimBroker {
  readonly name: string
  readonly logger: SimLogger
  private readonly ground: SimBrokerGround
  private readonly firstId: string
  private clock: SimClock | undefined = undefined
  private store: SimStore | undefined = undefined
  private current: Station | undefined = undefined
  private lives = 0
  private hasStarted = false
  private isStoppingNow = false

  constructor(name: string, ground: SimBrokerGround) {
    const { scheduler } = ground
    this.name = name
    this.ground = ground
    this.logger = new SimLogger({ nowMs: () => scheduler.nowMs, linesMax: 2_000 })
    this.firstId = randomHex(scheduler.random.fork(`id/${name}`), 32)
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

  /** True while it says goodbye. */
  get isStopping(): boolean {
    return this.isStoppingNow
  }

  /** Starts a life; `onMade` may watch or alter the station before it does anything. */
  start(onMade: (station: Station) => void): void {
    if (this.current !== undefined) return
    const { scheduler, network, settings } = this.ground
    const { name } = this
    this.lives += 1
    this.hasStarted = false
    const host = network.host(name)
    host.restart()
    const random = scheduler.random.fork(`broker/${name}/${this.lives}`)
    const clock = new SimClock(scheduler, { name, turnUsMax: settings.turnUsMax })
    this.clock = clock
    this.store = new SimStore(scheduler, { name })
    const ports = { clock, random, logger: this.logger, transport: host.transport }
    const station = new Station({ ...ports, store: this.store }, this.options())
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
    station.stop(() => {
      if (this.current === station) done()
    })
  }

  /** Kills the process: its memory is gone, the others' connections to it are reset. */
  crash(): void {
    if (this.current === undefined) return
    this.forget()
    this.ground.network.host(this.name).crash()
  }

  /** Switches the machine off: silence, nobody is told. */
  losePower(): void {
    if (this.current === undefined) return
    this.forget()
    this.ground.network.host(this.name).losePower()
  }

  private forget(): void {
    this.clock?.stop()
    this.store?.crash()
    this.current = undefined
    this.ground.onUpOrDown()
    this.isStoppingNow = false
  }

  private options(): StationOptions {
    const { settings, scheduler, topology } = this.ground
    const { name, lives } = this
    const id = settings.keepsId
      ? this.firstId
      : randomHex(scheduler.random.fork(`id/${name}/${lives}`), 32)
    return {
      identity: {
        network: 'sim',
        broker: name,
        brokerId: id,
        // Dates the start, as brokers without a store do; whole milliseconds, so lives differ.
        incarnation: Math.floor(scheduler.nowMs) + lives,
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
      stompLimits: defaultStompLimits,
      network: settings.network,
      serverName: 'postroad/sim'
    }
  }

  private connectors(): NetworkConnectorConfig[] {
    const { topology, settings } = this.ground
    const { name } = this
    const connectors: NetworkConnectorConfig[] = []
    for (const { a, b, cost, dialledBy, carrier } of topology.links) {
      const peer = a === name ? b : a
      const isOurs = a === name ? dialledBy !== 'b' : b === name && dialledBy !== 'a'
      if (!isOurs) continue
      const overTcp = `postroad://${peer}:${bridgePort}`
      const overWebSocket = `postroad+ws://${peer}:${webSocketBridgePort}/bridge`
      connectors.push({
        name: `to-${peer}`,
        uris: [parseTransportUri(carrier === 'ws' ? overWebSocket : overTcp)],
        cost,
        duplex: true,
        include: [],
        exclude: [],
        ...settings.reconnect
      })
    }
    return connectors
  }
}
