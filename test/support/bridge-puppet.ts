// A broker at the other end of a bridge that says exactly what a test tells it to, frame by frame.

import {
  ByteReader,
  ByteWriter,
  encodeFrame,
  epochFrame,
  type FrameCodec,
  FrameReader,
  frameTypeName,
  type Hello,
  helloFrame,
  type Refusal,
  refuseFrame,
  type Start,
  startFrame
} from '../../src/network/bridge-protocol/index.ts'
import type { StreamConnection, StreamHandlers } from '../../src/ports/index.ts'
import type { VirtualWorld } from './virtual-world.ts'

/** What a puppet needs of the world it is in. */
export type PuppetWorld = Pick<VirtualWorld, 'transport' | 'run'>

/** See the top of this file. */
export class BridgePuppet implements StreamHandlers {
  /** Names of the frames that came. */
  readonly heard: string[] = []
  start: Start | undefined = undefined
  /** The epoch the other end sends in; 0 before it has said so. */
  epoch = 0
  refusal: Refusal | undefined = undefined
  isClosed = false
  private readonly name: string
  private readonly frames = new FrameReader()
  private connection: StreamConnection | undefined = undefined

  constructor(name: string) {
    this.name = name
    this.frames.frameBytesMax = 64 * 1024 * 1024
  }

  /** Dials a station's port. */
  dial(world: PuppetWorld, port: number, host = 'any'): this {
    const endpoint = { carrier: 'tcp', host, port, path: '/', subprotocols: [] } as const
    world.transport().dial(endpoint, 1000, (result) => {
      if (result instanceof Error) throw result
      this.connection = result
      return this
    })
    world.run(10)
    return this
  }

  /** Listens for one connection. */
  listen(world: PuppetWorld, port: number): this {
    const endpoint = { carrier: 'tcp', host: 'any', port, path: '/', subprotocols: [] } as const
    world.transport().listen(
      endpoint,
      (connection) => {
        if (this.connection !== undefined) return undefined
        this.connection = connection
        return this
      },
      () => {}
    )
    return this
  }

  say<T>(codec: FrameCodec<T>, value: T): void {
    const writer = new ByteWriter()
    encodeFrame(writer, codec, value)
    this.sayBytes(Buffer.from(writer.bytes.subarray(0, writer.length)))
  }

  sayBytes(bytes: Buffer): void {
    this.connection!.write(bytes)
  }

  /** A frame of any type and payload. */
  sayRaw(type: number, ...payload: number[]): void {
    const bytes = Buffer.from([0, 0, 0, 0, type, ...payload])
    bytes.writeUInt32BE(bytes.length - 4, 0)
    this.sayBytes(bytes)
  }

  sayHello(change: Partial<Hello> = {}): void {
    this.say(helloFrame, {
      versionMin: 1,
      version: 1,
      capabilities: 0,
      network: 'net',
      broker: this.name,
      brokerId: `id-of-${this.name}`,
      incarnation: 1,
      connectorName: 'strings',
      isDuplex: true,
      frameBytesMax: 1_000_000,
      cost: 1,
      include: [],
      exclude: [],
      ...change
    })
  }

  /** What it says to have received is of the lane that is not persistent. */
  sayStart(generation: number, epoch = 0, highWater = 0): void {
    const received = [
      { epoch, highWater },
      { epoch: 0, highWater: 0 }
    ] as const
    this.say(startFrame, { generation, received })
  }

  onData(bytes: Buffer): void {
    const { frames } = this
    frames.feed(bytes)
    while (frames.next() === 'frame') {
      const name = frameTypeName(frames.type)
      const reader = new ByteReader()
      reader.reset(frames.bytes, frames.start, frames.end)
      this.heard.push(name)
      if (name === 'EPOCH') this.epoch = epochFrame.decode(reader)?.epoch ?? 0
      if (name === 'START') this.start = startFrame.decode(reader)
      if (name === 'REFUSE' || name === 'GOODBYE') this.refusal = refuseFrame.decode(reader)
    }
  }

  onDrain(): void {}

  onClose(): void {
    this.isClosed = true
  }
}
