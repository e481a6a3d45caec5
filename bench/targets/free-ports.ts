// Finds ports for the brokers of a run. Takes them from below the range the operating system deals
// out to dialling sockets, so that no connection of the run itself can occupy one in between.

import { createServer } from 'node:net'

const portMin = 20_000
const portMax = 32_000
const portStep = 16
const attemptsMax = 50

/**
 * The first of `count` ports in a row that were all free on loopback just now.
 * @throws Error when no such run of ports was found
 */
export async function freePorts(count: number): Promise<number> {
  const range = portMax - portMin
  // Different runs on one machine start looking at different places.
  let offset = (process.pid * portStep) % range
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const first = portMin + offset
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)))
    if (free.every((answer) => answer)) return first
    offset = (offset + portStep) % range
  }
  throw new Error(`no ${count} free ports in a row found between ${portMin} and ${portMax}`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
