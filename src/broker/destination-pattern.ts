// Destination patterns: dot-separated names in which `*` stands for exactly one part and a final `>`
// for one part or more, as ActiveMQ spells them. `orders.>` therefore does not match `orders`.

/** True when the pattern has a wildcard, false when it is a plain name. */
export function hasWildcard(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('>')
}

/** True when `pattern` matches the plain name `name`. */
export function patternMatches(pattern: string, name: string): boolean {
  if (!hasWildcard(pattern)) return pattern === name
  const wanted = pattern.split('.')
  const parts = name.split('.')
  for (const [index, want] of wanted.entries()) {
    if (want === '>') return parts.length > index
    if (index >= parts.length) return false
    if (want !== '*' && want !== parts[index]) return false
  }
  return wanted.length === parts.length
}

/** A set of values filed under patterns, asked by plain name. Cost per question: parts of the name. */
export class PatternIndex<T> {
  private readonly root = new PatternNode<T>()
  private count = 0

  /** Values filed. */
  get size(): number {
    return this.count
  }

  /** Files `value` under `pattern`; filing it twice is the same as once. */
  add(pattern: string, value: T): void {
    let node = this.root
    for (const part of pattern.split('.')) node = node.childFor(part)
    if (node.values.has(value)) return
    node.values.add(value)
    this.count += 1
  }

  /** Takes `value` out from under `pattern`; answers whether it was there. */
  remove(pattern: string, value: T): boolean {
    const parts = pattern.split('.')
    const path: PatternNode<T>[] = [this.root]
    for (const part of parts) {
      const next = path[path.length - 1]!.children?.get(part)
      if (next === undefined) return false
      path.push(next)
    }
    if (!path[path.length - 1]!.values.delete(value)) return false
    this.count -= 1
    for (let depth = parts.length; depth > 0 && path[depth]!.isEmpty; depth -= 1) {
      path[depth - 1]!.children!.delete(parts[depth - 1]!)
    }
    return true
  }

  /** Every value filed, each once. */
  values(): T[] {
    const found = new Set<T>()
    const nodes = [this.root]
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      for (const value of node.values) found.add(value)
      if (node.children !== undefined) nodes.push(...node.children.values())
    }
    return [...found]
  }

  /** Every value filed under a pattern that matches `name`, each once, in order of filing per pattern. */
  match(name: string): Set<T> {
    const found = new Set<T>()
    collect(this.root, name.split('.'), 0, found)
    return found
  }
}

class PatternNode<T> {
  readonly values = new Set<T>()
  children: Map<string, PatternNode<T>> | undefined = undefined

  get isEmpty(): boolean {
    return this.values.size === 0 && (this.children === undefined || this.children.size === 0)
  }

  childFor(part: string): PatternNode<T> {
    this.children ??= new Map()
    let child = this.children.get(part)
    if (child === undefined) {
      child = new PatternNode<T>()
      this.children.set(part, child)
    }
    return child
  }
}

function collect<T>(node: PatternNode<T>, parts: string[], depth: number, found: Set<T>): void {
  if (depth === parts.length) {
    for (const value of node.values) found.add(value)
    return
  }
  const { children } = node
  if (children === undefined) return
  for (const value of children.get('>')?.values ?? []) found.add(value)
  const exact = children.get(parts[depth]!)
  if (exact !== undefined) collect(exact, parts, depth + 1, found)
  const any = children.get('*')
  if (any !== undefined) collect(any, parts, depth + 1, found)
}
