// All bridges of one broker: dials by its network connectors, accepts what others dial, makes sure
// that each pair of brokers has one bridge, and keeps the custody channels across reconnects.
//
// Invariant: a peer has a bridge here exactly between `onBridgeUp` and `onBridgeDown`, never two.

import { mark, SlabPool } from '../../base/index.ts'
import type { DestinationTable } from '../../broker/index.ts'
import type {
  Clock,
  Logger,
  Random,
  StreamConnection,
  StreamHandlers,
  StreamTransport
} from '../../ports/index.ts'
import {
  type Answer,
  ByteWriter,
  type Hello,
  type Inquiry,
  NameTable,
  OriginTable,
  type Refusal,
  type Start
} from '../bridge-protocol/index.ts'
import type { CustodyStore } from '../custody/index.ts'
import { Bridge } from './bridge.ts'
import {
  BridgeConnection,
  type ConnectionEnd,
  type ConnectionOwner,
  type ConnectionShares
} from './bridge-connection.ts'
import { type BridgesLimits, type BridgesOptions, bridgesLimitsDefault } from './bridges-options.ts'
import type { BridgesOwner } from './bridges-owner.ts'
import type { Dialler } from './dialler.ts'
import { type BridgesIdentity, findRefusal, makeHello } from './introduction.ts'
import {
  type ConnectorState,
  NetworkConnector,
  type NetworkConnectorConfig
} from './network-connector.ts'
import type { Returned } from './outgoing-channel.ts'
import { areSameLife, Pair } from './pair.ts'

/** What the bridges need of the world and of the broker. */
export interface BridgesDeps {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly transport: StreamTransport
  readonly destinations: DestinationTable
  /** Where channels are kept; undefined where nothing survives the process. */
  readonly custody?: CustodyStore | undefined
}

/** See the top of this file. */
export class Bridges implements ConnectionOwner {
  /** The origins of messages received, shared by all bridges. */
  private readonly origins = new OriginTable()
  private readonly deps: BridgesDeps
  private readonly identity: BridgesIdentity
  private readonly options: BridgesLimits
  private readonly owner: BridgesOwner
  private readonly shares: ConnectionShares
  private connectors: NetworkConnector[] = []
  private readonly pairs = new Map<string, Pair>()
  /** Every connection the transport has not let go of yet. */
  private readonly connections = new Set<BridgeConnection>()
  /** Accepted connections whose bridge does not stand yet. */
  private readonly greeting = new Set<BridgeConnection>()
  /** Number of the last connection granted as the arbiter of a pair. */
  private generation = 0
  private onStopped: (() => void) | undefined = undefined
  private isStopping = false

  constructor(
    deps: BridgesDeps,
    identity: BridgesIdentity,
    options: BridgesOptions,
    owner: BridgesOwner
  ) {
    this.deps = deps
    this.identity = identity
    this.options = { ...bridgesLimitsDefault, ...options }
    this.owner = owner
    this.shares = {
      clock: deps.clock,
      pool: new SlabPool(),
      writer: new ByteWriter(),
      names: new NameTable()
    }
  }

  /**
   * Adds a network connector and starts it. Stop it by its `stop`.
   * @throws PostroadError LOCAL_CONFIG_INVALID when its terms do not fit a HELLO frame
   */
  addConnector(config: NetworkConnectorConfig): NetworkConnector {
    const greet = (connection: StreamConnection, dialler: Dialler) =>
      this.greetDialled(connection, dialler, config)
    const connector = new NetworkConnector(config, this.deps, greet)
    this.connectors = this.connectors.filter((known) => !known.isStopped)
    this.connectors.push(connector)
    if (this.isStopping) connector.stop()
    else connector.start()
    return connector
  }

  /** Goes on with the channels an earlier life left in the store. Before anything else. */
  recover(): void {
    for (const peer of this.deps.custody?.peers() ?? []) {
      const pair = this.pairFor(peer)
      pair.outgoing.recover()
      pair.becomeFree(this.deps.clock.monotonicMs())
    }
  }

  /** Takes a connection from a listener; undefined when there is no room for it now. */
  accept(connection: StreamConnection): StreamHandlers | undefined {
    const { greetingsMax } = this.options
    if (this.isStopping) return undefined
    if (this.greeting.size >= greetingsMax) {
      mark('greeting-limit-reached')
      const remote = connection.remoteAddress
      this.deps.logger.warn('bridge-refused', { remote, reason: 'limit-reached', greetingsMax })
      return undefined
    }
    const hello = makeHello(this.identity, this.options.frameBytesMax, undefined)
    const accepted = this.adopt(connection, hello, undefined)
    this.greeting.add(accepted)
    return accepted
  }

  /** The bridge to that broker, if it stands. */
  get(peer: string): Bridge | undefined {
    return this.pairs.get(peer)?.bridge
  }

