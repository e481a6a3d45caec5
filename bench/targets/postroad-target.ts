// Postroad brokers as a target, started by the command line an operator uses, from topology files
// made in a temporary folder. Invariant: `stop` leaves neither process nor file behind.

import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { type Child, lineOf, spawnChild } from './child-process.ts'
import { freePorts } from './free-ports.ts'
import { type LaunchedTarget, localEndpoint, type Target } from './target.ts'
import { chainNames, chainTopology, portsPerBroker, stompPort } from './topology-file.ts'

const commandFile = fileURLToPath(new URL('../../../bin/postroad', import.meta.url))
const commandMain = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const readyMsMax = 20_000

const folders = new Set<string>()
process.on('exit', () => {
  for (const folder of folders) removeFolder(folder) // Those of runs cut short by a signal.
})

/** The brokers of this repository. */
export const postroadTarget: Target = {
  name: 'postroad',
  brokersMax: chainNames.length,
  canStart: true,
  async start(brokers, { isOnDisk = false } = {}) {
    const { running, children } = await launchChain(brokers, isOnDisk)
    try {
      await Promise.all(children.map((child) => lineOf(child, 'ready', readyMsMax)))
    } catch (error) {
      await running.stop().catch(() => {}) // The reason it never became ready says more.
      throw error
    }
    return running
  },
  async launch() {
    return (await launchChain(1)).running
  }
}

async function launchChain(
  brokers: number,
  isOnDisk = false
): Promise<{ running: LaunchedTarget; children: Child[] }> {
  if (!existsSync(commandFile) || !existsSync(commandMain)) {
    throw new Error(`${commandFile} or ${commandMain} is missing: build the project first`)
  }
  const folder = await mkdtemp(join(tmpdir(), 'postroad-bench-'))
  folders.add(folder)
  const file = join(folder, 'topology.yaml')
  const firstPort = await freePorts(brokers * portsPerBroker)
  await writeFile(file, chainTopology(brokers, firstPort))
  const names = chainNames.slice(0, brokers)
  const children: Child[] = []
  const spawnedAtMs = performance.now()
  for (const name of names) {
    const args = [commandFile, 'run', file, '--broker', name, '--port-offset', '0']
    if (isOnDisk) args.push('--data', join(folder, 'data'))
    // What a broker stores goes to the temporary folder, too.
    children.push(await spawnChild(process.execPath, args, { cwd: folder }))
  }
  let stopping = false
  const ended: string[] = []
  children.forEach((child, index) => {
    void child.exited.then((how) => {
      if (!stopping) ended.push(`broker ${names[index]} ended (${how}): ${child.output()}`)
    })
  })
  const running: LaunchedTarget = {
    spawnedAtMs,
    ended: Promise.race(children.map((child) => child.exited)),
    first: localEndpoint(stompPort(firstPort, 0)),
    last: localEndpoint(stompPort(firstPort, brokers - 1)),
    brokers: names.map((name, index) => ({ name, pid: children[index]!.pid })),
    async stop() {
      stopping = true
      await Promise.all(children.map((child) => child.stop()))
      removeFolder(folder)
      if (ended.length > 0) throw new Error(ended.join('; '))
    }
  }
  return { running, children }
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  folders.delete(folder)
}
