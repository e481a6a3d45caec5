// A broker reduced to its bridges, for tests: it notes what it is told and keeps every message.

import { parseTransportUri } from '../../src/base/index.ts'
import {
  DestinationTable,
  Message,
  type MessageOrigin,
  messageOrigin
} from '../../src/broker/index.ts'
import {
  type Bridge,
  Bridges,
  type BridgesOptions,
  type BridgesOwner,
  type MessageRefusal,
  type NetworkConnectorConfig,
  type Returned
} from '../../src/network/bridge/index.ts'
import type {
  Answer,
  Digest,
  Grant,
  Hello,
  Inquiry,
  Refusal,
  Short
} from '../../src/network/bridge-protocol/index.ts'
import type { DemandDelta, DemandSnapshot } from '../../src/network/demand/index.ts'
import type { BrokerRecord } from '../../src/network/map/index.ts'
import type { LogFields, Logger } from '../../src/ports/index.ts'
import { SeededRandom, type VirtualWorld } from './virtual-world.ts'

/** A message as it arrived. */
export interface Arrival {
  readonly from: string
  readonly sequence: number
  readonly body: string
  readonly targets: readonly string[]
  readonly flags: number
  readonly message: Message
}

/** Settings of a {@link BridgeStation} that tests vary. */
export interface StationOptions {
  readonly port?: number
  readonly network?: string
  readonly brokerId?: string
  readonly incarnation?: number
  readonly bridges?: BridgesOptions
}

/** One table for all: it is made for a broker's whole life, and costs accordingly. */
const sharedDestinations = new DestinationTable()

/** See the top of this file. */
export class BridgeStation implements BridgesOwner {
  readonly name: string
  readonly bridges: Bridges
  readonly destinations = sharedDestinations
  readonly origin: MessageOrigin
  readonly ups: Bridge[] = []
  readonly downs: string[] = []
  readonly arrivals: Arrival[] = []
  readonly returned: Returned[] = []
  readonly rooms: string[] = []
  readonly facts: unknown[] = []
  readonly logged: { readonly event: string; readonly fields: LogFields | undefined }[] = []
  refusal: Refusal | undefined = undefined
  isFull = false
  /** Called for every message, after it is noted. */
  onArrival: (arrival: Arrival) => void = () => {}
  /** Answers why a message is not taken; it is noted all the same. */
  refuses: (arrival: Arrival) => MessageRefusal | undefined = () => undefined
  private readonly world: VirtualWorld
  private sequence = 0

  constructor(world: VirtualWorld, name: string, options: StationOptions = {}) {
    this.world = world
    this.name = name
    const incarnation = options.incarnation ?? 1
    this.origin = messageOrigin(name, incarnation)
    const transport = world.transport()
    const logger = this.logger({})
    this.bridges = new Bridges(
      {
        clock: world,
        random: new SeededRandom(world.random.u32()),
        logger,
        transport,
        destinations: this.destinations
      },
      {
        network: options.network ?? 'net',
        broker: name,
        brokerId: options.brokerId ?? `id-of-${name}`,
        incarnation
      },
      options.bridges ?? {},
      this
    )
    if (options.port === undefined) return
    const endpoint = { carrier: 'tcp', host: 'any', path: '/', subprotocols: [] } as const
    transport.listen(
      { ...endpoint, port: options.port },
      (connection) => this.bridges.accept(connection),
      () => {}
    )
  }

  /** Adds a connector to those ports. */
  connect(ports: readonly number[], config: Partial<NetworkConnectorConfig> = {}) {
    return this.bridges.addConnector({
      name: `to-${ports.join('-')}`,
      uris: ports.map((port) => parseTransportUri(`postroad://host:${port}`)),
      cost: 1,
      duplex: true,
      include: [],
      exclude: [],
      reconnectDelayMsInitial: 500,
      reconnectDelayMsMax: 10_000,
      reconnectBackOffMultiplier: 2,
      ...config
    })
  }

  /** A new message of this broker. */
  message(body: string, queue = 'orders'): Message {
    this.sequence += 1
    const message = new Message(this.destinations.get('queue', queue), this.origin, this.sequence)
    message.body = Buffer.from(body)
    message.bodyEnd = message.body.length
    return message
  }

  /** Sends a new message to a neighbour, for itself. */
  send(peer: string, body: string, flags = 0): 'accepted' | 'full' | 'no-bridge' {
    const bridge = this.bridges.get(peer)
    return bridge?.sendMessage(this.message(body), [peer], flags) ?? 'no-bridge'
  }

  bodies(): string[] {
    return this.arrivals.map((arrival) => arrival.body)
  }

  events(event: string): LogFields[] {
    return this.logged.filter((line) => line.event === event).map((line) => line.fields ?? {})
  }

  refuseReason(_hello: Hello): Refusal | undefined {
    return this.refusal
  }

  onBridgeUp(bridge: Bridge): void {
    this.ups.push(bridge)
  }

  onBridgeDown(_bridge: Bridge, cause: string): void {
    this.downs.push(cause)
  }

  onRecord(_bridge: Bridge, record: BrokerRecord): void {
    this.facts.push(record)
  }

  onDigest(_bridge: Bridge, digest: Digest): void {
    this.facts.push(digest)
  }

  onDemandSnapshot(_bridge: Bridge, snapshot: DemandSnapshot): void {
    this.facts.push(snapshot)
  }

  onDemandDelta(_bridge: Bridge, delta: DemandDelta): void {
    this.facts.push(delta)
  }

  heldRecord(): undefined {}
  heldDemand(): undefined {}

  onOlderRecord(): void {}

  onDemandRequest(_bridge: Bridge, broker: string): void {
    this.facts.push(broker)
  }

  onInquiry(_bridge: Bridge, inquiry: Inquiry): void {
    this.facts.push(inquiry)
  }

  onAnswer(_bridge: Bridge, answer: Answer): void {
    this.facts.push(answer)
  }

  onGrant(_bridge: Bridge, grant: Grant): void {
    this.facts.push(grant)
  }

  onShort(_bridge: Bridge, short: Short): void {
    this.facts.push(short)
  }

  onMessage(
    bridge: Bridge,
    message: Message,
    targets: readonly string[],
    flags: number
  ): MessageRefusal | undefined {
    const body = message.body.toString('utf8', message.bodyStart, message.bodyEnd)
    const { sequence } = message
    const arrival = { from: bridge.peer, sequence, body, targets, flags, message }
    this.arrivals.push(arrival)
    this.onArrival(arrival)
    return this.refuses(arrival)
  }

  onReturned(items: readonly Returned[]): void {
    for (const item of items) this.returned.push(item)
  }

  onRoom(peer: string): void {
    this.rooms.push(peer)
  }

  isCongested(): boolean {
    return this.isFull
  }

  private logger(fixed: LogFields): Logger {
    const line = (event: string, fields?: LogFields): void => {
      this.logged.push({ event, fields: { ...fixed, atMs: this.world.monotonicMs(), ...fields } })
    }
    return {
      debug: line,
      info: line,
      warn: line,
      error: line,
      child: (fields) => this.logger({ ...fixed, ...fields })
    }
  }
}