  /** Every bridge that stands. */
  all(): Bridge[] {
    const bridges: Bridge[] = []
    for (const { bridge } of this.pairs.values()) if (bridge !== undefined) bridges.push(bridge)
    return bridges
  }

  /** What is held for brokers whose bridge is gone, in case they come back in time. */
  inDoubt(): { readonly messages: number; readonly bytes: number } {
    let messages = 0
    let bytes = 0
    for (const { bridge, outgoing } of this.pairs.values()) {
      if (bridge !== undefined) continue
      messages += outgoing.pending
      bytes += outgoing.pendingBytes
    }
    return { messages, bytes }
  }

  /** Brokers that have not said what they took before their bridge was lost, and what to ask. */
  *questions(): Generator<{ readonly to: string } & Pick<Inquiry, 'toIncarnation' | 'generation'>> {
    for (const { peer, question } of this.pairs.values()) {
      if (question !== undefined) yield { to: peer, ...question }
    }
  }

  /**
   * Says how far the messages of the asking broker were received, once that is on disk, and takes
   * no more of them over the bridge it has lost. Never, if there is a newer one.
   */
  answer(inquiry: Inquiry, reply: (answer: Pick<Answer, 'fromId' | 'received'>) => void): void {
    const { identity } = this
    if (this.isStopping || !this.hasRoomForPair(inquiry.from)) return
    const pair = this.pairFor(inquiry.from)
    for (const connection of [pair.current, pair.pending]) {
      if (connection === undefined) continue
      if (!pair.isLost(connection, inquiry, identity.incarnation)) {
        mark('inquiry-overtaken')
        return
      }
      mark('inquiry-ends-lost-bridge')
      connection.end({ code: 'silent', text: `${inquiry.from} has lost this connection` })
    }
    pair.incoming.whenSafe(() => {
      const { received, isSafe } = pair.incoming
      if (pair.standing === undefined && isSafe) reply({ fromId: identity.brokerId, received })
    })
  }

  /** Takes what a broker has said by another way; too late, if its bridge is back. */
  resolve(answer: Answer): void {
    const returned = this.pairs.get(answer.from)?.resolve(answer)
    if (returned === undefined) mark('answer-too-late')
    else this.giveBack(returned)
  }

  /** Where every dialler is; for status. */
  connectorStates(): ConnectorState[] {
    return this.connectors.flatMap((connector) => connector.states())
  }

  /**
   * Says GOODBYE to all, hears their last acknowledgements, and ends; what is left in custody
   * here is given back by `onReturned`. `done` follows within four seconds, never before this
   * call returns.
   */
  stop(done: () => void): void {
    this.isStopping = true
    this.onStopped = done
    const refusal: Refusal = { code: 'shutting-down', text: 'the broker is stopping' }
    for (const connection of [...this.connections]) {
      if (connection.isOpen) connection.leave(refusal)
      else connection.end(refusal)
    }
    for (const connector of this.connectors) connector.stop()
    for (const pair of this.pairs.values()) {
      if (pair.current === undefined) this.giveBack(pair.outgoing.abandon())
    }
    this.deps.clock.endOfTurn(() => this.finishStop())
  }

  // What connections tell.

  onHello(connection: BridgeConnection, hello: Hello): void {
    const refusal = this.judge(hello)
    if (refusal !== undefined) {
      connection.end(refusal)
      return
    }
    if (!connection.isDialler) {
      connection.sendHello(hello.isDuplex)
      return
    }
    const pair = this.pairFor(hello.broker)
    const { standing } = pair
    if (standing !== undefined && areSameLife(standing.hello!, hello)) {
      mark('bridge-dialled-twice')
      // One bridge is enough. Should the one that stands be half-open, the probe will tell.
      pair.bridge?.probe()
      connection.end({ code: 'duplicate-bridge', text: 'this broker is bridged already' })
      return
    }
    if (standing !== undefined) mark('bridge-of-earlier-life-ended')
    const restarted: Refusal = { code: 'duplicate-bridge', text: 'the broker has restarted' }
    pair.pending?.end(restarted)
    pair.current?.end(restarted)
    if (connection.isClosed) return
    pair.pending = connection
    connection.standingSinceMs = this.deps.clock.monotonicMs()
    // An end that has restarted takes our word for what of its earlier life is here.
    pair.incoming.whenSafe(() => {
      if (connection.isClosed || pair.pending !== connection) return
      connection.sendStart(this.startOf(pair, this.isArbiter(hello) ? this.nextGeneration() : 0))
    })
  }

