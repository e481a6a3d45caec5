// One supervised state machine per URI of a network connector: dials, waits, dials again, for ever.
//
// Invariant, checked at every move: the broker at the URI is bridged (by this dialler or by another
// connection), or a dial is in progress, or a retry is scheduled. Nothing else keeps a network
// whole.

import {
  assert,
  isPostroadError,
  mark,
  type PostroadError,
  type TransportUri
} from '../../base/index.ts'
import type {
  Cancel,
  Clock,
  Logger,
  Random,
  StreamConnection,
  StreamHandlers,
  StreamTransport
} from '../../ports/index.ts'
import { bridgeSubprotocol, type RefusalCode } from '../bridge-protocol/index.ts'
import { type DialState, mayFollow } from './dial-state.ts'

/** When to dial again after a failure. */
export interface BackOff {
  /** Longest wait before the first retry, in milliseconds. */
  readonly reconnectDelayMsInitial: number
  /** Longest wait before any retry. */
  readonly reconnectDelayMsMax: number
  /** Growth of the longest wait from one failure to the next; 1 for none. */
  readonly reconnectBackOffMultiplier: number
}

/** What a dialler needs of the world. */
export interface DiallerDeps {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly transport: StreamTransport
}

/** How a greeting or a bridge ended, from the dialler's point of view. */
export type DialEnd =
  | { readonly kind: 'failed'; readonly code: RefusalCode | 'closed'; readonly text: string }
  | { readonly kind: 'standby'; readonly peer: string }

/** A connection this dialler made; it reports back by `onBridged` and `onEnded`. */
export interface DialledConnection {
  readonly handlers: StreamHandlers
  /** Ends it orderly; `onEnded` does not follow. */
  withdraw(): void
}

/** Makes a dialled connection greet; answers who handles it. */
export type Greeter = (connection: StreamConnection, dialler: Dialler) => DialledConnection

/** A bridge that stood so long was a good one: back-off starts over after it. */
const goodBridgeMs = 10_000
const dialTimeoutMs = 5000

/** See the top of this file. */
export class Dialler {
  readonly uri: TransportUri
  private readonly deps: DiallerDeps
  private readonly backOff: BackOff
  private readonly greet: Greeter
  private current: DialState = { name: 'idle' }
  /** Failures since the last good bridge. */
  private failures = 0
  private lastFailure = ''
  private cancel: Cancel | undefined = undefined
  private connection: DialledConnection | undefined = undefined

  constructor(uri: TransportUri, deps: DiallerDeps, backOff: BackOff, greet: Greeter) {
    this.uri = uri
    this.deps = deps
    this.backOff = backOff
    this.greet = greet
  }

  get state(): DialState {
    return this.current
  }

  /** What went wrong last, for people; '' if nothing did. */
  get failure(): string {
    return this.lastFailure
  }

  start(): void {
    if (this.current.name === 'idle') this.dial()
  }

  /** Ends whatever goes on, at any time. */
  stop(): void {
    if (this.current.name === 'stopped') return
    this.cancel?.()
    this.cancel = undefined
    const { connection } = this
    this.connection = undefined
    this.enter({ name: 'stopped' })
    connection?.withdraw()
  }

  /** This dialler's connection has become the bridge to `peer`. */
  onBridged(peer: string): void {
    this.enter({ name: 'bridged', peer, sinceMs: this.deps.clock.monotonicMs() })
  }

  /** This dialler's connection has ended. */
  onEnded(end: DialEnd): void {
    const { current } = this
    this.connection = undefined
    if (current.name === 'stopped') return
    if (current.name === 'bridged') {
      const stoodMs = this.deps.clock.monotonicMs() - current.sinceMs
      if (stoodMs >= goodBridgeMs) {
        mark('dial-back-off-starts-over')
        this.failures = 0
      }
    }
    if (end.kind === 'standby') {
      mark('dial-stands-by')
      this.failures = 0
      this.enter({ name: 'standby', peer: end.peer })
      return
    }
    this.fail(end.code, end.text)
  }

  /** The bridge that kept this dialler in standby has ended. */
  onPairFree(): void {
    mark('dial-resumed-after-standby')
    // Spread over the first delay: the other end is about to dial as well.
    this.wait(this.deps.random.float() * this.backOff.reconnectDelayMsInitial)
  }

  private dial(): void {
    const { carrier, host, port, path } = this.uri
    const endpoint = { carrier, host, port, path, subprotocols: [bridgeSubprotocol] }
    this.cancel = this.deps.transport.dial(endpoint, dialTimeoutMs, (result) => {
      this.cancel = undefined
      if (isPostroadError(result)) {
        mark(result.code === 'LOCAL_TIMEOUT' ? 'dial-timed-out' : 'dial-failed')
        this.fail('closed', (result as PostroadError).message)
        return undefined
      }
      return this.connected(result as StreamConnection)
    })
    this.enter({ name: 'dialling', attempt: this.failures })
  }

  private connected(connection: StreamConnection): StreamHandlers {
    const dialled = this.greet(connection, this)
    this.connection = dialled
    this.enter({ name: 'greeting', attempt: this.failures })
    return dialled.handlers
  }

  private fail(code: RefusalCode | 'closed', text: string): void {
    this.failures += 1
    const isNews = !this.lastFailure.startsWith(`${code}: `)
    this.lastFailure = `${code}: ${text}`
    // Rarer and rarer while nothing changes, but always when the reason does.
    if (isNews || isPowerOfTen(this.failures)) {
      this.deps.logger.warn('bridge-dial-failed', {
        uri: this.uri.text,
        failures: this.failures,
        code,
        reason: text
      })
    }
    this.wait(this.delayMs(code))
  }

  private delayMs(code: RefusalCode | 'closed'): number {
    const { reconnectDelayMsInitial, reconnectDelayMsMax, reconnectBackOffMultiplier } =
      this.backOff
    // A URI that leads to ourselves will go on doing so until someone edits it.
    if (code === 'own-id') {
      mark('dial-leads-to-itself')
      return reconnectDelayMsMax
    }
    // The exponent is bounded only so that the power stays finite.
    const growth = reconnectBackOffMultiplier ** Math.min(this.failures - 1, 64)
    const longest = Math.min(reconnectDelayMsInitial * growth, reconnectDelayMsMax)
    return this.deps.random.float() * longest
  }

  private wait(delayMs: number): void {
    const { clock } = this.deps
    const waitMs = Math.max(1, delayMs)
    this.cancel = clock.schedule(waitMs, () => {
      this.cancel = undefined
      this.dial()
    })
    const untilMs = clock.monotonicMs() + waitMs
    this.enter({ name: 'waiting', attempt: this.failures, untilMs })
  }

  /** The only place where the state changes. */
  private enter(next: DialState): void {
    const from = this.current.name
    assert(mayFollow(from, next.name), 'a dialler moves only as its table allows')
    this.current = next
    this.assertAlive()
    this.deps.logger.debug('dialler-state', { uri: this.uri.text, from, to: next.name })
  }

  private assertAlive(): void {
    const { name } = this.current
    if (name === 'waiting' || name === 'dialling') {
      assert(this.cancel !== undefined, 'a retry is scheduled or a dial is in progress')
    }
    if (name === 'greeting' || name === 'bridged') {
      assert(this.connection !== undefined, 'a greeting or bridged dialler has its connection')
    }
  }
}

function isPowerOfTen(count: number): boolean {
  let power = 1
  while (power < count) power *= 10
  return power === count
}
