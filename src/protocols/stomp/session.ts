// One STOMP conversation: frames in, broker calls out, and back. A synchronous state machine over
// one stream connection. Reading stops while the client sends into something full, or while its
// login is checked; nothing else in the broker notices. After an ERROR the connection ends [STOMP
// 1.2 ERROR].

import { isPostroadError, mark, type PostroadError, quoted } from '../../base/index.ts'
import type { Broker, FlowGate } from '../../broker/index.ts'
import type { Cancel, Clock, Logger, StreamConnection, StreamHandlers } from '../../ports/index.ts'
import type { Authenticator } from './authenticator.ts'
import { ClientFrames } from './client-frames.ts'
import {
  encodeFrame,
  negotiateVersion,
  parseHeartBeat,
  StompParser,
  type StompVersion
} from './codec/index.ts'
import { agreeHeartBeats, startHeartBeats } from './heart-beats.ts'
import { SessionOutput } from './session-output.ts'
import type { SessionRegistry } from './session-registry.ts'
import { clientNameBytesMax, type StompLimits } from './stomp-limits.ts'
import type { EndOfClient } from './stomp-subscription.ts'

/** What sessions share. */
export interface SessionContext {
  readonly broker: Broker
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: StompLimits
  readonly authenticator: Authenticator
  readonly registry: SessionRegistry
  /** Sent in CONNECTED, such as 'postroad/0.1.0'. */
  readonly serverName: string
}

/** Where a conversation stands. */
export type SessionState =
  | { readonly name: 'connecting' }
  | { readonly name: 'authenticating' }
  | { readonly name: 'connected'; readonly frames: ClientFrames }
  /** The client said DISCONNECT; what it sent before is being made durable. */
  | { readonly name: 'disconnecting' }
  | { readonly name: 'closing' }
  | { readonly name: 'closed' }

/** Why frames wait unhandled, if they do. */
type Hold = 'none' | 'login' | 'gate' | 'answers' | 'refusal'

/** Header of ERROR that programs may go by: a code of docs/reference/errors.md. */
const codeHeader = 'error-code'
/** A session's pauses are logged at most this often. */
const pauseLogMs = 10_000
/** While reading is stopped only a write finds out that the client is gone. */
const probeMs = 10_000

/** One STOMP conversation. */
export class StompSession implements StreamHandlers {
  readonly number: number
  readonly connection: StreamConnection
  login: string | undefined = undefined
  clientId: string | undefined = undefined
  private readonly context: SessionContext
  private readonly parser: StompParser
  readonly output: SessionOutput
  private state: SessionState = { name: 'connecting' }
  private pauseLoggedMs = Number.NEGATIVE_INFINITY
  private hold: Hold = 'none'
  private heardMs: number
  private cancelConnectTimeout: Cancel
  private stopHeartBeats: Cancel = () => {}
  private leaveGate: Cancel = () => {}
  private cancelProbe: Cancel = () => {}

  constructor(context: SessionContext, connection: StreamConnection, number: number) {
    const { clock, limits } = context
    this.context = context
    this.connection = connection
    this.number = number
    this.parser = new StompParser(limits, '1.0')
    this.output = this.newOutput()
    this.heardMs = clock.monotonicMs()
    this.cancelConnectTimeout = clock.schedule(limits.connectTimeoutMs, () => {
      mark('client-connects-too-slowly')
      const what = this.state.name === 'connecting' ? 'no CONNECT frame' : 'login was not checked'
      this.fail(`${what} within ${limits.connectTimeoutMs} ms (limits.connectTimeout)`)
    })
  }

  get stateName(): SessionState['name'] {
    return this.state.name
  }

  /** The conversation's frames once it is connected; for read models. */
  get frames(): ClientFrames | undefined {
    return this.state.name === 'connected' ? this.state.frames : undefined
  }

  /** True while the client's socket takes nothing more. */
  get isCongested(): boolean {
    return this.output.isCongested
  }

  /**
   * True while receipts may be sent: frames still are, or were, the client's to expect answers to.
   */
  get isAnswering(): boolean {
    return this.state.name === 'connected' || this.state.name === 'disconnecting'
  }

  onData(bytes: Buffer): void {
    if (!this.isListening) return
    this.heardMs = this.context.clock.monotonicMs()
    this.parser.push(bytes)
    this.process()
  }

  onDrain(): void {
    this.output.onDrain()
    if (this.state.name === 'connected') this.state.frames.renewCredit()
    if (this.hold === 'answers') this.resumeLater()
  }

  onClose(cause: Error | undefined): void {
    const { logger, registry } = this.context
    if (this.state.name === 'connected') mark('client-connection-lost')
    this.leave()
    this.state = { name: 'closed' }
    registry.remove(this)
    logger.debug('client-disconnected', {
      session: this.number,
      remote: this.connection.remoteAddress,
      cause: cause?.message
    })
  }

