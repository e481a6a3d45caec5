// A STOMP client: one connection, spoken over the stream port, so that it runs over real sockets
// and simulated ones alike. It never reconnects by itself; its owner makes a new one. Everything it
// holds is bounded: unanswered receipts by `receiptsMax`, output by what its owner sends while
// congested.

import {
  isPostroadError,
  OutputBuffer,
  PostroadError,
  SlabPool,
  type TransportUri
} from '../base/index.ts'
import type { Cancel, StreamConnection, StreamHandlers } from '../ports/index.ts'
import {
  defaultStompCodecLimits,
  encodeFrame,
  heartBeatBytes,
  parseHeartBeat,
  type StompFrameView,
  StompParser,
  type StompVersion
} from '../protocols/stomp/codec/index.ts'
import { HeartBeatWatch } from './heart-beat-watch.ts'
import type {
  ReceivedMessage,
  SendOptions,
  StompClientHandlers,
  StompClientOptions,
  StompClientPorts,
  SubscribeRequest
} from './stomp-client-options.ts'

/** Receipts a client may wait for at the same time. */
export const receiptsMax = 65_536
/** Bytes waiting to be sent at which a client is congested. */
const congestedBytes = 1024 * 1024
const timeoutMsDefault = 10_000
/** A heart-beat that the machine or the network delays must not end a connection. */
const heartBeatMsDefault = 10_000
/** How long a server may take to answer DISCONNECT. */
const disconnectMsMax = 5_000
const subprotocols: readonly string[] = ['v12.stomp', 'v11.stomp']

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; connection: StreamConnection | undefined }
  | { readonly name: 'connected'; readonly connection: StreamConnection }
  /** DISCONNECT is sent; its receipt says that all before it was done. */
  | { readonly name: 'disconnecting'; readonly connection: StreamConnection }
  | { readonly name: 'ending'; readonly connection: StreamConnection }
  | { readonly name: 'closed' }

/** One client connection. Call `connect` once. */
export class StompClient implements StreamHandlers {
  private readonly ports: StompClientPorts
  private readonly options: StompClientOptions
  private readonly handlers: StompClientHandlers
  private readonly parser = new StompParser(defaultStompCodecLimits, '1.2')
  private readonly output: OutputBuffer
  private readonly receipts = new Map<string, () => void>()
  private readonly subscriptions = new Map<string, SubscribeRequest>()
  /** What the server calls the conversation; '' before `onConnected`. */
  session = ''
  private state: State = { name: 'idle' }
  private version: StompVersion = '1.2'
  private lastReceipt = 0
  private lastSubscription = 0
  private isFlushScheduled = false
  private wasCongested = false
  private failure: PostroadError | undefined = undefined
  private cancelTimeout: Cancel = () => {}
  private cancelDial: Cancel = () => {}
  private watch: HeartBeatWatch | undefined = undefined

  constructor(ports: StompClientPorts, options: StompClientOptions, handlers: StompClientHandlers) {
    this.ports = ports
    this.options = options
    this.handlers = handlers
    this.output = new OutputBuffer(new SlabPool(2), this.write)
  }

  /** True between `onConnected` and the end, or `disconnect`. */
  get isConnected(): boolean {
    return this.state.name === 'connected'
  }

  /** True while more waits to be sent than should; `onDrain` follows. Sending on is not refused. */
  get isCongested(): boolean {
    const { state } = this
    if (state.name !== 'connected') return false
    const isFull = state.connection.bytesQueued + this.output.length >= congestedBytes
    if (isFull) this.wasCongested = true
    return isFull
  }

  /** Receipts asked for and not answered. */
  get receiptsWaiting(): number {
    return this.receipts.size
  }

