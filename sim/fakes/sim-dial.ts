// One dial in a simulated network: the way there, the answer, the way back. Requests and answers
// that a cut swallows are sent again, as TCP does, until the dial's time is over.

import { PostroadError } from '../../src/base/index.ts'
import type {
  Cancel,
  StreamConnection,
  StreamEndpoint,
  StreamHandlers
} from '../../src/ports/index.ts'
import type { SimEnd } from './sim-connection.ts'
import type { OpenListener, SimHost } from './sim-host.ts'
import type { SimEntry } from './sim-loop.ts'
import type { SimNetwork } from './sim-transport.ts'

/** What is dialled, by whom. */
export interface DialRequest {
  readonly from: SimHost
  /** The dialler's life; if it is over, the dial is too. */
  readonly life: number
  readonly endpoint: StreamEndpoint
  readonly timeoutMs: number
  done(result: StreamConnection | PostroadError): StreamHandlers | undefined
}

/** How long an unanswered request waits before it is sent again. */
const retransmitMs = 1_000

/** A dial under way. */
export class SimDial {
  private readonly network: SimNetwork
  private readonly request: DialRequest
  private isSettled = false
  private cancelTimer: Cancel | undefined
  private dialler: SimEnd | undefined

  constructor(network: SimNetwork, request: DialRequest) {
    this.network = network
    this.request = request
  }

  /** Starts it; the answer cancels it. */
  start(): Cancel {
    const { from, endpoint, timeoutMs } = this.request
    const { scheduler } = this.network
    const target = this.network.resolve(from.name, endpoint.host, endpoint.port)
    scheduler.trace('dial', `${from.name}>${endpoint.host}`, endpoint.port)
    const giveUp = (): void => {
      const text = `no answer from ${this.at} within ${timeoutMs} ms`
      this.fail(new PostroadError('LOCAL_TIMEOUT', text, { ...this.facts, timeoutMs }))
    }
    this.cancelTimer = scheduler.after(timeoutMs, () => this.enter('timer', giveUp))
    if (target === undefined) this.failLater(`no such host "${endpoint.host}"`)
    else this.ask(target)
    return () => {
      if (this.isSettled) return
      this.settle()
      this.dialler?.destroy()
    }
  }

  private get at(): string {
    return `${this.request.endpoint.host}:${this.request.endpoint.port}`
  }

  private get facts(): { host: string; port: number } {
    return { host: this.request.endpoint.host, port: this.request.endpoint.port }
  }

  /** Runs `task` in the dialling process, if the dial is still wanted when it has time for it. */
  private enter(entry: SimEntry, task: () => void): void {
    this.request.from.loop.enter(entry, () => {
      if (!this.isSettled && this.request.from.life === this.request.life) task()
    })
  }

  /** Runs `task` if the dial is still wanted. */
  private after(delayMs: number, task: () => void): void {
    this.network.scheduler.after(delayMs, () => {
      if (!this.isSettled && this.request.from.life === this.request.life) task()
    })
  }

  /** Sends the request until it gets there. */
  private ask(target: SimHost): void {
    const { name } = this.request.from
    const path = this.network.path(name, target.name)
    const isLost = !path.isOpen || this.network.dialRule(name, target.name) === 'black-hole'
    this.after(isLost ? retransmitMs : path.flightMs(), () => {
      if (isLost || !path.isOpen) this.ask(target)
      else this.arrive(target)
    })
  }

  private arrive(target: SimHost): void {
    const { from, endpoint } = this.request
    const listener = target.listener(endpoint.port)
    const isRefused = this.network.dialRule(from.name, target.name) === 'refuse'
    if (listener === undefined || isRefused) {
      this.answer(target, () => this.failNow(`nothing listens on ${this.at}`))
      return
    }
    const subprotocol = agreedSubprotocol(endpoint, listener.endpoint)
    if (subprotocol === undefined) {
      this.answer(target, () => this.failNow(`${this.at} does not speak what we dialled for`))
      return
    }
    this.establish(target, listener, subprotocol)
  }

  private establish(target: SimHost, listener: OpenListener, subprotocol: string): void {
    const { from, endpoint } = this.request
    const { dialler, acceptor } = this.network.connect(from, target, {
      diallerPort: from.freePort(),
      acceptorPort: endpoint.port,
      subprotocol,
      isKeepingWrites: endpoint.carrier === 'ws'
    })
    this.dialler = dialler
    const answer = (): void => this.answer(target, () => this.connected(dialler))
    const accept = (): void => {
      const handlers = listener.accept(acceptor)
      if (handlers === undefined) acceptor.destroy()
      else acceptor.attach(handlers)
      if (endpoint.carrier === 'ws') answer()
    }
    target.loop.enter('input', accept)
    // A kernel answers for TCP, whatever its process does; for WebSockets the process has to.
    if (endpoint.carrier !== 'ws') answer()
  }

  private connected(dialler: SimEnd): void {
    this.settle()
    const own = this.request.done(dialler)
    if (own === undefined) dialler.destroy()
    else dialler.attach(own)
  }

  /** Sends the answer until it gets back. */
  private answer(target: SimHost, task: () => void): void {
    const path = this.network.path(target.name, this.request.from.name)
    this.after(path.isOpen ? path.flightMs() : retransmitMs, () => {
      if (path.isOpen) this.enter('input', task)
      else this.answer(target, task)
    })
  }

  private failLater(text: string): void {
    this.after(0, () => this.enter('input', () => this.failNow(text)))
  }

  private failNow(text: string): void {
    this.fail(new PostroadError('REMOTE_CONNECT_FAILED', text, this.facts))
  }

  private fail(error: PostroadError): void {
    if (this.isSettled || this.request.from.life !== this.request.life) return
    this.settle()
    // The other side may believe the connection made: tell it.
    this.dialler?.destroy()
    this.request.done(error)
  }

  private settle(): void {
    this.isSettled = true
    this.cancelTimer?.()
  }
}

/** What a handshake agrees on: '' for none, undefined for a refusal. */
function agreedSubprotocol(dialled: StreamEndpoint, listening: StreamEndpoint): string | undefined {
  if (dialled.carrier !== listening.carrier) return undefined
  if (dialled.carrier === 'tcp') return ''
  if (listening.path !== '/' && listening.path !== dialled.path) return undefined
  const known = listening.subprotocols
  if (dialled.subprotocols.length === 0 || known.length === 0) return ''
  return known.find((name) => dialled.subprotocols.includes(name))
}
