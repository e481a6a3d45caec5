// Handlers that remember what they were told, for one end of a connection.

import type { StreamHandlers } from '../../src/ports/index.ts'

/** Remembers everything, in order. */
export class Recorder implements StreamHandlers {
  readonly chunks: Buffer[] = []
  bytesReceived = 0
  drains = 0
  /** Causes of the closes; a right transport leaves exactly one. */
  readonly closes: (Error | undefined)[] = []
  /** Calls after a close. */
  readonly late: string[] = []

  onData(bytes: Buffer): void {
    this.noteLate('onData')
    this.chunks.push(bytes)
    this.bytesReceived += bytes.length
  }

  onDrain(): void {
    this.noteLate('onDrain')
    this.drains += 1
  }

  onClose(cause: Error | undefined): void {
    this.noteLate('onClose')
    this.closes.push(cause)
  }

  get isClosed(): boolean {
    return this.closes.length > 0
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }

  private noteLate(call: string): void {
    if (this.closes.length > 0) this.late.push(call)
  }
}
