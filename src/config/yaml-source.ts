// A YAML text as plain values that still know where they were written. Keys keep the file's order
// (objects would move integer-like ones), aliases are followed, and what YAML allows beyond maps
// with plain keys, lists and scalars is reported. It knows nothing of topologies.

import type { Document, Node, YAMLMap } from 'yaml'
import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import { messageOf } from '../base/index.ts'
import { findNestingFault } from './yaml-nesting.ts'

/** Where in the structure: keys and list positions from the top. */
export type YamlPath = readonly (string | number)[]

/** Told of each thing wrong with the YAML itself. `offset` is in the text. */
export type YamlFaultHandler = (offset: number, message: string, suggestion?: string) => void

/** Longest text, in UTF-16 code units. */
export const textLengthMax = 1_048_576
/** Values in one file after following aliases: stops aliases of aliases from multiplying. */
const nodesMax = 200_000

/** One parsed YAML text. */
export class YamlSource {
  /** The whole as plain objects, arrays and scalars; null for an empty text. */
  readonly value: unknown
  private readonly root: Node | null
  private readonly doc: Document
  private nodesLeft = nodesMax

  private constructor(doc: Document, root: Node | null, onFault: YamlFaultHandler) {
    this.doc = doc
    this.root = root
    this.value = this.toPlain(this.root, new Set(), onFault)
  }

  /** Parses `text`; undefined when it is so broken that its values mean nothing. */
  static parse(text: string, onFault: YamlFaultHandler): YamlSource | undefined {
    if (text.length > textLengthMax) {
      onFault(textLengthMax, `the file is longer than ${textLengthMax} characters`)
      return undefined
    }
    const nesting = findNestingFault(text)
    if (nesting !== undefined) {
      onFault(nesting.offset, nesting.message, 'write maps as "key: value", one below the other')
      return undefined
    }
    try {
      const doc = parseDocument(text, { prettyErrors: false })
      for (const { code, pos, message } of [...doc.errors, ...doc.warnings]) {
        onFault(pos[0], code === 'MULTIPLE_DOCS' ? 'a second document begins here' : message)
      }
      // A key given twice leaves the rest readable; any other fault makes guesses of what follows.
      if (doc.errors.some((error) => error.code !== 'DUPLICATE_KEY')) return undefined
      return new YamlSource(doc, doc.contents, onFault)
    } catch (error) {
      onFault(0, `the file cannot be read as YAML: ${messageOf(error)}`)
      return undefined
    }
  }

  /** The part at `path` as a text of its own; places are those in the whole text. */
  part(path: YamlPath): YamlSource {
    // What is wrong with it was told when the whole was parsed.
    return new YamlSource(this.doc, this.nodeAt(path) ?? null, () => {})
  }

  /** Keys of the map at `path`, in the file's order, each once; empty when there is no map. */
  keysOf(path: YamlPath): string[] {
    const node = this.nodeAt(path)
    if (!isMap(node)) return []
    const keys = new Set<string>()
    for (const pair of node.items) {
      const key = keyText(pair.key)
      if (key !== undefined) keys.add(key)
    }
    return [...keys]
  }

  /**
   * Where something was written: the value at `path`, or with `part` 'key' the key it stands under.
   * What is not in the text is sought at its parent.
   */
  offsetOf(path: YamlPath, part: 'key' | 'value'): number {
    const parentPath = path.slice(0, -1)
    const last = path[path.length - 1]
    if (last === undefined) return this.root?.range?.[0] ?? 0
    const parent = this.nodeAt(parentPath)
    if (isMap(parent)) {
      const pair = findPair(parent, String(last))
      const value = pair?.value as Node | null | undefined
      const key = pair?.key as Node | null | undefined
      // An empty value has no place of its own: its key is where the eye should go.
      const isEmpty = isScalar(value) && value.value === null && value.source === ''
      const chosen = part === 'key' || isEmpty || value == null ? key : value
      const offset = chosen?.range?.[0]
      if (offset !== undefined) return offset
    }
    if (isSeq(parent)) {
      const item = parent.items[Number(last)] as Node | undefined
      if (item?.range != null) return item.range[0]
    }
    return this.offsetOf(parentPath, 'key')
  }

  private nodeAt(path: YamlPath): Node | null | undefined {
    let node: Node | null | undefined = this.follow(this.root)
    for (const step of path) {
      if (isMap(node)) node = findPair(node, String(step))?.value as Node | null | undefined
      else if (isSeq(node)) node = node.items[Number(step)] as Node | undefined
      else return undefined
      node = this.follow(node)
    }
    return node
  }

  private follow(node: Node | null | undefined): Node | null | undefined {
    return isAlias(node) ? node.resolve(this.doc) : node
  }

  private toPlain(node: unknown, open: Set<unknown>, onFault: YamlFaultHandler): unknown {
    this.nodesLeft -= 1
    if (this.nodesLeft < 0) throw new Error(`it expands to more than ${nodesMax} values`)
    if (isAlias(node)) {
      const target = node.resolve(this.doc)
      const offset = node.range?.[0] ?? 0
      if (target === undefined) onFault(offset, `alias "*${node.source}" has no anchor before it`)
      else if (open.has(target)) onFault(offset, `alias "*${node.source}" stands for itself`)
      else return this.toPlain(target, open, onFault)
      return undefined
    }
    if (isScalar(node)) return node.value
    if (!isMap(node) && !isSeq(node)) return null
    open.add(node)
    const value = isMap(node)
      ? this.toObject(node, open, onFault)
      : node.items.map((item) => this.toPlain(item, open, onFault))
    open.delete(node)
    return value
  }

  private toObject(map: YAMLMap, open: Set<unknown>, onFault: YamlFaultHandler): unknown {
    const object: Record<string, unknown> = {}
    for (const pair of map.items) {
      const key = keyText(pair.key)
      const offset = (pair.key as Node | null)?.range?.[0] ?? map.range?.[0] ?? 0
      if (key === undefined) onFault(offset, 'a key is not a plain word')
      else if (key === '__proto__') onFault(offset, 'key "__proto__" is not known')
      else object[key] = this.toPlain(pair.value, open, onFault)
    }
    return object
  }
}

/** A key as it was written: `007` stays `007` though YAML makes it the number 7. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined
  if (typeof key.value === 'string') return key.value
  return key.source === undefined || key.source === '' ? undefined : key.source
}

function findPair(map: YAMLMap, key: string): YAMLMap['items'][number] | undefined {
  return map.items.find((pair) => keyText(pair.key) === key)
}
