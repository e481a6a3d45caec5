// Real messages through a running network: clients on real sockets, spread over the brokers, and an
// account of every message. It shows what happens each second and judges the run at its end.

import { setTimeout as sleep } from 'node:timers/promises'
import { PostroadError } from '../../base/index.ts'
import { ReplyMailbox, type StompClient } from '../../client/index.ts'
import { createStreamTransport, createSystemClock } from '../../platform/index.ts'
import { askStatus } from '../ask-broker.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import type { LiveTerminal } from '../live-terminal.ts'
import { BridgeRates } from './bridge-rates.ts'
import { FlowLedger } from './flow-ledger.ts'
import { ReconnectingClient } from './reconnecting-client.ts'
import { type TrafficRole, trafficPlan } from './traffic-plan.ts'
import { markHeader, readMark, TrafficProducer } from './traffic-producer.ts'
import {
  type TrafficSnapshot,
  type TrafficTotals,
  trafficLine,
  trafficSummary,
  trafficView,
  tryText
} from './traffic-view.ts'

/** A broker of the network that traffic runs through. */
export interface TrafficBroker {
  readonly name: string
  readonly users: ReadonlyMap<string, string> | undefined
  /** Its process, as it is at any time. */
  readonly child: {
    readonly uris: readonly string[]
    readonly pid: number | undefined
    readonly restarts: number
  }
}

const rateDefault = 50
const tickMs = 20
const viewMs = 1_000
/** After the producers stopped, what is under way has so long to arrive. */
const drainMsMax = 5_000

/** Counts of one broker's clients. */
interface BrokerCounts {
  sent: number
  received: number
  sentBefore: number
  receivedBefore: number
}

/** See the top of this file. */
export class Traffic {
  private readonly brokers: readonly TrafficBroker[]
  private readonly terminal: LiveTerminal
  private readonly clock = createSystemClock()
  private readonly ports = { clock: this.clock, transport: createStreamTransport() }
  private readonly clients: ReconnectingClient[] = []
  private readonly producers: { producer: TrafficProducer; tick(nowMs: number): void }[] = []
  /** Producer to receiver to flow. */
  private readonly flows = new Map<string, Map<string, FlowLedger>>()
  private readonly counts = new Map<string, BrokerCounts>()
  private readonly rates = new BridgeRates()
  private readonly monitors = new Map<string, ReplyMailbox>()
  private startedAtMs = 0
  private isSending = true

  /**
   * @param rate messages a second of each producer
   * @throws PostroadError LOCAL_CONFIG_INVALID if no broker has a STOMP listener
   */
  constructor(brokers: readonly TrafficBroker[], terminal: LiveTerminal, rate = rateDefault) {
    this.brokers = brokers
    const speaking = brokers.filter(({ child }) => stompUriOf(child.uris) !== undefined)
    if (speaking.length === 0) {
      const text = 'no broker of the file has a stomp listener, and --traffic needs one'
      throw new PostroadError('LOCAL_CONFIG_INVALID', text)
    }
    this.terminal = terminal
    for (const { name } of brokers) {
      this.counts.set(name, { sent: 0, received: 0, sentBefore: 0, receivedBefore: 0 })
    }
    const roles = trafficPlan(speaking.map(({ name }) => name))
    for (const role of roles) if (role.does === 'send') this.addProducer(role, roles, rate)
    for (const role of roles) if (role.does === 'receive') this.addConsumer(role)
    for (const broker of speaking) this.addMonitor(broker)
  }

  /** Runs until `ended`, or for so many seconds; answers the exit code of the run. */
  async run(ended: Promise<unknown>, seconds: number | undefined): Promise<ExitCode> {
    this.startedAtMs = this.clock.monotonicMs()
    for (const client of this.clients) client.start()
    const ticking = setInterval(() => this.tick(), tickMs)
    const viewing = setInterval(() => this.view(), viewMs)
    const isStopped = ended.then(() => true)
    const isOver = pause((seconds ?? 0) * 1_000).then(() => false)
    const wasStopped = await (seconds === undefined ? isStopped : Promise.race([isStopped, isOver]))
    clearInterval(viewing)
    this.isSending = false
    await Promise.race([this.drained(), pause(drainMsMax)])
    clearInterval(ticking)
    const verdict = this.conclude()
    return wasStopped ? exitCodes.good : verdict
  }

  private addProducer(role: TrafficRole, roles: readonly TrafficRole[], rate: number): void {
    const flows = new Map<string, FlowLedger>()
    for (const other of roles) {
      if (other.does !== 'receive' || other.destination !== role.destination) continue
      const isQueue = role.destination.startsWith('/queue/')
      const receiver = receiverOf(other)
      if (!flows.has(receiver)) flows.set(receiver, new FlowLedger(isQueue))
    }
    this.flows.set(role.name, flows)
    const producer = new TrafficProducer(role.name, role.destination, rate, flows)
    const counts = this.counts.get(role.broker)!
    const client = this.addClient(
      role.broker,
      () => {},
      () => producer.onLost()
    )
    this.producers.push({
      producer,
      tick: (nowMs) => {
        const before = producer.sent
        producer.tick(client.client, nowMs)
        counts.sent += producer.sent - before
      }
    })
  }

