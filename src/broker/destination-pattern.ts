// Destination patterns: dot-separated names in which `*` stands for exactly one part and a final
// `>` for one part or more, as ActiveMQ spells them. `orders.>` therefore does not match `orders`.
// Names asked about are plain; a pattern that breaks the rules of naming (see destination.ts) is
// harmless here: it matches the names equal to it, part by part, or none.

/**
 * Names that start so belong to Postroad itself. Wildcards do not match them: whoever asks for
 * every queue means every queue of the applications.
 */
export const reservedPrefix = '_postroad.'

/** True when the pattern has a wildcard, false when it is a plain name. */
export function hasWildcard(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('>')
}

/** True when `pattern` matches the plain name `name`. */
export function patternMatches(pattern: string, name: string): boolean {
  if (!hasWildcard(pattern)) return pattern === name
  if (name.startsWith(reservedPrefix)) return false
  const wanted = pattern.split('.')
  const parts = name.split('.')
  const last = wanted.length - 1
  for (const [index, want] of wanted.entries()) {
    if (want === '>' && index === last) return parts.length > index
    if (index >= parts.length) return false
    if (want !== '*' && want !== parts[index]) return false
  }
  return wanted.length === parts.length
}

/**
 * A set of values filed under patterns, asked by plain name. Plain patterns cost one Map entry and
 * one lookup; only patterns with wildcards are split into parts, and a name only if there are any.
 */
export class PatternIndex<T> {
  private readonly plain = new Map<string, Values<T>>()
  private readonly root = new PatternNode<T>()
  private count = 0

  /** Values filed. */
  get size(): number {
    return this.count
  }

  /** Files `value` under `pattern`; filing it twice is the same as once. */
  add(pattern: string, value: T): void {
    if (this.valuesFor(pattern).add(value)) this.count += 1
  }

  /** Takes `value` out from under `pattern`; answers whether it was there. */
  remove(pattern: string, value: T): boolean {
    const isRemoved = hasWildcard(pattern)
      ? this.removeWild(pattern.split('.'), value)
      : this.removePlain(pattern, value)
    if (isRemoved) this.count -= 1
    return isRemoved
  }

  /** Every value filed, each once. */
  values(): T[] {
    const found = new Set<T>()
    for (const values of this.plain.values()) values.addTo(found)
    const nodes = [this.root]
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      node.addTo(found)
      if (node.children !== undefined) for (const child of node.children.values()) nodes.push(child)
    }
    return [...found]
  }

  /**
   * Every value filed under a pattern that matches `name`, each once, in order of filing per
   * pattern.
   */
  match(name: string): Set<T> {
    const found = new Set<T>()
    this.plain.get(name)?.addTo(found)
    if (this.root.children !== undefined && !name.startsWith(reservedPrefix)) {
      collect(this.root, name.split('.'), 0, found)
    }
    return found
  }

  private valuesFor(pattern: string): Values<T> {
    if (hasWildcard(pattern)) {
      let node = this.root
      for (const part of pattern.split('.')) node = node.childFor(part)
      return node
    }
    let values = this.plain.get(pattern)
    if (values === undefined) {
      values = new Values<T>()
      this.plain.set(pattern, values)
    }
    return values
  }

  private removePlain(pattern: string, value: T): boolean {
    const values = this.plain.get(pattern)
    if (values === undefined || !values.delete(value)) return false
    if (values.isEmpty) this.plain.delete(pattern)
    return true
  }

  private removeWild(parts: string[], value: T): boolean {
    const path: PatternNode<T>[] = [this.root]
    for (const part of parts) {
      const next = path[path.length - 1]!.children?.get(part)
      if (next === undefined) return false
      path.push(next)
    }
    if (!path[path.length - 1]!.delete(value)) return false
    for (let depth = parts.length; depth > 0 && path[depth]!.isUnused; depth -= 1) {
      path[depth - 1]!.drop(parts[depth - 1]!)
    }
    return true
  }
}

/** The values of one pattern. Most patterns have one, which needs no Set of its own. */
class Values<T> {
  private hasFirst = false
  private first: T | undefined = undefined
  private rest: Set<T> | undefined = undefined

  get isEmpty(): boolean {
    return !this.hasFirst
  }

  /** Answers whether the value is new here. */
  add(value: T): boolean {
    if (!this.hasFirst) {
      this.hasFirst = true
      this.first = value
      return true
    }
    if (this.first === value || this.rest?.has(value) === true) return false
    this.rest ??= new Set()
    this.rest.add(value)
    return true
  }

  /** Answers whether the value was here. */
  delete(value: T): boolean {
    if (!this.hasFirst) return false
    if (this.first !== value) return this.rest?.delete(value) ?? false
    // The oldest of the rest moves up, so that the order of filing stays.
    const next = this.rest?.values().next()
    if (next === undefined || next.done === true) {
      this.hasFirst = false
      this.first = undefined
      return true
    }
    this.first = next.value
    this.rest!.delete(next.value)
    return true
  }

  addTo(found: Set<T>): void {
    if (!this.hasFirst) return
    found.add(this.first as T)
    if (this.rest !== undefined) for (const value of this.rest) found.add(value)
  }
}

class PatternNode<T> extends Values<T> {
  children: Map<string, PatternNode<T>> | undefined = undefined

  get isUnused(): boolean {
    return this.isEmpty && this.children === undefined
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

  drop(part: string): void {
    this.children!.delete(part)
    if (this.children!.size === 0) this.children = undefined
  }
}

function collect<T>(node: PatternNode<T>, parts: string[], depth: number, found: Set<T>): void {
  if (depth === parts.length) {
    node.addTo(found)
    return
  }
  const { children } = node
  if (children === undefined) return
  children.get('>')?.addTo(found)
  const part = parts[depth]!
  const exact = part === '*' ? undefined : children.get(part)
  if (exact !== undefined) collect(exact, parts, depth + 1, found)
  const any = children.get('*')
  if (any !== undefined) collect(any, parts, depth + 1, found)
}