  onStart(connection: BridgeConnection, hello: Hello, start: Start): void {
    const pair = this.pairFor(hello.broker)
    const isArbiter = this.isArbiter(hello)
    const nowMs = this.deps.clock.monotonicMs()
    if (!isArbiter && !pair.obeys(hello, start.generation, nowMs)) {
      mark('bridge-grant-outdated')
      connection.end({ code: 'duplicate-bridge', text: 'a later connection was granted' })
      return
    }
    if (isArbiter && !connection.isDialler && !pair.mayGrant(hello, nowMs)) {
      mark('bridge-double-dial-refused')
      pair.bridge?.probe()
      connection.end({ code: 'duplicate-bridge', text: 'this broker is bridged already' })
      return
    }
    this.supersede(pair, connection, isArbiter)
    if (connection.isClosed) return
    if (connection.isDialler) {
      connection.generation = start.generation
      this.open(pair, connection, start)
      return
    }
    connection.standingSinceMs = nowMs
    const generation = isArbiter ? this.nextGeneration() : start.generation
    pair.incoming.whenSafe(() => {
      if (connection.isClosed || pair.current !== connection) return
      connection.sendStart(this.startOf(pair, generation))
      connection.generation = generation
      this.open(pair, connection, start)
    })
  }

  onLeaving(connection: BridgeConnection): void {
    const pair = this.pairOf(connection)
    if (pair?.current === connection) this.giveBack(pair.outgoing.takeOutbox())
  }

  onEnded(connection: BridgeConnection, end: ConnectionEnd): void {
    this.greeting.delete(connection)
    this.logEnd(connection, end)
    const pair = this.pairOf(connection)
    if (pair !== undefined) this.leavePair(pair, connection, end)
    const { dialler } = connection.terms
    const isNeeded = pair === undefined || !isBridgedOtherwise(pair, connection, end)
    if (isNeeded) dialler?.onEnded({ kind: 'failed', code: end.code, text: end.text })
    else dialler?.onEnded({ kind: 'standby', peer: pair.peer })
    if (pair !== undefined && pair.standing === undefined) this.freePair(pair)
  }

  onGone(connection: BridgeConnection): void {
    this.connections.delete(connection)
    this.finishStop()
  }

  private greetDialled(
    connection: StreamConnection,
    dialler: Dialler,
    config: NetworkConnectorConfig
  ): BridgeConnection {
    const hello = makeHello(this.identity, this.options.frameBytesMax, config)
    const dialled = this.adopt(connection, hello, dialler)
    dialled.sendHello(config.duplex)
    return dialled
  }

  private adopt(
    connection: StreamConnection,
    hello: Hello,
    dialler: Dialler | undefined
  ): BridgeConnection {
    const { greetingMsMax, frameBytesMax } = this.options
    const terms = { dialler, hello, greetingMsMax, frameBytesMax }
    const adopted = new BridgeConnection(connection, terms, this, this.shares)
    this.connections.add(adopted)
    return adopted
  }

  private judge(hello: Hello): Refusal | undefined {
    const standing = this.pairs.get(hello.broker)?.current?.hello
    const refusal = findRefusal(hello, this.identity, standing)
    if (refusal !== undefined) return refusal
    if (!this.hasRoomForPair(hello.broker)) {
      mark('bridge-pairs-limit-reached')
      return { code: 'limit-reached', text: `${this.options.pairsMax} brokers are bridged` }
    }
    return this.owner.refuseReason(hello)
  }

  /** Makes the bridge of a pair out of the connection that stands. */
  private open(pair: Pair, connection: BridgeConnection, start: Start): void {
    const hello = connection.hello!
    const { clock, logger, destinations } = this.deps
    const { outgoing, incoming } = pair
    const { owner, origins, options: liveness } = this
    const parts = { connection, hello, outgoing, incoming, owner, clock, logger, destinations }
    const bridge = new Bridge({ ...parts, origins, liveness })
    connection.open(bridge)
    this.greeting.delete(connection)
    incoming.attach(bridge)
    const { received } = start
    const isSameLife = pair.meet(hello)
    const inDoubt = outgoing.attach(bridge, { received, isSameLife, peerLife: hello.incarnation })
    if (inDoubt === 'impossible') {
      mark('channel-resumption-impossible')
      const told = received.map(({ highWater }) => highWater).join(' and ')
      const text = `START: received high waters are ${told}, and one was never sent`
      connection.end({ code: 'protocol-error', text })
      this.giveBack(outgoing.abandon())
      return
    }
    pair.bridge = bridge
    connection.terms.dialler?.onBridged(pair.peer)
    logger.info('bridge-up', {
      peer: bridge.peer,
      remote: bridge.remoteAddress,
      dialler: bridge.isDialler,
      connector: bridge.connectorName,
      cost: bridge.cost
    })
    bridge.start()
    owner.onBridgeUp(bridge)
    this.giveBack(inDoubt)
    if (connection.isOpen) outgoing.pump()
  }

