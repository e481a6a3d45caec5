// The benchmark's handle of one load process. Turns requests into promises. Invariant: once the
// process broke down, every open and every later request is refused with the first reason.

import { fileURLToPath } from 'node:url'

import { type Child, forkChild } from '../targets/child-process.ts'
import type { LoadReply, LoadRequest, LoadRequestName, LoadRequests } from './load-requests.ts'

const loadProcessFile = fileURLToPath(new URL('./load-process.js', import.meta.url))

interface Waiting {
  readonly resolve: (output: unknown) => void
  readonly reject: (reason: Error) => void
}

/** A process that produces, consumes or idles. */
export class LoadWorker {
  private readonly child: Child
  private readonly label: string
  private readonly waiting = new Map<number, Waiting>()
  private nextId = 1
  private fault: Error | undefined

  /** Starts the process; `label` names it in errors, such as 'producers'. */
  constructor(label: string) {
    this.label = label
    this.child = forkChild(loadProcessFile, [])
    this.child.process.on('message', (reply) => this.reply(reply as LoadReply))
    void this.child.exited.then((how) => this.breakDown(`load process ended (${how})`))
  }

  /** Asks and waits for the answer. Rejects with the load process's reason. */
  ask<N extends LoadRequestName>(
    name: N,
    input: LoadRequests[N]['input']
  ): Promise<LoadRequests[N]['output']> {
    return new Promise((resolve, reject) => {
      if (this.fault !== undefined) {
        reject(this.fault)
        return
      }
      const request: LoadRequest = { id: this.nextId++, name, input }
      this.waiting.set(request.id, { resolve: resolve as (output: unknown) => void, reject })
      this.child.process.send(request)
    })
  }

  stop(): Promise<void> {
    return this.child.stop()
  }

  private reply(reply: LoadReply): void {
    if (reply.kind === 'fault') {
      this.breakDown(reply.reason)
      return
    }
    const waiting = this.waiting.get(reply.id)
    this.waiting.delete(reply.id)
    if (reply.kind === 'answer') waiting?.resolve(reply.output)
    else waiting?.reject(new Error(`${this.label}: ${reply.reason}`))
  }

  private breakDown(reason: string): void {
    this.fault ??= new Error(`${this.label}: ${reason}`)
    for (const waiting of this.waiting.values()) waiting.reject(this.fault)
    this.waiting.clear()
  }
}
