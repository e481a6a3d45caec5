// Two brokers in one process on virtual time, joined by a bridge, with clients that ask them.

import { PostroadError, parseTransportUri } from '../../src/base/index.ts'
import { type DeliveryPolicy, defaultBrokerLimits } from '../../src/broker/index.ts'
import { ReplyMailbox, StompClient } from '../../src/client/index.ts'
import { silentLogger } from '../../src/ports/index.ts'
import { defaultStompLimits } from '../../src/protocols/stomp/index.ts'
import { Station } from '../../src/station/index.ts'
import { createMemoryStore } from '../../src/store/index.ts'
import { VirtualWorld } from '../support/virtual-world.ts'

/** Stomp ports of the brokers. */
const stompPorts = { a: 1, b: 2 } as const

/** Name of one of the brokers. */
export type Name = keyof typeof stompPorts

/** See the top of this file. */
export class TwoBrokers {
  readonly world = new VirtualWorld()
  readonly stations: Readonly<Record<Name, Station>>

  private readonly policies: readonly DeliveryPolicy[]

  /** @param policies of both brokers */
  constructor(policies: readonly DeliveryPolicy[] = []) {
    this.policies = policies
    this.stations = { a: this.station('a'), b: this.station('b') }
    for (const station of Object.values(this.stations)) {
      this.world.turn(() =>
        station.start((result) => {
          if (result instanceof PostroadError) throw result
        })
      )
    }
    const { a } = this.stations
    if (!this.world.runUntil(() => a.network.map.isReachable('b'))) throw new Error('no bridge')
    this.world.run(100)
  }

  /** A client connected to a broker. */
  client(at: Name): StompClient {
    const { world } = this
    const uri = parseTransportUri(`stomp://${at}:${stompPorts[at]}`)
    const handlers = { onConnected() {}, onDrain() {}, onClosed() {} }
    const ports = { clock: world, transport: world.transport() }
    const client = new StompClient(ports, { uri, heartBeatMs: 0 }, handlers)
    world.turn(() => client.connect())
    if (!world.runUntil(() => client.isConnected)) throw new Error(`no connection to ${at}`)
    return client
  }

  /** Sends a request body to the admin service of `broker` from a client at `at`. */
  ask(at: Name, broker: string, body: string): unknown {
    const { world } = this
    const client = this.client(at)
    let answer: Buffer | PostroadError | undefined
    world.turn(() => {
      new ReplyMailbox(world, client).request(
        `/queue/_postroad.admin.${broker}`,
        body,
        5_000,
        (reply) => {
          answer = reply
        }
      )
    })
    world.runUntil(() => answer !== undefined)
    if (answer instanceof PostroadError) return answer
    return answer === undefined ? undefined : JSON.parse(answer.toString('utf8'))
  }

  private station(name: Name): Station {
    const { world } = this
    const bridgePort = 10
    const store = createMemoryStore({ soon: (task) => world.endOfTurn(task) })
    const listeners = [`stomp://0.0.0.0:${stompPorts[name]}`]
    if (name === 'b') listeners.push(`postroad://0.0.0.0:${bridgePort}`)
    const connector = {
      name: 'to-b',
      uris: [parseTransportUri(`postroad://b:${bridgePort}`)],
      cost: 3,
      duplex: true,
      include: [],
      exclude: [],
      reconnectDelayMsInitial: 10,
      reconnectDelayMsMax: 100,
      reconnectBackOffMultiplier: 2
    }
    return new Station(
      {
        clock: world,
        random: world.random,
        logger: silentLogger,
        transport: world.transport(),
        store
      },
      {
        identity: {
          network: 'test',
          broker: name,
          brokerId: name.repeat(32),
          incarnation: 1,
          isTransit: true
        },
        listeners: listeners.map((text) => ({ uri: parseTransportUri(text) })),
        connectors: name === 'a' ? [connector] : [],
        users: undefined,
        brokerLimits: defaultBrokerLimits,
        rules: { policies: this.policies },
        stompLimits: defaultStompLimits,
        network: { bridges: {}, hopsMax: 64, repairMs: 30_000 },
        serverName: 'postroad/test'
      }
    )
  }
}