  /**
   * Dials and greets.
   * @throws PostroadError LOCAL_BAD_URI if the URI's protocol is not stomp, LOCAL_FRAME_INVALID for
   * a
   *   login, passcode or client id that cannot be written
   */
  connect(): void {
    const { uri, connectTimeoutMs = timeoutMsDefault } = this.options
    const greeting = this.greeting(checkedUri(uri))
    const { clock, transport } = this.ports
    this.state = { name: 'connecting', connection: undefined }
    this.cancelTimeout = clock.schedule(connectTimeoutMs, () => {
      const text = `no answer from ${uri.text} within ${connectTimeoutMs} ms`
      this.fail(new PostroadError('LOCAL_TIMEOUT', text, { uri: uri.text }))
    })
    const { carrier, host, port, path } = uri
    const endpoint = { carrier, host, port, path, subprotocols }
    this.cancelDial = transport.dial(endpoint, connectTimeoutMs, (result) => {
      if (isPostroadError(result)) {
        this.failure = result
        this.close()
        return undefined
      }
      const connection = result as StreamConnection
      this.state = { name: 'connecting', connection }
      connection.write(greeting)
      return this
    })
  }

  /**
   * Sends a message. It leaves at the end of the turn.
   * @throws PostroadError LOCAL_FRAME_INVALID for a header that cannot be written,
   * LOCAL_LIMIT_REACHED
   *   for one receipt too many, REMOTE_CLOSED if the client is not connected
   */
  send(destination: string, body: Buffer | string, options: SendOptions = {}): void {
    const headers: [string, string][] = [['destination', destination]]
    for (const [name, value] of options.headers ?? []) headers.push([name, value])
    if (options.onReceipt !== undefined) headers.push(['receipt', this.expect(options.onReceipt)])
    this.sendFrame(encodeFrame('SEND', headers, { body, version: this.version }))
  }

  /** Sends a SEND frame that was encoded before, as it is; for many messages alike. */
  sendFrame(frame: Buffer): void {
    if (this.state.name !== 'connected') {
      throw new PostroadError('REMOTE_CLOSED', `not connected to ${this.options.uri.text}`)
    }
    this.append(frame)
  }

  /**
   * Subscribes; answers the subscription's id.
   * @throws as `send`
   */
  subscribe(request: SubscribeRequest): string {
    this.lastSubscription += 1
    const id = String(this.lastSubscription)
    const headers: [string, string][] = [
      ['id', id],
      ['destination', request.destination],
      ['ack', request.ack ?? 'auto']
    ]
    if (request.prefetch !== undefined) {
      headers.push(['activemq.prefetchSize', String(request.prefetch)])
    }
    if (request.selector !== undefined) headers.push(['selector', request.selector])
    if (request.durable !== undefined) headers.push(['activemq.subscriptionName', request.durable])
    this.sendFrame(encodeFrame('SUBSCRIBE', headers, { version: this.version }))
    this.subscriptions.set(id, request)
    return id
  }

  /** Calls back when the server has done everything asked for so far. */
  whenDone(onReceipt: () => void): void {
    // Any frame may ask for a receipt; a transaction with nothing in it changes nothing.
    const transaction = `t${this.lastReceipt + 1}`
    this.sendFrame(encodeFrame('BEGIN', [['transaction', transaction]], { version: this.version }))
    const headers: [string, string][] = [
      ['transaction', transaction],
      ['receipt', this.expect(onReceipt)]
    ]
    this.sendFrame(encodeFrame('COMMIT', headers, { version: this.version }))
  }

  /** Accepts a message; in ack mode 'client' all before it, too. */
  ack(message: ReceivedMessage): void {
    this.settle('ACK', message)
  }

  /** Refuses a message: the server offers it again, or gives it up. */
  nack(message: ReceivedMessage): void {
    this.settle('NACK', message)
  }

  /** Ends in an orderly way, after the server has done everything asked for; `onClosed` follows. */
  disconnect(): void {
    const { state } = this
    if (state.name !== 'connected') {
      this.destroy()
      return
    }
    this.cancelTimeout = this.ports.clock.schedule(disconnectMsMax, () => this.giveUp())
    this.append(encodeFrame('DISCONNECT', [['receipt', this.expect(() => this.end())]]))
    this.state = { name: 'disconnecting', connection: state.connection }
  }

