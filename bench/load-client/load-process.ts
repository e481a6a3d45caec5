// Entry of a load process: takes requests from its parent, runs one group of connections, answers.
// Invariant: it ends with its parent, so no load outlives the benchmark.

import { ConsumerGroup } from './consumer-group.ts'
import { IdleGroup } from './idle-group.ts'
import type { LoadReply, LoadRequest, LoadRequests, LoadRole } from './load-requests.ts'
import { ProducerGroup } from './producer-group.ts'

type Group = ProducerGroup | ConsumerGroup | IdleGroup

let group: Group | undefined

function makeGroup(role: LoadRole): Group {
  const onFailure = (reason: Error): void => reply({ kind: 'fault', reason: reason.message })
  switch (role.role) {
    case 'producers':
      return new ProducerGroup(role.plan, role.endpoint, onFailure)
    case 'consumers':
      return new ConsumerGroup(role.plan, role.endpoint, onFailure)
    case 'idle':
      return new IdleGroup(role.endpoint, role.connections, onFailure)
  }
}

function producers(): ProducerGroup {
  if (group instanceof ProducerGroup) return group
  throw new Error('this load process has no producers')
}

function consumers(): ConsumerGroup {
  if (group instanceof ConsumerGroup) return group
  throw new Error('this load process has no consumers')
}

function answer(request: LoadRequest): unknown {
  switch (request.name) {
    case 'open':
      if (group !== undefined) throw new Error('this load process is open already')
      group = makeGroup(request.input as LoadRole)
      return group.open()
    case 'probe':
      return producers().probe()
    case 'probesMissing':
      return consumers().probesMissing()
    case 'start':
      return producers().start()
    case 'mark':
      return consumers().mark()
    case 'stop':
      return producers().stop()
    case 'drain':
      return consumers().drain((request.input as LoadRequests['drain']['input']).sent)
  }
}

function reply(message: LoadReply): void {
  // The parent may have gone; `disconnect` ends this process then.
  process.send?.(message, undefined, undefined, () => {})
}

async function serve(request: LoadRequest): Promise<void> {
  const { id } = request
  try {
    reply({ kind: 'answer', id, output: (await answer(request)) ?? null })
  } catch (error) {
    reply({ kind: 'refusal', id, reason: (error as Error).message })
  }
}

process.on('message', (request) => void serve(request as LoadRequest))
process.on('disconnect', () => process.exit(0))