  private addConsumer(role: TrafficRole): void {
    const isQueue = role.destination.startsWith('/queue/')
    const receiver = receiverOf(role)
    const counts = this.counts.get(role.broker)!
    const onConnected = (client: StompClient): void => {
      client.subscribe({
        destination: role.destination,
        onMessage: ({ headers }) => {
          const mark = readMark(headers.find(([name]) => name === markHeader)?.[1])
          const flow = mark && this.flows.get(mark.producer)?.get(receiver)
          if (flow === undefined || mark === undefined) return
          if (mark.number === 0) flow.isListening = true
          else {
            counts.received += 1
            flow.arrived(mark.number)
          }
        }
      })
    }
    this.addClient(role.broker, onConnected, () => {
      // A topic's subscription is gone with its connection; a queue waits for its consumers.
      if (!isQueue) for (const flows of this.flows.values()) stopListening(flows.get(receiver))
    })
  }

  /** Asks the broker for its bridges, every second. */
  private addMonitor({ name }: TrafficBroker): void {
    const onConnected = (client: StompClient): void => {
      this.monitors.set(name, new ReplyMailbox(this.clock, client))
    }
    this.addClient(name, onConnected, (error) => {
      this.monitors.get(name)?.close(error)
      this.monitors.delete(name)
      this.rates.forget(name)
    })
  }

  private addClient(
    broker: string,
    onConnected: (client: StompClient) => void,
    onLost: (error: PostroadError) => void
  ): ReconnectingClient {
    const { child, users } = this.brokers.find(({ name }) => name === broker)!
    const [login, passcode] = users === undefined ? [] : ([...users][0] ?? [])
    const uri = (): string | undefined => stompUriOf(child.uris)
    const client = new ReconnectingClient(
      this.ports,
      { uri, login, passcode },
      { onConnected, onLost }
    )
    this.clients.push(client)
    return client
  }

  private tick(): void {
    if (!this.isSending) return
    const nowMs = this.clock.monotonicMs()
    for (const { tick } of this.producers) tick(nowMs)
  }

  private view(): void {
    for (const [broker, mailbox] of this.monitors) {
      askStatus(mailbox, { broker, parts: ['bridges'], timeoutMs: 2 * viewMs }, (report) => {
        if (report instanceof PostroadError) this.rates.forget(broker)
        else this.rates.update(broker, report.bridges ?? [], this.clock.monotonicMs())
      })
    }
    const snapshot = this.snapshot()
    if (this.terminal.isLive) this.terminal.show(trafficView(snapshot))
    else {
      this.terminal.line('stdout', trafficLine(snapshot))
      if (snapshot.seconds === 1) this.terminal.line('stdout', tryText(snapshot))
    }
  }

  private snapshot(): TrafficSnapshot {
    const nowMs = this.clock.monotonicMs()
    const brokers = this.brokers.map(({ name, child: { pid, restarts } }) => {
      const counts = this.counts.get(name)!
      const { sent, received, sentBefore, receivedBefore } = counts
      counts.sentBefore = sent
      counts.receivedBefore = received
      return {
        name,
        pid,
        restarts,
        sentPerSecond: sent - sentBefore,
        receivedPerSecond: received - receivedBefore
      }
    })
    const seconds = Math.round((nowMs - this.startedAtMs) / 1_000)
    return { seconds, brokers, totals: this.totals(nowMs), bridges: this.rates.all() }
  }

  private totals(nowMs: number): TrafficTotals {
    const sums = { due: 0, received: 0, missing: 0, lost: 0, duplicated: 0, silent: 0 }
    for (const flow of this.allFlows()) {
      sums.due += flow.due
      sums.received += flow.received
      sums.missing += flow.missing
      sums.lost += this.isSending ? flow.lost(nowMs) : flow.missing
      sums.duplicated += flow.duplicated
      if (flow.due === 0) sums.silent += 1
    }
    const { missing, ...shown } = sums
    const sent = this.producers.reduce((sum, { producer }) => sum + producer.sent, 0)
    return { ...shown, sent, underWay: missing - sums.lost }
  }

  private async drained(): Promise<void> {
    const isMissing = (): boolean => {
      if (this.producers.some(({ producer }) => !producer.isConfirmed)) return true
      return this.allFlows().some((flow) => flow.missing > 0)
    }
    while (isMissing()) await pause(tickMs)
  }

  private conclude(): ExitCode {
    const snapshot = this.snapshot()
    const { lost, duplicated, silent } = snapshot.totals
    const isDisturbed = this.brokers.some(
      ({ child }) => child.restarts > 0 || child.pid === undefined
    )
    this.terminal.show([])
    this.terminal.line('stdout', trafficSummary(snapshot, isDisturbed))
    for (const client of this.clients) client.stop()
    const over = new PostroadError('REMOTE_CLOSED', 'the traffic is over')
    for (const mailbox of this.monitors.values()) mailbox.close(over)
    const isGood = lost + duplicated + silent === 0
    return isGood || isDisturbed ? exitCodes.good : exitCodes.failed
  }

  private allFlows(): FlowLedger[] {
    return [...this.flows.values()].flatMap((flows) => [...flows.values()])
  }
}

function stompUriOf(uris: readonly string[]): string | undefined {
  return uris.find((text) => /^stomp(\+ws)?:/.test(text))
}

/** The consumers of a queue share its messages; each of a topic gets its own. */
function receiverOf(role: TrafficRole): string {
  return role.destination.startsWith('/queue/') ? role.destination : role.name
}

function stopListening(flow: FlowLedger | undefined): void {
  if (flow !== undefined) flow.isListening = false
}

/** Does not keep the process alive: the sockets do, while there is something to wait for. */
function pause(ms: number): Promise<void> {
  return sleep(ms, undefined, { ref: false })
}