  /** Ends at once; `onClosed` follows. */
  destroy(): void {
    const connection = this.connection()
    if (connection !== undefined) connection.destroy()
    else if (this.state.name === 'connecting') {
      this.cancelDial()
      this.ports.clock.endOfTurn(() => this.close())
    }
  }

  // StreamHandlers

  onData(bytes: Buffer): void {
    if (this.watch !== undefined) this.watch.wasHeard = true
    this.parser.push(bytes)
    while (this.state.name !== 'closed' && this.failure === undefined) {
      const found = this.parser.next()
      if (found === 'need-more') return
      if (found === 'frame') this.handle(this.parser.frame)
      else {
        const detail = this.parser.fault?.detail ?? 'unknown fault'
        this.fail(
          new PostroadError('REMOTE_FRAME_MALFORMED', `${this.options.uri.text}: ${detail}`)
        )
      }
    }
  }

  onDrain(): void {
    if (!this.wasCongested) return
    this.wasCongested = false
    this.handlers.onDrain()
  }

  onClose(cause: Error | undefined): void {
    if (this.state.name !== 'ending' && this.failure === undefined) {
      const why = cause === undefined ? 'the server closed the connection' : cause.message
      this.failure = new PostroadError('REMOTE_CLOSED', why, { uri: this.options.uri.text }, cause)
    }
    this.close()
  }

  private greeting(uri: TransportUri): Buffer {
    const { login, passcode, clientId, heartBeatMs = heartBeatMsDefault } = this.options
    const headers: [string, string][] = [
      ['accept-version', '1.1,1.2'],
      ['host', uri.host],
      ['heart-beat', `${heartBeatMs},${heartBeatMs}`]
    ]
    if (login !== undefined) headers.push(['login', login])
    if (passcode !== undefined) headers.push(['passcode', passcode])
    if (clientId !== undefined) headers.push(['client-id', clientId])
    return encodeFrame('CONNECT', headers)
  }

  private handle(frame: StompFrameView): void {
    switch (frame.command) {
      case 'CONNECTED':
        this.onConnected(frame)
        return
      case 'MESSAGE':
        this.onMessage(frame)
        return
      case 'RECEIPT': {
        const id = frame.get('receipt-id') ?? ''
        const onReceipt = this.receipts.get(id)
        this.receipts.delete(id)
        onReceipt?.()
        return
      }
      case 'ERROR': {
        const text = frame.bodyText().trim() || frame.get('message') || 'the server gave no reason'
        this.fail(new PostroadError('REMOTE_REFUSED', text, { uri: this.options.uri.text }))
        return
      }
      default:
        this.violation(`sent ${frame.command}, which is not for a server to send`)
    }
  }

  private onConnected(frame: StompFrameView): void {
    const { state } = this
    if (state.name !== 'connecting' || state.connection === undefined) {
      this.violation('sent CONNECTED twice')
      return
    }
    const version = frame.get('version')
    const beats = parseHeartBeat(frame.get('heart-beat'))
    if ((version !== '1.1' && version !== '1.2') || beats === undefined) {
      this.violation(`answered CONNECT with version "${version}", offered were 1.1 and 1.2`)
      return
    }
    this.cancelTimeout()
    this.version = version
    this.session = frame.get('session') ?? ''
    this.parser.version = version
    this.state = { name: 'connected', connection: state.connection }
    this.watch = this.startWatch(beats.sendMs, beats.receiveMs)
    this.handlers.onConnected()
  }

