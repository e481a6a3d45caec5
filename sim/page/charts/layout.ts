// Where brokers stand in a drawing. Distances on paper come as near as can be to the number of
// bridges between two brokers (stress majorization, after Gansner, Koren and North), so that a ring
// looks like a ring and hubs stand in the middle. The same network always looks the same: no chance,
// unlike the layout that echarts has.

/** A place; both from 0 to 1. */
export interface Place {
  readonly x: number
  readonly y: number
}

/** Ends of a bridge, as positions in the list of brokers. */
export type Edge = readonly [number, number]

/** Most rounds; small networks have settled long before. */
const roundsMax = 120

/** A place for each of `count` brokers, in order. */
export function layOut(count: number, edges: readonly Edge[]): Place[] {
  const neighbours: number[][] = Array.from({ length: count }, () => [])
  for (const [a, b] of edges) {
    neighbours[a]?.push(b)
    neighbours[b]?.push(a)
  }
  const distances = neighbours.map((_, from) => distancesFrom(from, neighbours))
  const { x, y } = startingPlaces(neighbours)
  for (let round = 0; round < roundsMax; round += 1) {
    for (let at = 0; at < count; at += 1) improve(at, x, y, distances)
  }
  turn(x, y)
  const placedX = spread(x)
  const placedY = spread(y)
  return placedX.map((left, at) => ({ x: left, y: placedY[at]! }))
}

/** Bridges to cross from one broker to each; one more than the farthest where there is no way. */
function distancesFrom(from: number, neighbours: readonly (readonly number[])[]): number[] {
  const distances = neighbours.map(() => Number.POSITIVE_INFINITY)
  distances[from] = 0
  const order = [from]
  for (const at of order) {
    for (const next of neighbours[at]!) {
      if (distances[next] !== Number.POSITIVE_INFINITY) continue
      distances[next] = distances[at]! + 1
      order.push(next)
    }
  }
  const farthest = distances[order.at(-1)!]! + 1
  return distances.map((distance) => (Number.isFinite(distance) ? distance : farthest + 1))
}

/** A circle in the order of a walk, those with more bridges nearer to its middle. */
function startingPlaces(neighbours: readonly (readonly number[])[]): { x: number[]; y: number[] } {
  const count = neighbours.length
  const order: number[] = []
  const seen = new Set<number>()
  for (let start = 0; start < count; start += 1) {
    const stack = [start]
    while (stack.length > 0) {
      const at = stack.pop()!
      if (seen.has(at)) continue
      seen.add(at)
      order.push(at)
      stack.push(...neighbours[at]!.toReversed())
    }
  }
  const x = new Array<number>(count).fill(0)
  const y = new Array<number>(count).fill(0)
  for (const [turns, at] of order.entries()) {
    const angle = (2 * Math.PI * turns) / count
    const radius = 1 + Math.sqrt(count) / (1 + neighbours[at]!.length)
    x[at] = radius * Math.cos(angle)
    y[at] = radius * Math.sin(angle)
  }
  return { x, y }
}

/** Moves one broker to where the stress of its distances to all others is least. */
function improve(
  at: number,
  x: number[],
  y: number[],
  distances: readonly (readonly number[])[]
): void {
  let sumX = 0
  let sumY = 0
  let weights = 0
  for (let other = 0; other < x.length; other += 1) {
    if (other === at) continue
    // The nearer of two views, should one way be known and the other not.
    const wanted = Math.min(distances[at]![other]!, distances[other]![at]!)
    const dx = x[at]! - x[other]!
    const dy = y[at]! - y[other]!
    const away = Math.hypot(dx, dy)
    const weight = 1 / (wanted * wanted)
    const pull = away > 1e-9 ? wanted / away : 0
    sumX += weight * (x[other]! + dx * pull)
    sumY += weight * (y[other]! + dy * pull)
    weights += weight
  }
  if (weights === 0) return
  x[at] = sumX / weights
  y[at] = sumY / weights
}

/** Turns a drawing so that its longest way lies flat: pages are wider than high. */
function turn(x: number[], y: number[]): void {
  const middleX = mean(x)
  const middleY = mean(y)
  let xx = 0
  let yy = 0
  let xy = 0
  for (const [at, left] of x.entries()) {
    xx += (left - middleX) ** 2
    yy += (y[at]! - middleY) ** 2
    xy += (left - middleX) * (y[at]! - middleY)
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  for (const [at, left] of [...x].entries()) {
    const dx = left - middleX
    const dy = y[at]! - middleY
    x[at] = dx * cos + dy * sin
    y[at] = dy * cos - dx * sin
  }
}

function spread(values: readonly number[]): number[] {
  const least = Math.min(...values)
  const extent = Math.max(...values) - least
  return values.map((value) => (extent < 1e-6 ? 0.5 : (value - least) / extent))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
