// Spreads jobs over threads, one for each core, and hands their results back in the order of the
// jobs, whoever was first. A run has a world of its own and shares nothing, so what comes out does
// not depend on how many threads there are.

import { Worker } from 'node:worker_threads'
import type { Job, JobResult } from './run-job.ts'

/** What a thread is told. */
export type ToWorker = { readonly kind: 'run'; readonly job: Job } | { readonly kind: 'end' }

/** What a thread tells. */
export type FromWorker =
  | { readonly kind: 'done'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly text: string }
  /** Its last words: whatever it gathered over all its runs. */
  | { readonly kind: 'ended'; readonly gathered: unknown }

/** Who listens to the pool. */
export interface JobPoolOwner {
  /** The next job; undefined when there are no more. */
  next(): Job | undefined
  /** In the order of the jobs. */
  onResult(result: JobResult): void
  /** What a thread gathered over all its runs, when it ends. */
  onGathered(gathered: unknown): void
}

/** What the pool is made of. */
export interface JobPoolOptions {
  readonly workers: number
  /** The file that runs in each thread. */
  readonly file: URL
}

/** Runs all jobs; resolves when the last has been told. @throws Error if a thread fails */
export async function runJobs(owner: JobPoolOwner, options: JobPoolOptions): Promise<void> {
  const inOrder = new InOrder(owner)
  const threads = Array.from({ length: options.workers }, () => runThread(owner, inOrder, options))
  await Promise.all(threads)
}

function runThread(owner: JobPoolOwner, inOrder: InOrder, { file }: JobPoolOptions): Promise<void> {
  const worker = new Worker(file)
  const tell = (words: ToWorker): void => worker.postMessage(words)
  const goOn = (): void => {
    const job = owner.next()
    tell(job === undefined ? { kind: 'end' } : { kind: 'run', job })
  }
  const finished = new Promise<void>((resolve, reject) => {
    worker.on('message', (words: FromWorker) => {
      switch (words.kind) {
        case 'done':
          inOrder.add(words.result)
          goOn()
          return
        case 'failed':
          reject(new Error(words.text))
          return
        case 'ended':
          owner.onGathered(words.gathered)
          resolve()
      }
    })
    worker.on('error', reject)
    goOn()
  })
  return finished.finally(() => worker.terminate())
}

/** Holds results back until all before them have been told. */
class InOrder {
  private readonly owner: JobPoolOwner
  private readonly early = new Map<number, JobResult>()
  private nextIndex = 0

  constructor(owner: JobPoolOwner) {
    this.owner = owner
  }

  add(result: JobResult): void {
    this.early.set(result.index, result)
    for (;;) {
      const next = this.early.get(this.nextIndex)
      if (next === undefined) return
      this.early.delete(this.nextIndex)
      this.nextIndex += 1
      this.owner.onResult(next)
    }
  }
}
