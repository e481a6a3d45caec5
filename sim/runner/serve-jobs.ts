// The thread's side of the pool: runs the jobs it is told, one at a time, and says how each ended.

import type { MessagePort } from 'node:worker_threads'
import type { FromWorker, ToWorker } from './job-pool.ts'
import { runJob } from './run-job.ts'

/**
 * Serves until told to end.
 * @param gather what this thread has gathered over all its runs, asked for at the end
 */
export function serveJobs(port: MessagePort, gather: () => unknown): void {
  const tell = (words: FromWorker): void => port.postMessage(words)
  port.on('message', (words: ToWorker) => {
    if (words.kind === 'end') {
      tell({ kind: 'ended', gathered: gather() })
      return
    }
    try {
      tell({ kind: 'done', result: runJob(words.job) })
    } catch (error) {
      tell({ kind: 'failed', text: error instanceof Error ? error.message : String(error) })
    }
  })
}
