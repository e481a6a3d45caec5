// Refuses text nested deeper than any topology file, before the YAML composer sees it. The composer
// recurses and its cost on hostile nesting is worse than quadratic (a few thousand brackets exhaust
// the process), so the tokens are counted first; the lexer that yields them keeps no such stack.

import { CST, Lexer } from 'yaml'

/** Open brackets and braces, and block indicators on one line. The format itself needs five. */
const depthMax = 16
/** Spaces before the first character of a line: what bounds nesting by indentation. */
const indentMax = 100

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
    if (type === 'flow-map-start' || type === 'flow-seq-start') flowDepth += 1
    else if (type === 'flow-map-end' || type === 'flow-seq-end') flowDepth -= 1
    else if (type === 'newline') indicators = 0
    else if (type === 'seq-item-ind' || type === 'map-value-ind')
      indicators += flowDepth > 0 ? 0 : 1
    else if (type === 'explicit-key-ind') return { offset, message: 'a key begins with "?"' }
    if (flowDepth > depthMax || indicators > depthMax) {
      return { offset, message: `maps and lists are nested more than ${depthMax} deep` }
    }
    // Marks of the lexer's own have no width in the text.
    if (type !== 'doc-mode' && type !== 'scalar' && type !== 'flow-error-end')
      offset += token.length
  }
  return undefined
}
