// Refuses text nested deeper than any topology file, before the YAML composer sees it. The composer
// recurses and its cost on hostile nesting is worse than quadratic (a few thousand brackets exhaust
// the process), so the tokens are counted first; the lexer that yields them keeps no such stack.

import { CST, Lexer } from 'yaml'

/** Open brackets and braces, and block indicators on one line. The format itself needs five. */
const depthMax = 16
/** Spaces before the first character of a line: what bounds nesting by indentation. */
const indentMax = 100

/** Marks of the lexer's own, which have no width in the text. */
const widthless = new Set<string | null>(['doc-mode', 'scalar', 'flow-error-end'])

/** What is nested too deep, and where. */
export interface NestingFault {
  /** Offset in the text. */
  readonly offset: number
  readonly message: string
}

/** The first place where `text` is nested too deep or has a `?` key, or undefined. */
export function findNestingFault(text: string): NestingFault | undefined {
  const indent = new RegExp(`^ {${indentMax + 1}}`, 'm').exec(text)
  if (indent !== null) {
    return { offset: indent.index, message: `a line is indented by more than ${indentMax} spaces` }
  }
  let offset = 0
  let flowDepth = 0
  let indicators = 0
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token)
    switch (type) {
      case 'flow-map-start':
      case 'flow-seq-start':
        flowDepth += 1
        break
      case 'flow-map-end':
      case 'flow-seq-end':
        // A stray closing bracket must not buy room for opening ones.
        flowDepth = Math.max(0, flowDepth - 1)
        break
      case 'newline':
        indicators = 0
        break
      case 'seq-item-ind':
      case 'map-value-ind':
        if (flowDepth === 0) indicators += 1
        break
      case 'explicit-key-ind':
        return { offset, message: 'a key begins with "?"' }
    }
    if (flowDepth > depthMax || indicators > depthMax) {
      return { offset, message: `maps and lists are nested more than ${depthMax} deep` }
    }
    if (!widthless.has(type)) offset += token.length
  }
  return undefined
}
