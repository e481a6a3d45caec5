// One broker's core with its STOMP server in virtual time, and clients that dial it through the
// simulated network. Everything follows from one seed; nothing waits for real time.

import {
  SimClock,
  SimLogger,
  SimNetwork,
  type SimNetworkOptions,
  SimStore,
  type SimStoreOptions
} from '../../sim/fakes/index.ts'
import { SimScheduler } from '../../sim/scheduler.ts'
import {
  Broker,
  type BrokerLimits,
  type BrokerRules,
  defaultBrokerLimits
} from '../../src/broker/index.ts'
import {
  type Authenticator,
  defaultStompLimits,
  openAuthenticator,
  type StompLimits,
  StompServer,
  stompSubprotocols
} from '../../src/protocols/stomp/index.ts'
import { type PeerHeaders, StompPeer } from './stomp-peer.ts'

/** What a world differs in from the usual one. */
export interface StompWorldOptions {
  readonly seed?: string | number
  readonly brokerName?: string
  readonly broker?: Partial<BrokerLimits>
  readonly rules?: BrokerRules
  readonly stomp?: Partial<StompLimits>
  readonly authenticator?: Authenticator
  readonly network?: SimNetworkOptions
  readonly store?: Partial<SimStoreOptions>
  /** Longest turn of the broker's event loop; 0 by default. */
  readonly turnUsMax?: number
}

/** How a client connects. */
export interface ConnectOptions {
  /** What accept-version says; 1.2 by default. 1.0 sends no such header. */
  readonly version?: '1.0' | '1.1' | '1.2'
  readonly headers?: PeerHeaders
  readonly carrier?: 'tcp' | 'ws'
}

const stompPort = 61_613
const webSocketPort = 61_614
/** Enough for several round trips and a commit of the store. */
const settleMs = 50

/** A broker with a STOMP server, its ports all simulated. */
export class StompWorld {
  readonly scheduler: SimScheduler
  readonly network: SimNetwork
  readonly clock: SimClock
  readonly logger: SimLogger
  readonly store: SimStore
  readonly broker: Broker
  readonly server: StompServer
  private clientCount = 0

  constructor(options: StompWorldOptions = {}) {
    this.scheduler = new SimScheduler({ seed: options.seed ?? 'stomp' })
    this.network = new SimNetwork(this.scheduler, options.network)
    this.clock = new SimClock(this.scheduler, {
      name: 'broker',
      turnUsMax: options.turnUsMax ?? 0
    })
    this.logger = new SimLogger({ nowMs: () => this.scheduler.nowMs })
    this.store = new SimStore(this.scheduler, { name: 'broker', ...options.store })
    this.broker = new Broker(
      { clock: this.clock, logger: this.logger, store: this.store },
      { name: options.brokerName ?? 'hub', incarnation: 1 },
      // Its store is a durable one: what a test says of a queue's size is meant for such.
      {
        ...defaultBrokerLimits,
        storedQueueMessagesMax:
          options.broker?.queueMessagesMax ?? defaultBrokerLimits.queueMessagesMax,
        storedQueueBytesMax: options.broker?.queueBytesMax ?? defaultBrokerLimits.queueBytesMax,
        ...options.broker
      },
      options.rules
    )
    this.server = new StompServer({
      broker: this.broker,
      clock: this.clock,
      logger: this.logger,
      limits: { ...defaultStompLimits, ...options.stomp },
      authenticator: options.authenticator ?? openAuthenticator,
      serverName: 'postroad/test'
    })
    this.listen('tcp', stompPort)
    this.listen('ws', webSocketPort)
    this.run()
  }

  /** Lets virtual time pass. */
  run(spanMs = settleMs): void {
    this.scheduler.runFor(spanMs)
  }

  /** A connection on which nothing was sent yet. */
  open(carrier: 'tcp' | 'ws' = 'tcp'): StompPeer {
    this.clientCount += 1
    const name = `client-${this.clientCount}`
    const peer = new StompPeer(name)
    const endpoint = {
      carrier,
      host: 'broker',
      port: carrier === 'tcp' ? stompPort : webSocketPort,
      path: '/',
      subprotocols: carrier === 'tcp' ? [] : stompSubprotocols
    }
    this.network.transport(name).dial(endpoint, 1_000, (result) => peer.adopt(result))
    this.run(5)
    return peer
  }

  /** A client that is connected. */
  client(options: ConnectOptions = {}): StompPeer {
    const version = options.version ?? '1.2'
    const peer = this.open(options.carrier)
    const versionHeaders: PeerHeaders =
      version === '1.0' ? {} : { 'accept-version': version, host: 'hub' }
    peer.send('CONNECT', { ...versionHeaders, ...options.headers })
    this.run()
    const answer = peer.take()
    if (answer.length !== 1 || answer[0]!.command !== 'CONNECTED') {
      throw new Error(`not connected: ${answer.map((frame) => frame.summary).join('; ')}`)
    }
    return peer
  }

  private listen(carrier: 'tcp' | 'ws', port: number): void {
    this.network.transport('broker').listen(
      {
        carrier,
        host: 'broker',
        port,
        path: '/',
        subprotocols: carrier === 'tcp' ? [] : stompSubprotocols
      },
      this.server.accept,
      () => {}
    )
  }
}
