// Where brokers stand in a drawing. Distances on paper come as near as can be to the number of
// bridges between two brokers (stress majorization, after Gansner, Koren and North): a ring looks
// like a ring, and hubs stand in the middle. Without chance: a network always looks the same, which
// the force layout of echarts cannot promise.

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
  const moveMin = 0.001 * count
  for (let round = 0; round < roundsMax; round += 1) {
    let moved = 0
    for (let at = 0; at < count; at += 1) moved += improve(at, x, y, distances[at]!)
    if (moved < moveMin) break
  }
  turn(x, y)
  const placedX = spread(x)
  const placedY = spread(y)
  return placedX.map((left, at) => ({ x: left, y: placedY[at]! }))
}

/** Bridges to cross from one broker to each; where there is no way, more than any way could be. */
function distancesFrom(from: number, neighbours: readonly (readonly number[])[]): Float64Array {
  const distances = new Float64Array(neighbours.length).fill(-1)
  distances[from] = 0
  const order = [from]
  for (const at of order) {
    for (const next of neighbours[at]!) {
      if (distances[next] !== -1) continue
      distances[next] = distances[at]! + 1
      order.push(next)
    }
  }
  // The same seen from either side, though neither knows how large the other's part is.
  const apart = 2 + Math.sqrt(neighbours.length)
  return distances.map((distance) => (distance === -1 ? apart : distance))
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

/** Moves one broker to where the stress of its distances is least; answers how far that was. */
function improve(at: number, x: number[], y: number[], distances: Float64Array): number {
  const ownX = x[at]!
  const ownY = y[at]!
  let sumX = 0
  let sumY = 0
  let weights = 0
  for (let other = 0; other < distances.length; other += 1) {
    if (other === at) continue
    const wanted = distances[other]!
    const dx = ownX - x[other]!
    const dy = ownY - y[other]!
    const away = Math.sqrt(dx * dx + dy * dy)
    const weight = 1 / (wanted * wanted)
    const pull = away > 1e-9 ? wanted / away : 0
    sumX += weight * (x[other]! + dx * pull)
    sumY += weight * (y[other]! + dy * pull)
    weights += weight
  }
  if (weights === 0) return 0
  const newX = sumX / weights
  const newY = sumY / weights
  x[at] = newX
  y[at] = newY
  return Math.abs(newX - ownX) + Math.abs(newY - ownY)
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
