// One TypeScript file, parsed: what it imports, its functions, the names it uses freely, and the
// names it declares. The rules of the house are judged on this, not on the text.

import { posix } from 'node:path'
import { parse } from '@babel/parser'

/** One import, or export from another module. */
export interface ImportUse {
  readonly specifier: string
  /** Path of the file imported, from the top; undefined for packages and Node's modules. */
  readonly path: string | undefined
  /** True for `import type` and `export type`, which leave nothing behind in JavaScript. */
  readonly isTypeOnly: boolean
  readonly line: number
}

/** A function, method, accessor or signature. */
export interface FunctionUse {
  readonly name: string
  readonly line: number
  readonly lines: number
  readonly parameters: number
}

/** A name used without a qualifier, or one of the form `Math.random`. */
export interface NameUse {
  readonly name: string
  readonly line: number
}

/** A parsed file. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly imports: readonly ImportUse[]
  /**
   * Files it starts in a thread or process of their own, by `new URL('./x.js', import.meta.url)`.
   */
  readonly started: readonly string[]
  readonly functions: readonly FunctionUse[]
  readonly names: readonly NameUse[]
  /** Functions, classes and constants of the file, and members of classes as `Class.member`. */
  readonly declared: ReadonlySet<string>
  /** What the parser says is wrong. */
  readonly faults: readonly string[]
}

/** A node of the syntax tree, as far as the rules look at it. */
interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** Parses one file. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, errors } = parse(text, {
    sourceType: 'module',
    errorRecovery: true,
    createImportExpressions: true,
    plugins: ['typescript', ['estree', { classFeatures: true }]]
  })
  const root = program as unknown as SyntaxNode
  const lineOf = lineFinder(text)
  const reader = new TreeReader(path, lineOf)
  reader.visit(root, undefined, '', undefined)
  return {
    path,
    text,
    imports: reader.imports,
    started: reader.started,
    functions: reader.functions,
    names: reader.names,
    declared: reader.declared,
    faults: (errors ?? []).map((error) => `${path}: ${error.code}: ${error.reasonCode}`)
  }
}

const functionTypes = new Set([
  'ArrowFunctionExpression',
  'FunctionDeclaration',
  'FunctionExpression',
  'TSDeclareFunction',
  'TSEmptyBodyFunctionExpression',
  'TSFunctionType',
  'TSMethodSignature'
])

const importTypes = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType'
])

const memberTypes = new Set([
  'MethodDefinition',
  'PropertyDefinition',
  'TSAbstractMethodDefinition',
  'TSAbstractPropertyDefinition',
  'TSMethodSignature',
  'TSPropertySignature'
])

/** Nodes whose field of that name holds a label, not a use of a name. */
const labelFields = new Map<string, ReadonlySet<string>>([
  ['Property', new Set(['key'])],
  ['MemberExpression', new Set(['property'])],
  ['TSQualifiedName', new Set(['right'])],
  ['ImportSpecifier', new Set(['imported', 'local'])],
  ['ExportSpecifier', new Set(['local', 'exported'])],
  ['LabeledStatement', new Set(['label'])],
  ['BreakStatement', new Set(['label'])],
  ['ContinueStatement', new Set(['label'])],
  ...[...memberTypes].map((type): [string, ReadonlySet<string>] => [type, new Set(['key'])])
])

class TreeReader {
  readonly imports: ImportUse[] = []
  readonly started: string[] = []
  readonly functions: FunctionUse[] = []
  readonly names: NameUse[] = []
  readonly declared = new Set<string>()
  private readonly path: string
  private readonly lineOf: (offset: number) => number

  constructor(path: string, lineOf: (offset: number) => number) {
    this.path = path
    this.lineOf = lineOf
  }

  visit(node: SyntaxNode, parent: SyntaxNode | undefined, field: string, owner?: string): void {
    if (importTypes.has(node.type)) this.noteImport(node)
    if (functionTypes.has(node.type)) this.noteFunction(node, parent)
    if (node.type === 'NewExpression') this.noteStart(node)
    if (node.type === 'Identifier') this.noteName(node, parent, field)
    if (node.type === 'MemberExpression') this.noteQualifiedName(node)
    const inner = this.noteDeclaration(node, owner)
    for (const key of Object.keys(node)) {
      const value = node[key]
      if (Array.isArray(value)) {
        for (const item of value) if (isNode(item)) this.visit(item, node, key, inner)
      } else if (isNode(value)) {
        this.visit(value, node, key, inner)
      }
    }
  }

  private noteImport(node: SyntaxNode): void {
    const source = (node.source ?? node.argument) as SyntaxNode | null | undefined
    if (typeof source?.value !== 'string') return
    const specifier = source.value
    const isRelative = specifier.startsWith('.')
    this.imports.push({
      specifier,
      path: isRelative ? posix.join(posix.dirname(this.path), specifier) : undefined,
      isTypeOnly:
        node.importKind === 'type' || node.exportKind === 'type' || node.type === 'TSImportType',
      line: this.lineOf(node.start)
    })
  }

  private noteStart(node: SyntaxNode): void {
    const [url, base] = node.arguments as readonly SyntaxNode[]
    const isOfThisFile = nameOf(node.callee) === 'URL' && base?.type === 'MemberExpression'
    if (!isOfThisFile || typeof url?.value !== 'string' || !url.value.endsWith('.js')) return
    const source = url.value.replace(/\.js$/, '.ts')
    this.started.push(posix.join(posix.dirname(this.path), source))
  }

  private noteFunction(node: SyntaxNode, parent: SyntaxNode | undefined): void {
    const parameters = (node.params ?? node.parameters) as readonly SyntaxNode[]
    this.functions.push({
      name: nameOf(node.id) ?? nameOf(node.key) ?? nameOf(parent?.key) ?? 'a function',
      line: this.lineOf(node.start),
      lines: this.lineOf(node.end) - this.lineOf(node.start) + 1,
      parameters: parameters.filter((parameter) => parameter.name !== 'this').length
    })
  }

  private noteName(node: SyntaxNode, parent: SyntaxNode | undefined, field: string): void {
    const isLabel = parent !== undefined && labelFields.get(parent.type)?.has(field) === true
    if (isLabel && parent.computed !== true) return
    this.names.push({ name: node.name as string, line: this.lineOf(node.start) })
  }

  private noteQualifiedName(node: SyntaxNode): void {
    const object = nameOf(node.object)
    const property = nameOf(node.property)
    if (object === undefined || property === undefined || node.computed === true) return
    this.names.push({ name: `${object}.${property}`, line: this.lineOf(node.start) })
  }

  /** Notes what the node declares; answers the class or interface its inside belongs to. */
  private noteDeclaration(node: SyntaxNode, owner: string | undefined): string | undefined {
    const name = nameOf(node.id)
    switch (node.type) {
      case 'ClassDeclaration':
      case 'TSInterfaceDeclaration':
        if (name !== undefined) this.declared.add(name)
        return name
      case 'FunctionDeclaration':
      case 'VariableDeclarator':
        if (name !== undefined && owner === undefined) this.declared.add(name)
        return owner
      default: {
        const member = memberTypes.has(node.type) ? nameOf(node.key) : undefined
        if (member !== undefined && owner !== undefined) this.declared.add(`${owner}.${member}`)
        return owner
      }
    }
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  if (node.type === 'Identifier') return node.name as string
  return node.type === 'PrivateIdentifier' ? `#${String(node.name)}` : undefined
}

/** Answers the line, counted from 1, of an offset in `text`. */
function lineFinder(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}
