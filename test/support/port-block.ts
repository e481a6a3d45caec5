// Ports of 127.0.0.1 for one test. They lie below the range from which systems pick ports for
// outgoing connections, so that nobody takes the port of a broker while it restarts; the first port
// of a block stays bound as long as the block is used, so that two tests never share one.

import { createServer, type Server } from 'node:net'

const firstPort = 12_000
const lastPort = 32_000
const blockSize = 50
const triesMax = 100

/** A run of ports that is this test's until `release`. */
export class PortBlock {
  /** Ports free for the test, one less than the block has. */
  static readonly portsMax = blockSize - 1
  private readonly guard: Server
  private next: number

  private constructor(guard: Server, guardPort: number) {
    this.guard = guard
    this.next = guardPort + 1
  }

  /** Finds a block nobody uses. */
  static async take(): Promise<PortBlock> {
    const blocks = Math.floor((lastPort - firstPort) / blockSize)
    for (let tried = 0; tried < triesMax; tried += 1) {
      const guardPort = firstPort + Math.floor(Math.random() * blocks) * blockSize
      const guard = await listen(guardPort)
      if (guard === undefined) continue
      return new PortBlock(guard, guardPort)
    }
    throw new Error(`no free ports in ${triesMax} tries between ${firstPort} and ${lastPort}`)
  }

  /** A port of the block that nothing listens on. */
  async port(): Promise<number> {
    const { port: guardPort } = this.guard.address() as { port: number }
    while (this.next < guardPort + blockSize) {
      const port = this.next
      this.next += 1
      const probe = await listen(port)
      if (probe === undefined) continue
      await close(probe)
      return port
    }
    throw new Error(`a test has at most ${PortBlock.portsMax} ports; this one wants more`)
  }

  async release(): Promise<void> {
    await close(this.guard)
  }
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

async function close(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve))
}
