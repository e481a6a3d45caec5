// Ports of 127.0.0.1 for real brokers. They lie below the range from which systems pick ports for
// outgoing connections, so that nobody takes the port of a broker while it is down.

import { createServer, type Server } from 'node:net'

const firstPort = 12_000
const lastPort = 32_000
const triesMax = 2_000

/**
 * So many ports that nothing listens on now. All are held until all are found, so no two are one.
 * @throws Error if the machine has no more
 */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = []
  const ports: number[] = []
  for (let tried = 0; ports.length < count; tried += 1) {
    if (tried >= triesMax) throw new Error(`no ${count} free ports in ${triesMax} tries`)
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort))
    const server = await listen(port)
    if (server === undefined) continue
    held.push(server)
    ports.push(port)
  }
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
