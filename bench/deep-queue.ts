// How a broker fares with a queue far deeper than memory: how fast it fills with nobody there to
// take anything, how much memory it needs, how fast it starts with all that on disk, and how fast
// it gives it out. Beside it a bare loop over the same library, with the same batches on the same
// disk, in turn with the broker.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { open } from 'lmdb'
import {
  defaultStompCodecLimits,
  encodeFrame,
  type StompFrameView,
  StompParser
} from '../src/protocols/stomp/codec/index.ts'
import { readMachine, readVersions } from './machine.ts'
import { spread } from './statistics.ts'
import { type Child, lineOf, spawnChild } from './targets/child-process.ts'
import { freePorts } from './targets/free-ports.ts'
import { chainTopology, portsPerBroker, stompPort } from './targets/topology-file.ts'

interface Options {
  readonly messages: number
  readonly bodyBytes: number
  readonly window: number
  readonly rounds: number
}

const commandFile = fileURLToPath(new URL('../../bin/postroad', import.meta.url))
const readyMsMax = 60_000
const queue = '/queue/deep'

/** A STOMP connection that tells each frame it gets. */
class Client {
  private readonly socket: Socket
  private readonly parser = new StompParser(defaultStompCodecLimits, '1.2')
  onFrame: (frame: StompFrameView) => void = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes) => {
      this.parser.push(bytes as Buffer)
      while (this.parser.next() === 'frame') this.onFrame(this.parser.frame)
    })
  }

  static async open(port: number): Promise<Client> {
    const socket = connect(port, '127.0.0.1')
    const client = new Client(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      client.onFrame = ({ command }) => (command === 'CONNECTED' ? resolve() : reject(command))
      socket.write(
        encodeFrame('CONNECT', [
          ['accept-version', '1.2'],
          ['host', 'x']
        ])
      )
    })
    return client
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes)
  }

  close(): void {
    this.socket.destroy()
  }
}

class Broker {
  private readonly folder: string
  private child: Child | undefined = undefined
  readonly port: number
  private readonly file: string

  constructor(folder: string, firstPort: number) {
    this.folder = folder
    this.file = join(folder, 'topology.yaml')
    this.port = stompPort(firstPort, 0)
    writeFileSync(this.file, chainTopology(1, firstPort))
  }

  /** Answers how long it took to be ready, in milliseconds. */
  async start(): Promise<number> {
    const args = [commandFile, 'run', this.file, '--broker', 'a', '--port-offset', '0']
    args.push('--data', join(this.folder, 'data'))
    const beganMs = performance.now()
    this.child = await spawnChild(process.execPath, args, { cwd: this.folder })
    await lineOf(this.child, 'ready', readyMsMax)
    return performance.now() - beganMs
  }

  async kill(): Promise<void> {
    this.child!.process.kill('SIGKILL')
    await this.child!.exited
  }

