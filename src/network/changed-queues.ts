// Patterns of queues whose demand has changed since the proxies were last brought up to date, and
// the queues here that they stand for.

import { type Broker, hasWildcard, patternMatches, type Queue } from '../broker/index.ts'

/** See the top of this file. */
export class ChangedQueues {
  private readonly patterns = new Set<string>()

  add(pattern: string): void {
    this.patterns.add(pattern)
  }

  clear(): void {
    this.patterns.clear()
  }

  /** Those of a broker's queues that some pattern stands for, each once. */
  among(queues: Broker['queues']): Queue[] {
    const found: Queue[] = []
    const wild: string[] = []
    for (const pattern of this.patterns) {
      if (hasWildcard(pattern)) {
        wild.push(pattern)
        continue
      }
      const queue = queues.find(pattern)
      if (queue !== undefined) found.push(queue)
    }
    if (wild.length === 0) return found
    for (const queue of queues.named()) {
      const isWild = wild.some((pattern) => patternMatches(pattern, queue.name))
      if (isWild && !this.patterns.has(queue.name)) found.push(queue)
    }
    return found
  }
}
