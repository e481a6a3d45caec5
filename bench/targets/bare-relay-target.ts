// The bare relay as a target: one process that only copies frames. It cannot form a chain.
// Invariant: the process ends with `stop`, or with the benchmark.

import { fileURLToPath } from 'node:url'

import { type Child, lineOf, spawnChild } from './child-process.ts'
import { freePorts } from './free-ports.ts'
import { type LaunchedTarget, localEndpoint, type Target } from './target.ts'

const relayFile = fileURLToPath(new URL('../bare-relay-process.js', import.meta.url))
const readyMsMax = 10_000

/** The yardstick. */
export const bareRelayTarget: Target = {
  name: 'bare-relay',
  brokersMax: 1,
  canStart: true,
  async start() {
    const { running, child } = await launchRelay()
    await lineOf(child, 'ready', readyMsMax)
    return running
  },
  async launch() {
    return (await launchRelay()).running
  }
}

async function launchRelay(): Promise<{ running: LaunchedTarget; child: Child }> {
  const port = await freePorts(1)
  const spawnedAtMs = performance.now()
  const child = await spawnChild(process.execPath, [relayFile, String(port)])
  const endpoint = localEndpoint(port)
  const running: LaunchedTarget = {
    spawnedAtMs,
    ended: child.exited,
    first: endpoint,
    last: endpoint,
    brokers: [{ name: 'a', pid: child.pid }],
    stop: () => child.stop()
  }
  return { running, child }
}