  /** Sends one encoded frame. */
  sendFrame(frame: Buffer): void {
    this.output.answer(frame)
  }

  /** Ends the conversation in an orderly way, as when the broker stops. */
  stop(): void {
    if (this.state.name === 'connected') this.state.frames.close('left')
    this.fail('the broker is shutting down')
  }

  /** Tells the client why, and ends the connection. */
  fail(detail: string, receipt?: string, headers: readonly [string, string][] = []): void {
    if (this.state.name === 'closing' || this.state.name === 'closed') return
    const short = detail.split('\n', 1)[0]!.slice(0, 200)
    const all: [string, string][] = [['message', short], ['content-type', 'text/plain'], ...headers]
    if (receipt !== undefined) all.push(['receipt-id', receipt])
    const { version } = this.parser
    this.sendFrame(encodeFrame('ERROR', all, { body: `${detail}\n`, version }))
    this.context.logger.info('client-error', {
      session: this.number,
      remote: this.connection.remoteAddress,
      detail: short
    })
    this.end()
  }

  /** Tells the client that something it sent is not on disk, and ends the connection. */
  failStoring({ code, message }: PostroadError, receipt: string | undefined): void {
    mark('client-told-of-store-failure')
    this.fail(`what was sent could not be stored: ${message}`, receipt, [[codeHeader, code]])
  }

  /** The client leaves: its receipt follows once everything it sent is as safe as it will be. */
  disconnect(receipt: string | undefined): void {
    this.leave('left')
    this.state = { name: 'disconnecting' }
    const { version } = this.parser
    this.context.broker.whenKept((error) => {
      if (this.state.name !== 'disconnecting') {
        mark('client-gone-before-its-receipt')
        return
      }
      if (error !== undefined) {
        this.failStoring(error, receipt)
        return
      }
      if (receipt !== undefined) {
        this.sendFrame(encodeFrame('RECEIPT', [['receipt-id', receipt]], { version }))
      }
      this.end()
    })
  }

  /** Flushes and ends the connection without an ERROR. */
  end(): void {
    this.leave()
    this.state = { name: 'closing' }
    this.output.flush()
    this.connection.end()
  }

  /** Stops handling frames until the gate opens: the client's sends find something full. */
  pauseAt(gate: FlowGate): void {
    if (this.hold !== 'none') return
    mark('client-producer-paused')
    this.pause('gate')
    this.context.registry.pausedProducers += 1
    this.logPause(gate)
    const leave = gate.wait(() => {
      mark('client-producer-resumed')
      this.leaveGate = () => {}
      this.context.registry.pausedProducers -= 1
      this.resumeLater()
    })
    this.leaveGate = () => {
      mark('client-left-while-paused')
      leave()
      this.context.registry.pausedProducers -= 1
    }
  }

  /** A producer in step with a slow consumer pauses many times a second: one line tells it. */
  private logPause(gate: FlowGate): void {
    const nowMs = this.context.clock.monotonicMs()
    if (nowMs - this.pauseLoggedMs < pauseLogMs) return
    this.pauseLoggedMs = nowMs
    this.context.logger.info('producer-paused', { session: this.number, full: gate.label })
  }

  private pause(hold: Hold): void {
    if (this.hold !== 'none') return
    this.hold = hold
    this.connection.pauseReading()
    this.probeLater()
  }

  private resumeLater(): void {
    const { clock } = this.context
    const { hold } = this
    clock.endOfTurn(() => {
      if (this.hold !== hold) return
      this.hold = 'none'
      this.cancelProbe()
      this.heardMs = clock.monotonicMs()
      this.process()
      if (this.hold === 'none') this.connection.resumeReading()
    })
  }

  /**
   * Line feeds between frames mean nothing [STOMP 1.2 Augmented BNF], but a write to the dead
   * fails.
   */
  private probeLater(): void {
    this.cancelProbe = this.context.clock.schedule(probeMs, () => {
      mark('client-probed-while-paused')
      if (this.state.name === 'connected') this.output.beat()
      this.probeLater()
    })
  }

  /** True while frames of the client are taken. */
  private get isListening(): boolean {
    const { name } = this.state
    return name === 'connecting' || name === 'authenticating' || name === 'connected'
  }

  private process(): void {
    const { parser } = this
    while (this.hold === 'none' && this.isListening) {
      const found = parser.next()
      if (found === 'need-more') return
      if (found === 'malformed') {
        mark('client-frame-malformed')
        this.fail(`malformed frame: ${parser.fault?.detail ?? 'unknown fault'}`)
        return
      }
      this.handle()
    }
  }

  private handle(): void {
    const { frame } = this.parser
    try {
      if (this.state.name === 'connected') this.state.frames.handle(frame)
      else if (frame.command === 'CONNECT' || frame.command === 'STOMP') this.connect()
      else {
        mark('client-not-connected-yet')
        this.fail(`the first frame must be CONNECT, not ${frame.command}`, frame.get('receipt'))
      }
    } catch (error) {
      if (!isPostroadError(error)) throw error
      this.refuse(error, frame.get('receipt'))
    }
  }

