// One running broker, put together: core, client protocols, network and admin service on given
// ports. The command line runs it on the real ports, the simulator on virtual ones; it is the same
// code.

import { AdminService } from '../admin/index.ts'
import { PostroadError, transportUriWithPort } from '../base/index.ts'
import { Broker, LetterBox } from '../broker/index.ts'
import { Network } from '../network/index.ts'
import type {
  Cancel,
  Clock,
  Logger,
  MessageStore,
  Random,
  StreamConnection,
  StreamHandlers,
  StreamListener,
  StreamTransport
} from '../ports/index.ts'
import {
  openAuthenticator,
  StompServer,
  stompSubprotocols,
  userListAuthenticator
} from '../protocols/stomp/index.ts'
import type { ListenerOptions, StationOptions } from './station-options.ts'

/** Times between two rounds of periodic work. */
const sweepMs = 5_000
/** Bridges' WebSocket subprotocol. */
const bridgeSubprotocols: readonly string[] = ['postroad.1']

/** The outside world of one broker. */
export interface StationPorts {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly transport: StreamTransport
  readonly store: MessageStore
}

/** One running broker. */
export class Station {
  readonly options: StationOptions
  readonly broker: Broker
  readonly stomp: StompServer
  readonly network: Network
  readonly admin: AdminService
  readonly letters: LetterBox
  private readonly ports: StationPorts
  private readonly listeners: StreamListener[] = []
  private cancelSweep: Cancel = () => {}
  private isStopping = false

  constructor(ports: StationPorts, options: StationOptions) {
    const { clock, random, transport, store } = ports
    const { identity } = options
    this.ports = { ...ports, logger: ports.logger.child({ broker: identity.broker }) }
    this.options = options
    const { logger } = this.ports
    this.broker = new Broker(
      { clock, logger, store },
      { name: identity.broker, incarnation: identity.incarnation },
      options.brokerLimits,
      options.rules
    )
    this.network = new Network(
      { broker: this.broker, clock, random, logger, transport },
      identity,
      options.network
    )
    this.stomp = new StompServer({
      broker: this.broker,
      clock,
      logger,
      limits: options.stompLimits,
      authenticator:
        options.users === undefined ? openAuthenticator : userListAuthenticator(options.users),
      serverName: options.serverName
    })
    this.letters = new LetterBox(this.broker, clock)
    this.admin = new AdminService({
      broker: this.broker,
      network: this.network,
      stomp: this.stomp,
      clock
    })
  }

  /**
   * Goes on with what an earlier life left in the store, opens every listener, then starts the
   * network connectors. `done` is called once: with the URIs that are open, ports filled in, or
   * with what prevented one of them, and then nothing stays open.
   */
  start(done: (result: readonly string[] | PostroadError) => void): void {
    const { listeners } = this.options
    this.broker.recover()
    this.network.recover()
    const open: string[] = []
    let waiting = listeners.length
    let failure: PostroadError | undefined
    const finish = (): void => {
      if (failure !== undefined) {
        for (const listener of this.listeners) listener.close()
        done(failure)
        return
      }
      this.network.start(this.options.connectors)
      this.sweepLater()
      done(open)
    }
    if (waiting === 0) {
      this.ports.clock.endOfTurn(finish)
      return
    }
    for (const [index, listener] of listeners.entries()) {
      this.ports.transport.listen(endpointOf(listener), this.acceptFor(listener), (result) => {
        if (result instanceof PostroadError) failure ??= result
        else {
          this.listeners.push(result)
          open[index] = transportUriWithPort(listener.uri, result.port)
        }
        waiting -= 1
        if (waiting === 0) finish()
      })
    }
  }

  /** Says goodbye to clients and brokers; `done` is called once, within a few seconds. */
  stop(done: () => void): void {
    if (this.isStopping) return
    this.isStopping = true
    this.cancelSweep()
    for (const listener of this.listeners) listener.close()
    this.stomp.stop()
    this.network.stop(() => {
      // Bridges have just given back what they could not hand over, and that is being written.
      this.broker.store.close(done)
    })
  }

  private acceptFor(
    listener: ListenerOptions
  ): (connection: StreamConnection) => StreamHandlers | undefined {
    return listener.uri.protocol === 'stomp' ? this.stomp.accept : this.network.accept
  }

  private sweepLater(): void {
    this.cancelSweep = this.ports.clock.schedule(sweepMs, () => {
      this.broker.sweep()
      this.network.sweep()
      this.sweepLater()
    })
  }
}

function endpointOf({ uri }: ListenerOptions): Parameters<StreamTransport['listen']>[0] {
  return {
    carrier: uri.carrier,
    host: uri.host,
    port: uri.port,
    path: uri.path,
    subprotocols: uri.protocol === 'stomp' ? stompSubprotocols : bridgeSubprotocols
  }
}