  /** Takes a connection that has ended out of its pair, and gives back what it leaves behind. */
  private leavePair(pair: Pair, connection: BridgeConnection, end: ConnectionEnd): void {
    if (pair.pending === connection) pair.pending = undefined
    const isCurrent = pair.current === connection
    const { bridge } = pair
    if (isCurrent) {
      pair.current = undefined
      if (connection.generation > 0) pair.lostGeneration = connection.generation
    }
    if (bridge === undefined || !bridge.runsOver(connection)) {
      if (!isCurrent) return
      mark('bridge-lost-before-it-opened')
      // It stood but never opened: nobody may wait for it with messages kept from before.
      pair.incoming.detach()
      this.giveBack(pair.outgoing.detach('hold'))
      return
    }
    pair.bridge = undefined
    bridge.stop()
    pair.incoming.detach()
    const returned = pair.outgoing.detach(isCurrent ? (end.isFinal ? 'final' : 'hold') : 'keep')
    if (this.isStopping) returned.push(...pair.outgoing.abandon())
    this.owner.onBridgeDown(bridge, `${end.code}: ${end.text}`)
    this.giveBack(returned)
  }

  private freePair(pair: Pair): void {
    pair.becomeFree(this.deps.clock.monotonicMs())
    for (const { diallers } of this.connectors) {
      for (const dialler of diallers) {
        const { state } = dialler
        if (state.name === 'standby' && state.peer === pair.peer) dialler.onPairFree()
      }
    }
  }

  /**
   * Makes `connection` the one that stands, and ends what stood. It comes first, so that custody is
   * kept for it and diallers that lose their connection stand by instead of dialling again. What is
   * pending at the end that obeys is left alone: the arbiter will answer it.
   */
  private supersede(pair: Pair, connection: BridgeConnection, isArbiter: boolean): void {
    const { current, pending } = pair
    const replaced: Refusal = { code: 'duplicate-bridge', text: 'replaced by a newer connection' }
    pair.current = connection
    if (pending === connection) pair.pending = undefined
    else if (isArbiter && pending !== undefined) {
      mark('bridge-pending-superseded')
      pending.end(replaced)
    }
    if (current === undefined) return
    mark('bridge-fenced-by-newer')
    current.end(replaced)
  }

  private startOf(pair: Pair, generation: number): Start {
    return { generation, received: pair.incoming.received }
  }

  private isArbiter(hello: Hello): boolean {
    return this.identity.broker > hello.broker
  }

  private nextGeneration(): number {
    this.generation += 1
    return this.generation
  }

  private pairOf(connection: BridgeConnection): Pair | undefined {
    const { hello } = connection
    return hello === undefined ? undefined : this.pairs.get(hello.broker)
  }

  private pairFor(peer: string): Pair {
    let pair = this.pairs.get(peer)
    if (pair === undefined) {
      const { clock, random, custody } = this.deps
      const log = custody?.logOf(peer)
      const deps = { clock, random, owner: this.owner, log, incoming: custody?.marksOf(peer) }
      pair = new Pair(peer, deps, this.options)
      this.pairs.set(peer, pair)
    }
    return pair
  }

  private hasRoomForPair(broker: string): boolean {
    if (this.pairs.has(broker) || this.pairs.size < this.options.pairsMax) return true
    const nowMs = this.deps.clock.monotonicMs()
    for (const [peer, pair] of this.pairs) {
      if (!pair.isForgettable(nowMs)) continue
      mark('bridge-pair-forgotten')
      this.pairs.delete(peer)
      return true
    }
    return false
  }

  private giveBack(items: readonly Returned[]): void {
    if (items.length > 0) this.owner.onReturned(items)
  }

  private logEnd(connection: BridgeConnection, end: ConnectionEnd): void {
    const { hello, remoteAddress: remote } = connection
    const { code, text: reason, by } = end
    const fields = { peer: hello?.broker, remote, code, reason, by }
    const { logger } = this.deps
    const pair = this.pairOf(connection)
    if (pair?.bridge?.runsOver(connection) === true) logger.info('bridge-down', fields)
    else if (connection.isDialler || code === 'duplicate-bridge') {
      // The dialler logs its failures itself, fewer and fewer of them as they repeat.
      logger.debug('bridge-refused', fields)
    } else logger.warn('bridge-refused', fields)
  }

  private finishStop(): void {
    if (!this.isStopping || this.connections.size > 0) return
    const done = this.onStopped
    this.onStopped = undefined
    done?.()
  }
}

/** True when the broker at the other end has a bridge, not just another one with its name. */
function isBridgedOtherwise(
  { standing }: Pair,
  { hello }: BridgeConnection,
  end: ConnectionEnd
): boolean {
  if (standing === undefined) return false
  return end.code === 'duplicate-bridge' || standing.hello?.brokerId === hello?.brokerId
}
