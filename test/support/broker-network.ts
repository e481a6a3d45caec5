// Several brokers' cores and networks on one virtual time, joined by simulated connections, without
// client protocols: tests publish and consume at the core.

import { SimNetwork } from '../../sim/fakes/index.ts'
import { SimScheduler } from '../../sim/scheduler.ts'
import { parseTransportUri } from '../../src/base/index.ts'
import type { BrokerLimits } from '../../src/broker/index.ts'
import {
  Network,
  type NetworkConnectorConfig,
  type NetworkIdentity,
  type NetworkOptions
} from '../../src/network/index.ts'
import { BrokerWorld } from './broker-world.ts'

const port = 61_617

/** What a test varies of one broker. */
export interface MemberFacts {
  /** Name of the machine; the broker's own by default. */
  readonly host?: string
  readonly identity?: Partial<NetworkIdentity>
  readonly network?: Partial<NetworkOptions>
  readonly limits?: Partial<BrokerLimits>
}

/** One broker of a {@link BrokerNetwork}. */
export class Member extends BrokerWorld {
  readonly host: string
  readonly network: Network

  constructor(name: string, ground: BrokerNetwork, facts: MemberFacts) {
    const incarnation = facts.identity?.incarnation ?? 1
    super(facts.limits, { scheduler: ground.scheduler, name, incarnation })
    this.host = facts.host ?? name
    const { transport } = ground.wires.host(this.host)
    const { broker, clock, logger } = this
    this.network = new Network(
      { broker, clock, logger, transport, random: ground.scheduler.random.fork(this.host) },
      {
        network: 'test',
        broker: name,
        brokerId: `id-${this.host}`,
        incarnation,
        isTransit: true,
        ...facts.identity
      },
      { bridges: {}, hopsMax: 32, repairMs: 10_000, ...facts.network }
    )
    transport.listen(
      { carrier: 'tcp', host: this.host, port, path: '/', subprotocols: [] },
      this.network.accept,
      () => {}
    )
    this.network.start([])
  }

  /** Dials another broker's machine, again and again. */
  dial(host: string, config: Partial<NetworkConnectorConfig> = {}): void {
    this.network.bridges.addConnector({
      name: `to-${host}`,
      uris: [parseTransportUri(`postroad://${host}:${port}`)],
      cost: 1,
      duplex: true,
      include: [],
      exclude: [],
      reconnectDelayMsInitial: 50,
      reconnectDelayMsMax: 1_000,
      reconnectBackOffMultiplier: 2,
      ...config
    })
  }

  /** Names of the brokers bridged to this one. */
  peers(): string[] {
    return this.network.bridges
      .all()
      .map((bridge) => bridge.peer)
      .sort()
  }

  /** Names of the brokers this one can reach, itself left out. */
  reach(): string[] {
    const { map, identity } = this.network
    return [...map.reachable()].filter((name) => name !== identity.broker).sort()
  }
}

/** See the top of this file. */
export class BrokerNetwork {
  readonly scheduler: SimScheduler
  readonly wires: SimNetwork
  private readonly members = new Map<string, Member>()

  constructor(seed = 1) {
    this.scheduler = new SimScheduler({ seed })
    this.wires = new SimNetwork(this.scheduler)
  }

  /** Adds a broker. */
  add(name: string, facts: MemberFacts = {}): Member {
    const member = new Member(name, this, facts)
    this.members.set(member.host, member)
    return member
  }

  /** Adds brokers with the same facts. */
  addAll(names: readonly string[], facts: MemberFacts = {}): Member[] {
    return names.map((name) => this.add(name, facts))
  }

  /** Joins pairs of machines, as 'a-b': the first dials the second. Then lets them get to know. */
  join(...pairs: string[]): void {
    for (const pair of pairs) {
      const [from, to] = pair.split('-')
      this.members.get(from!)!.dial(to!)
    }
    this.run(500)
  }

  /** Takes a broker's process away; its machine resets its connections. */
  crash(host: string): void {
    this.members.get(host)!.clock.stop()
    this.wires.host(host).crash()
  }

  /** Lets time pass. */
  run(spanMs: number): void {
    this.scheduler.runFor(spanMs)
  }

  /** What the station does every few seconds. */
  sweep(): void {
    for (const { broker, network } of this.members.values()) {
      broker.sweep()
      network.sweep()
    }
  }
}
