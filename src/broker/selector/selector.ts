// A parsed selector: asked once per message and consumer, so everything that can be settled when it
// is parsed is. It keeps nothing of the messages it judges.

import { PostroadError } from '../../base/index.ts'
import { type Condition, compileCondition, type PropertySource } from './compile-condition.ts'
import { printExpression } from './print-expression.ts'
import type { Expression } from './selector-expression.ts'
import { selectorBytesMax } from './selector-limits.ts'
import { parseExpression } from './selector-parser.ts'

/** A condition on a message's properties. Immutable; made by {@link parseSelector}. */
export class Selector {
  /** As the client wrote it. */
  readonly text: string
  /**
   * The same condition in one spelling: texts that differ only in blanks, case of keywords, `!=`
   * for `<>`, spelling of numbers or needless parentheses have the same. It parses to itself.
   */
  readonly normalised: string
  private readonly condition: Condition

  constructor(text: string, expression: Expression) {
    this.text = text
    this.normalised = printExpression(expression)
    this.condition = compileCondition(expression)
  }

  /** True when the condition is true; false and unknown do not match. Never throws. */
  matches(source: PropertySource): boolean {
    return this.condition(source) === true
  }
}

/**
 * Parses a selector. An empty text is no selector: callers ask first whether there is one.
 * @throws PostroadError LOCAL_SELECTOR_INVALID: its message names the column (counted from 1) and
 * what was expected, and shows the text with a caret line; `facts.column` is the column. A selector
 * over {@link selectorBytesMax} bytes, as given or normalised, has no column to blame
 */
export function parseSelector(text: string): Selector {
  checkLength(text, '')
  const selector = new Selector(text, parseExpression(text))
  // Brokers hand each other the normalised text, so that one must be within the bound as well.
  checkLength(selector.normalised, ' with its blanks and numbers written out')
  return selector
}

function checkLength(text: string, how: string): void {
  const bytes = Buffer.byteLength(text)
  if (bytes <= selectorBytesMax) return
  throw new PostroadError(
    'LOCAL_SELECTOR_INVALID',
    `selector is ${bytes} bytes long${how}; shorten it to at most ${selectorBytesMax} bytes`,
    { bytes, bytesMax: selectorBytesMax }
  )
}
