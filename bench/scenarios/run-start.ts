// Times a start: from spawning the process to the first CONNECTED, dialling again until it answers.
// Beside it, what Node alone takes to start and end. Invariant: everything started is ended.

import { delay } from '../load-client/load-group.ts'
import { StompSocket } from '../load-client/stomp-socket.ts'
import { spawnChild } from '../targets/child-process.ts'
import type { Target } from '../targets/target.ts'
import type { FigureName } from './figure.ts'
import type { RunOutcome } from './scenario.ts'

const dialAgainMs = 2
const startMsMax = 30_000
const readBytes = 1024

/** Starts one broker and answers how long it took. Rejects when it is not up within 30 s. */
export async function runStart(target: Target): Promise<RunOutcome> {
  const bareNodeMs = await timeBareNode()
  const running = await target.launch()
  const handlers = { onFrame: () => {}, onClosed: () => {} }
  let hasEnded = false
  void running.ended.then(() => {
    hasEnded = true
  })
  try {
    for (;;) {
      try {
        const { socket, welcome } = await StompSocket.open(running.first, handlers, readBytes)
        const startMs = performance.now() - running.spawnedAtMs
        socket.close()
        const figures = new Map<FigureName, number>([
          ['startMs', startMs],
          ['bareNodeMs', bareNodeMs]
        ])
        return { figures, fault: undefined, notes: [], server: welcome.server }
      } catch (error) {
        // When the process has ended, `stop` says why.
        if (hasEnded || performance.now() - running.spawnedAtMs > startMsMax) throw error
        await delay(dialAgainMs)
      }
    }
  } finally {
    await running.stop()
  }
}

/** Milliseconds `node -e 0` takes from spawn to end. */
async function timeBareNode(): Promise<number> {
  const startedMs = performance.now()
  const child = await spawnChild(process.execPath, ['-e', '0'])
  const how = await child.exited
  if (how !== 'exit code 0') throw new Error(`node -e 0 ended with ${how}: ${child.output()}`)
  return performance.now() - startedMs
}
