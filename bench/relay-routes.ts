// Who gets the messages of a destination, for the bare relay. Looks destinations up by their bytes,
// so that no string is made per message. Invariant: branches with one socket share that socket's
// batch, so a chunk costs one write per socket however many destinations it touches.

import { RelayBatch, type RelayOutlet } from './relay-batch.ts'

const idDigits = 10

/** The subscribers of one destination under one subscription id: all get the very same bytes. */
export class RelayBranch {
  readonly subscription: string
  readonly outlets: RelayOutlet[] = []
  /** Where messages for this branch are gathered. */
  batch: RelayBatch | undefined
  /** `MESSAGE` with the headers the relay adds; its message-id counts up in place. */
  readonly head: Buffer
  private readonly idEnd: number

  constructor(subscription: string) {
    this.subscription = subscription
    this.head = Buffer.from(
      `MESSAGE\nsubscription:${subscription}\nmessage-id:${'0'.repeat(idDigits)}\n`
    )
    this.idEnd = this.head.length - 2
  }

  /** Counts the message-id up by one. */
  countUp(): void {
    const { head } = this
    let at = this.idEnd
    while (head[at] === 57) head[at--] = 48
    head[at]!++
  }

  add(outlet: RelayOutlet): void {
    this.outlets.push(outlet)
    this.rebuild()
  }

  remove(outlet: RelayOutlet): void {
    const index = this.outlets.indexOf(outlet)
    if (index === -1) return
    this.outlets.splice(index, 1)
    this.rebuild()
  }

  private rebuild(): void {
    if (this.outlets.length === 0) this.batch = undefined
    else if (this.outlets.length === 1) this.batch = this.outlets[0]!.batch
    else this.batch = new RelayBatch([...this.outlets])
  }
}

interface Route {
  readonly destination: Buffer
  readonly branches: RelayBranch[]
}

const noBranches: readonly RelayBranch[] = []

/** All destinations that ever had a subscriber. */
export class RelayRoutes {
  private readonly byHash = new Map<number, Route[]>()
  /** The route found last: producers mostly send to the same destination again. */
  private last: Route | undefined

  /** Adds a subscriber. */
  subscribe(destination: Buffer, subscription: string, outlet: RelayOutlet): void {
    const hash = hashOf(destination, 0, destination.length)
    const routes = this.byHash.get(hash) ?? []
    this.byHash.set(hash, routes)
    let route = routes.find((candidate) => candidate.destination.equals(destination))
    if (route === undefined) {
      route = { destination, branches: [] }
      routes.push(route)
    }
    let branch = route.branches.find((candidate) => candidate.subscription === subscription)
    if (branch === undefined) {
      branch = new RelayBranch(subscription)
      route.branches.push(branch)
    }
    branch.add(outlet)
  }

  /** Removes a subscriber from everything. */
  leave(outlet: RelayOutlet): void {
    for (const routes of this.byHash.values()) {
      for (const route of routes) for (const branch of route.branches) branch.remove(outlet)
    }
  }

  /** The branches of the destination named by a range of `bytes`; empty when nobody wants it. */
  find(bytes: Buffer, start: number, end: number): readonly RelayBranch[] {
    const { last } = this
    if (last !== undefined && sameBytes(last.destination, bytes, start, end)) return last.branches
    const routes = this.byHash.get(hashOf(bytes, start, end))
    if (routes === undefined) return noBranches
    for (const route of routes) {
      if (!sameBytes(route.destination, bytes, start, end)) continue
      this.last = route
      return route.branches
    }
    return noBranches
  }
}

function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = end - start
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0
  return hash
}

function sameBytes(name: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false
  // From the end, where names of one family differ.
  for (let i = name.length - 1; i >= 0; i--) if (name[i] !== bytes[start + i]) return false
  return true
}
