// The Python client stomp.py, run in one child process for all connections of a test.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { withinTime } from '../support/wait-until.ts'

const driver = fileURLToPath(new URL('../../../test/interop/stomp-py-driver.py', import.meta.url))
/** The system's Python first: that is the one a package of the system adds stomp.py to. */
const pythons = ['/usr/bin/python3', 'python3']

/** Versions of STOMP, as stomp.py has a class for each. */
export type Version = '1.0' | '1.1' | '1.2'
export const versions: readonly Version[] = ['1.0', '1.1', '1.2']

/** A message as stomp.py hands it over. */
export interface PyMessage {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

type Headers = Readonly<Record<string, string>>

/** How to connect. */
export interface PyConnectOptions {
  readonly version: Version
  readonly headers?: Headers
  /** What is offered and asked for, in milliseconds. */
  readonly heartbeats?: readonly [number, number]
}

/** One connection of stomp.py. Every method waits until the broker has confirmed. */
export class PyConnection {
  readonly version: Version
  readonly messages: PyMessage[] = []
  readonly errors: string[] = []
  /** Headers of CONNECTED. */
  connected: Headers = {}
  heartbeats = 0
  heartbeatTimeouts = 0
  isDisconnected = false
  private readonly call: (fields: object) => Promise<void>

  constructor(version: Version, call: (fields: object) => Promise<void>) {
    this.version = version
    this.call = call
  }

  get bodies(): string[] {
    return this.messages.map(({ body }) => body.toString())
  }

  /** How many bodies begin with `prefix`. */
  count(prefix: string): number {
    return this.bodies.filter((body) => body.startsWith(prefix)).length
  }

  async subscribe(destination: string, options: { ack?: string; headers?: Headers } = {}) {
    await this.call({ do: 'subscribe', destination, subscription: destination, ...options })
  }

  async unsubscribe(destination: string, headers: Headers = {}) {
    await this.call({ do: 'unsubscribe', subscription: destination, headers })
  }

  /** Sends bodies one after the other, each when the one before is confirmed. */
  async send(destination: string, bodies: readonly (string | Buffer)[], headers: Headers = {}) {
    const encoded = bodies.map((body) => Buffer.from(body).toString('base64'))
    await this.call({ do: 'send', destination, bodies: encoded, headers })
  }

  async ack(message: PyMessage, transaction?: string) {
    await this.call({ do: 'ack', ...this.reference(message), transaction })
  }

  async nack(message: PyMessage) {
    await this.call({ do: 'nack', ...this.reference(message) })
  }

  /** Begins, commits or aborts a transaction. */
  async transaction(step: 'begin' | 'commit' | 'abort', transaction: string) {
    await this.call({ do: 'transaction', step, transaction })
  }

  /** DISCONNECT with a receipt. */
  async disconnect() {
    await this.call({ do: 'disconnect' })
  }

  /** Closes the socket without a word. */
  async drop() {
    await this.call({ do: 'drop' })
  }

  /** What ACK and NACK of this version name a message by. */
  private reference({ headers }: PyMessage): object {
    const message = this.version === '1.2' ? headers.ack : headers['message-id']
    return { message, subscription: headers.subscription }
  }
}

/** The child process. */
export class StompPy {
  private readonly child: ChildProcess
  private readonly connections = new Map<string, PyConnection>()
  private readonly answers = new Map<number, (error: string | undefined) => void>()
  private number = 0
  private errorOutput = ''

  private constructor(child: ChildProcess) {
    this.child = child
    createInterface({ input: child.stdout! }).on('line', (line) => this.onLine(line))
    child.stderr!.on('data', (text: Buffer) => {
      this.errorOutput += text.toString()
    })
    child.on('exit', () => {
      for (const answer of this.answers.values()) answer(`stomp.py ended: ${this.errorOutput}`)
    })
  }

  /** Runs `body` with a driver and ends it. Without stomp.py it fails and says what to install. */
  static async with(body: (python: StompPy) => Promise<void>): Promise<void> {
    const python = pythons.find((name) => spawnSync(name, ['-c', 'import stomp']).status === 0)
    if (python === undefined) {
      throw new Error('stomp.py is missing; install it: sudo apt-get install python3-stomp')
    }
    const child = spawn(python, [driver], { stdio: ['pipe', 'pipe', 'pipe'] })
    try {
      await body(new StompPy(child))
    } finally {
      child.stdin.end()
      child.kill('SIGKILL')
    }
  }

  /** Connects to a STOMP listener on 127.0.0.1. */
  async connect(port: number, options: PyConnectOptions): Promise<PyConnection> {
    this.number += 1
    const name = `connection-${this.number}`
    const connection = new PyConnection(options.version, (fields) => this.call(name, fields))
    this.connections.set(name, connection)
    await this.call(name, { do: 'connect', port, ...options })
    return connection
  }

  private async call(connection: string, fields: object): Promise<void> {
    this.number += 1
    const { number } = this
    const answered = new Promise<void>((resolve, reject) => {
      this.answers.set(number, (error) => {
        this.answers.delete(number)
        if (error === undefined) resolve()
        else reject(new Error(`stomp.py: ${error}`))
      })
    })
    const command = { number, connection, ...fields }
    this.child.stdin!.write(`${JSON.stringify(command)}\n`)
    await withinTime(`stomp.py does ${JSON.stringify(command).slice(0, 200)}`, answered, 60_000)
  }

  private onLine(line: string): void {
    const said = JSON.parse(line) as {
      answer?: number
      error?: string
      event: string
      connection: string
      headers: Headers
      body: string
      message: string
    }
    if (said.answer !== undefined) {
      this.answers.get(said.answer)?.(said.error)
      return
    }
    const connection = this.connections.get(said.connection)!
    switch (said.event) {
      case 'connected':
        connection.connected = said.headers
        return
      case 'message':
        connection.messages.push({ headers: said.headers, body: Buffer.from(said.body, 'base64') })
        return
      case 'error':
        connection.errors.push(said.message)
        return
      case 'heartbeat':
        connection.heartbeats += 1
        return
      case 'heartbeat-timeout':
        connection.heartbeatTimeouts += 1
        return
      default:
        connection.isDisconnected = true
    }
  }
}