  private startWatch(serverSendMs: number, serverReceiveMs: number): HeartBeatWatch {
    const { uri, heartBeatMs = heartBeatMsDefault } = this.options
    const isOn = heartBeatMs > 0
    return new HeartBeatWatch(this.ports.clock, {
      sendMs: isOn && serverReceiveMs > 0 ? Math.max(heartBeatMs, serverReceiveMs) : 0,
      receiveMs: isOn && serverSendMs > 0 ? Math.max(heartBeatMs, serverSendMs) : 0,
      beat: () => this.append(heartBeatBytes),
      onSilence: (ms) => {
        this.fail(new PostroadError('REMOTE_CLOSED', `nothing heard from ${uri.text} for ${ms} ms`))
      }
    })
  }

  private onMessage(frame: StompFrameView): void {
    const subscription = frame.get('subscription') ?? ''
    const request = this.subscriptions.get(subscription)
    // A message that was under way when a subscription ended.
    if (request === undefined) return
    request.onMessage({
      subscription,
      destination: frame.get('destination') ?? '',
      messageId: frame.get('message-id') ?? '',
      ackId: frame.get('ack'),
      headers: frame.entries(),
      body: frame.bytes.subarray(frame.bodyStart, frame.bodyEnd)
    })
  }

  private settle(command: 'ACK' | 'NACK', message: ReceivedMessage): void {
    const headers: [string, string][] =
      this.version === '1.2'
        ? [['id', message.ackId ?? message.messageId]]
        : [
            ['subscription', message.subscription],
            ['message-id', message.messageId]
          ]
    this.sendFrame(encodeFrame(command, headers, { version: this.version }))
  }

  private expect(onReceipt: () => void): string {
    if (this.receipts.size >= receiptsMax) {
      throw new PostroadError(
        'LOCAL_LIMIT_REACHED',
        `${receiptsMax} receipts are unanswered; wait for some before asking for more`
      )
    }
    this.lastReceipt += 1
    const id = `r${this.lastReceipt}`
    this.receipts.set(id, onReceipt)
    return id
  }

  private append(bytes: Buffer): void {
    this.output.append(bytes, 0, bytes.length)
    if (this.isFlushScheduled) return
    this.isFlushScheduled = true
    this.ports.clock.endOfTurn(() => {
      this.isFlushScheduled = false
      this.output.flush()
    })
  }

  private readonly write = (bytes: Buffer): 'written' | 'queued' => {
    if (this.watch !== undefined) this.watch.hasSent = true
    return this.connection()?.write(bytes) ?? 'written'
  }

  private connection(): StreamConnection | undefined {
    const { state } = this
    return state.name === 'idle' || state.name === 'closed' ? undefined : state.connection
  }

  private violation(what: string): void {
    const text = `${this.options.uri.text} ${what}`
    this.fail(new PostroadError('REMOTE_PROTOCOL_VIOLATION', text))
  }

  private fail(error: PostroadError): void {
    this.failure ??= error
    this.destroy()
  }

  private end(): void {
    const connection = this.connection()
    if (connection === undefined) return
    this.state = { name: 'ending', connection }
    connection.end()
  }

  /** The server neither confirms the end nor closes the connection after it did. */
  private giveUp(): void {
    if (this.state.name === 'ending') {
      this.destroy()
      return
    }
    const text =
      `${this.options.uri.text} did not answer DISCONNECT within ${disconnectMsMax} ms: what was ` +
      'sent last may not have arrived'
    this.fail(new PostroadError('LOCAL_TIMEOUT', text, { uri: this.options.uri.text }))
  }

  private close(): void {
    if (this.state.name === 'closed') return
    this.state = { name: 'closed' }
    this.cancelTimeout()
    this.watch?.stop()
    this.receipts.clear()
    this.subscriptions.clear()
    this.handlers.onClosed(this.failure)
  }
}

function checkedUri(uri: TransportUri): TransportUri {
  if (uri.protocol === 'stomp') return uri
  throw new PostroadError(
    'LOCAL_BAD_URI',
    `"${uri.text}" is not for STOMP clients; write for example stomp://127.0.0.1:61613`,
    { uri: uri.text }
  )
}