  /**
   * A frame is refused. What came before it has its receipts first, so that the client knows
   * exactly what was taken; what came after it was not read.
   */
  private refuse({ code, message }: PostroadError, receipt: string | undefined): void {
    mark('client-frame-refused')
    const { store } = this.context.broker
    const fail = (): void => this.fail(message, receipt, [[codeHeader, code]])
    if (this.hold === 'none') this.pause('refusal')
    else this.hold = 'refusal'
    // A store that fails has told those who wait; it may do so for long.
    if (store.failure === undefined) store.whenDurable(fail)
    else fail()
  }

  private connect(): void {
    const { frame } = this.parser
    const version = negotiateVersion(frame.get('accept-version'))
    if (version === undefined) {
      mark('client-version-unknown')
      this.fail(
        `no common version: this broker speaks 1.0,1.1,1.2, the client accepts ` +
          `${quoted(frame.get('accept-version') ?? '')}`,
        undefined,
        [['version', '1.0,1.1,1.2']]
      )
      return
    }
    const beats = parseHeartBeat(frame.get('heart-beat'))
    if (beats === undefined) {
      mark('client-heart-beat-malformed')
      this.fail(`heart-beat:${quoted(frame.get('heart-beat') ?? '', 40)} must be two numbers: 0,0`)
      return
    }
    const clientId = frame.get('client-id')
    if (clientId !== undefined && Buffer.byteLength(clientId) > clientNameBytesMax) {
      mark('client-id-too-long')
      this.fail(
        `client-id ${quoted(clientId, 40)} is too long; it has at most ${clientNameBytesMax} bytes`
      )
      return
    }
    const request = {
      login: frame.get('login'),
      passcode: frame.get('passcode'),
      clientId,
      host: frame.get('host'),
      remoteAddress: this.connection.remoteAddress
    }
    this.state = { name: 'authenticating' }
    this.pause('login')
    this.context.authenticator.authenticate(request, (refusal) => {
      if (this.state.name !== 'authenticating') {
        mark('client-gone-before-its-login')
        return
      }
      if (refusal !== undefined) {
        mark('client-login-refused')
        this.fail(refusal)
        return
      }
      this.login = request.login
      this.clientId = request.clientId
      this.onAccepted(version, beats.sendMs, beats.receiveMs)
    })
  }

  private onAccepted(version: StompVersion, sendMs: number, receiveMs: number): void {
    const { clock, limits, logger, serverName } = this.context
    this.cancelConnectTimeout()
    this.parser.version = version
    this.state = { name: 'connected', frames: new ClientFrames(this.context, this, version) }
    const headers: [string, string][] = [
      ['version', version],
      ['session', `${this.context.broker.identity.name}-${this.number}`],
      ['server', serverName]
    ]
    const beats = agreeHeartBeats(sendMs, receiveMs, limits.heartBeatMsMin)
    if (version !== '1.0') headers.push(['heart-beat', `${beats.sendMs},${beats.receiveMs}`])
    this.sendFrame(encodeFrame('CONNECTED', headers, { version }))
    if (version !== '1.0') {
      this.stopHeartBeats = startHeartBeats(clock, {
        ...beats,
        sentMs: () => this.output.sentMs,
        heardMs: () => (this.hold === 'none' ? this.heardMs : clock.monotonicMs()),
        beat: () => this.output.beat(),
        onSilence: (ms) => {
          mark('client-silent')
          this.fail(`no heart-beat from the client for ${ms} ms`)
        }
      })
    }
    logger.debug('client-connected', {
      session: this.number,
      remote: this.connection.remoteAddress,
      version,
      login: this.login,
      clientId: this.clientId
    })
    this.resumeLater()
  }

  private newOutput(): SessionOutput {
    const { clock, limits, registry } = this.context
    return new SessionOutput({
      ...{ clock, limits, registry, connection: this.connection },
      onFull: () => {
        mark('client-socket-full')
        if (this.state.name === 'connected') this.state.frames.stopCredit()
      },
      // A client that asks for answers and does not read them is not listened to until it does.
      onAnswersFull: () => {
        mark('client-reads-no-answers')
        if (this.state.name === 'connected') this.pause('answers')
      },
      onStalled: (ms) => {
        mark('client-reads-nothing')
        this.fail(`the client has read nothing for ${ms} ms`)
      }
    })
  }

  /** Gives everything back that this conversation holds at the broker. */
  private leave(how: EndOfClient = 'lost'): void {
    this.cancelConnectTimeout()
    this.stopHeartBeats()
    this.cancelProbe()
    this.output.stop()
    this.leaveGate()
    this.leaveGate = () => {}
    if (this.state.name === 'connected') this.state.frames.close(how)
  }
}
