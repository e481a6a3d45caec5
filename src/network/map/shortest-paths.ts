// Dijkstra's algorithm over a link graph: the shortest way from one broker to every other, along
// links that the broker before them sends over and that are not blocked. Messages pass through
// transit brokers only; a broker that is none can begin a path or end it.

import { Heap } from '../../base/index.ts'
import { type LinkGraph, otherEnd, sendsFrom } from './link-graph.ts'

interface Reached {
  readonly number: number
  readonly length: number
}

function isNearer(a: Reached, b: Reached): boolean {
  return a.length < b.length || (a.length === b.length && a.number < b.number)
}

/** The result, by broker number. */
export interface ShortestPaths {
  /** Length of the shortest path; Infinity where there is none. */
  readonly lengths: Float64Array
  /** The broker before the last on that path; -1 at the source and where there is none. */
  readonly previous: Int32Array
  /** Brokers reached, nearest first, the source at the head. */
  readonly reached: readonly number[]
}

/**
 * Finds the shortest paths from `source`.
 * @param blocked non-zero at the index of each link not to use; undefined blocks none
 */
export function findShortestPaths(
  graph: LinkGraph,
  source: number,
  blocked: Uint8Array | undefined
): ShortestPaths {
  const lengths = new Float64Array(graph.names.length).fill(Number.POSITIVE_INFINITY)
  const previous = new Int32Array(graph.names.length).fill(-1)
  const isSettled = new Uint8Array(graph.names.length)
  const reached: number[] = []
  const frontier = new Heap<Reached>(isNearer)
  lengths[source] = 0
  frontier.push({ number: source, length: 0 })
  for (let next = frontier.pop(); next !== undefined; next = frontier.pop()) {
    const at = next.number
    if (isSettled[at] === 1) continue
    isSettled[at] = 1
    reached.push(at)
    if (at !== source && !graph.isTransit[at]) continue
    for (const link of graph.linksAt[at]!) {
      if (!sendsFrom(link, at) || blocked?.[link.index] === 1) continue
      const to = otherEnd(link, at)
      const length = next.length + link.length
      const best = lengths[to]!
      if (length < best) {
        lengths[to] = length
        previous[to] = at
        frontier.push({ number: to, length })
      } else if (length === best && isSettled[to] === 0 && at < previous[to]!) {
        previous[to] = at
      }
    }
  }
  return { lengths, previous, reached }
}