  /** Resident memory now, in MiB. */
  get residentMib(): number {
    const text = readFileSync(`/proc/${this.child!.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(text)![1]) / 1_024
  }
}

/** Sends `count` messages, never more than `window` without a receipt; messages a second. */
async function fill(client: Client, count: number, { bodyBytes, window }: Options) {
  const body = Buffer.alloc(bodyBytes, 'x')
  let sent = 0
  let confirmed = 0
  const beganMs = performance.now()
  await new Promise<void>((resolve, reject) => {
    const send = (): void => {
      const frames: Buffer[] = []
      while (sent < count && sent - confirmed < window) {
        sent += 1
        const headers: [string, string][] = [
          ['destination', queue],
          ['persistent', 'true']
        ]
        frames.push(encodeFrame('SEND', [...headers, ['receipt', String(sent)]], { body }))
      }
      if (frames.length > 0) client.write(Buffer.concat(frames))
    }
    let isDue = false
    client.onFrame = (frame) => {
      if (frame.command !== 'RECEIPT') reject(new Error(`${frame.command} ${frame.get('message')}`))
      confirmed += 1
      if (confirmed === count) resolve()
      if (isDue) return
      isDue = true
      setImmediate(() => {
        isDue = false
        send()
      })
    }
    send()
  })
  return (count / (performance.now() - beganMs)) * 1_000
}

/** Takes `count` messages, acknowledged one by one; messages a second. */
async function drain(client: Client, count: number): Promise<number> {
  let taken = 0
  const beganMs = performance.now()
  await new Promise<void>((resolve) => {
    let acks: Buffer[] = []
    client.onFrame = (frame) => {
      if (frame.command !== 'MESSAGE') return
      taken += 1
      acks.push(encodeFrame('ACK', [['id', frame.get('ack') ?? '']]))
      if (acks.length === 1) {
        setImmediate(() => {
          client.write(Buffer.concat(acks))
          acks = []
        })
      }
      if (taken === count) resolve()
    }
    const subscribe: [string, string][] = [
      ['id', 's'],
      ['destination', queue],
      ['ack', 'client-individual'],
      ['activemq.prefetchSize', '1000']
    ]
    client.write(encodeFrame('SUBSCRIBE', subscribe))
  })
  return (count / (performance.now() - beganMs)) * 1_000
}

/** The same batches with nothing around them; messages a second. */
async function fillBare(folder: string, count: number, { bodyBytes, window }: Options) {
  const path = join(folder, `bare-${performance.now()}`)
  const db = open({ path, encoding: 'binary', overlappingSync: false, mapSize: 64 * 1024 ** 3 })
  const value = Buffer.alloc(bodyBytes + 100, 'x')
  const beganMs = performance.now()
  for (let at = 0; at < count; at += window) {
    await db.transaction(() => {
      for (let number = at; number < Math.min(count, at + window); number += 1) {
        void db.put(number, value)
      }
    })
  }
  const rate = (count / (performance.now() - beganMs)) * 1_000
  await db.close()
  return rate
}

async function run(options: Options): Promise<void> {
  const { messages, rounds } = options
  const folder = mkdtempSync(join(tmpdir(), 'postroad-deep-'))
  try {
    const broker = new Broker(folder, await freePorts(portsPerBroker))
    await broker.start()
    const emptyMib = broker.residentMib
    const slice = Math.ceil(messages / rounds)
    const rates: number[] = []
    const bare: number[] = []
    let mostMib = 0
    for (let round = 0; round < rounds; round += 1) {
      const client = await Client.open(broker.port)
      rates.push(await fill(client, slice, options))
      client.close()
      mostMib = Math.max(mostMib, broker.residentMib)
      bare.push(await fillBare(folder, Math.min(slice, 200_000), options))
      process.stderr.write(`\rfilled ${(round + 1) * slice} of ${rounds * slice} `)
    }
    process.stderr.write('\n')
    print('filling, nobody takes, messages/s', rates)
    print('bare loop, same batches, messages/s', bare)
    print(
      'ratio',
      rates.map((rate, at) => rate / bare[at]!)
    )
    await broker.kill()
    print('ready after kill -9, ms', [await broker.start()])
    const startedMib = broker.residentMib
    const drained: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const client = await Client.open(broker.port)
      drained.push(await drain(client, Math.min(slice, 100_000)))
      client.close()
      mostMib = Math.max(mostMib, broker.residentMib)
    }
    print('giving out the deep queue, messages/s', drained)
    const mib = { emptyMib, startedMib, mostMib }
    console.log(`resident MiB: ${JSON.stringify(mib)}`)
    await broker.kill()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function print(label: string, values: readonly number[]): void {
  const { median, min, max } = spread(values)
  const digits = median < 10 ? 2 : 0
  const [middle, low, high] = [median, min, max].map((value) => value.toFixed(digits))
  console.log(`${label.padEnd(40)} ${middle!.padStart(10)}  (${low} to ${high})`)
}

function readOptions(): Options {
  return new Command('deep-queue')
    .description('Fills a queue on disk, restarts its broker, and takes from it.')
    .option('--messages <count>', 'messages in all', wholeNumber, 1_000_000)
    .option('--body-bytes <count>', 'bytes of each body', wholeNumber, 1_024)
    .option('--window <count>', 'messages without a receipt', wholeNumber, 100)
    .option('--rounds <count>', 'parts it is measured in', wholeNumber, 5)
    .parse()
    .opts<Options>()
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`"${text}" is not a whole number from 1 to 999999999`)
}

const options = readOptions()
const { cpu, cores, loadBefore } = readMachine()
const { node, commit } = readVersions()
console.log(`${cpu}, ${cores} cores, load ${loadBefore}; Node ${node}; commit ${commit}`)
console.log(`${options.messages} messages of ${options.bodyBytes} bytes, window ${options.window}`)
await run(options)
