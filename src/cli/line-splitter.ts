// Cuts a stream of bytes into lines. A line that does not end is cut at a bound, so that a process
// that writes without line feeds costs no memory here.

import { StringDecoder } from 'node:string_decoder'

const lineLengthMax = 65_536

/** Hands over the lines of one stream, without their line feeds. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8')
  private readonly onLine: (line: string) => void
  private rest = ''

  constructor(onLine: (line: string) => void) {
    this.onLine = onLine
  }

  push(bytes: Buffer): void {
    const lines = (this.rest + this.decoder.write(bytes)).split('\n')
    this.rest = lines.pop() ?? ''
    for (const line of lines) this.onLine(line.endsWith('\r') ? line.slice(0, -1) : line)
    if (this.rest.length > lineLengthMax) this.end()
  }

  /** The stream is over: what is left is a line, too. */
  end(): void {
    const { rest } = this
    this.rest = ''
    if (rest !== '') this.onLine(rest)
  }
}
