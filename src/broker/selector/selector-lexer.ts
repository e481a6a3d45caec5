// Cuts the text of a selector into tokens, one at a time, left to right. It knows nothing of
// grammar. Invariant: `at` of a token is its offset in the text as given, so faults name the right
// column.

import { exactInteger, type Numeric } from './numeric.ts'
import { selectorError } from './selector-error.ts'

/** The reserved words, in any case; no identifier may be one of them. */
export type Keyword =
  | 'AND'
  | 'BETWEEN'
  | 'ESCAPE'
  | 'FALSE'
  | 'IN'
  | 'IS'
  | 'LIKE'
  | 'NOT'
  | 'NULL'
  | 'OR'
  | 'TRUE'

/** Operators and punctuation; `!=` arrives as '<>'. */
export type SelectorSymbol =
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '('
  | ')'
  | ','

/** One token; `at` is its offset in UTF-16 units. */
export type Token =
  | { readonly kind: 'identifier'; readonly at: number; readonly name: string }
  | { readonly kind: 'string'; readonly at: number; readonly text: string }
  | { readonly kind: 'number'; readonly at: number; readonly value: Numeric }
  | { readonly kind: 'keyword'; readonly at: number; readonly word: Keyword }
  | { readonly kind: 'symbol'; readonly at: number; readonly symbol: SelectorSymbol }
  | { readonly kind: 'end'; readonly at: number }

const keywords: ReadonlySet<string> = new Set<Keyword>([
  'AND',
  'BETWEEN',
  'ESCAPE',
  'FALSE',
  'IN',
  'IS',
  'LIKE',
  'NOT',
  'NULL',
  'OR',
  'TRUE'
])

const symbolsByText = new Map<string, SelectorSymbol>([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
  ['+', '+'],
  ['-', '-'],
  ['*', '*'],
  ['/', '/'],
  ['(', '('],
  [')', ')'],
  [',', ',']
])

/** Prefix under which an identifier may hold hyphens, as ActiveMQ spells it. */
export const hyphensPrefix = 'hyphenated_props:'
/** Prefix ActiveMQ needs to read strings as numbers; here that is the rule, so it says nothing. */
const conversionPrefix = 'convert_string_expressions:'

// A Java identifier (Jakarta Messaging 3.8.1.1), and dots, which headers of other systems hold.
const identifier = /[\p{L}\p{Nl}\p{Sc}\p{Pc}][\p{L}\p{Nl}\p{Sc}\p{Pc}\p{Nd}\p{Mn}\p{Mc}.]*/uy
const hyphenatedIdentifier =
  /[\p{L}\p{Nl}\p{Sc}\p{Pc}][\p{L}\p{Nl}\p{Sc}\p{Pc}\p{Nd}\p{Mn}\p{Mc}.-]*/uy
const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
const blanks = /[ \t\n\r\f]*/y

/**
 * Digits of the largest whole number, and that number: the magnitude of the least 64-bit integer.
 */
const integerDigitsMax = 19
const integerMagnitudeMax = 2n ** 63n

/** Reads tokens off one selector text. */
export class SelectorLexer {
  private readonly text: string
  private readonly identifier: RegExp
  private at = 0

  constructor(text: string) {
    this.text = text
    let mayHoldHyphens = false
    for (;;) {
      this.skipBlanks()
      if (text.startsWith(hyphensPrefix, this.at)) {
        mayHoldHyphens = true
        this.at += hyphensPrefix.length
      } else if (text.startsWith(conversionPrefix, this.at)) {
        this.at += conversionPrefix.length
      } else {
        break
      }
    }
    this.identifier = mayHoldHyphens ? hyphenatedIdentifier : identifier
  }

  /**
   * The next token; 'end' again and again once the text is used up.
   * @throws PostroadError LOCAL_SELECTOR_INVALID for what is no token
   */
  next(): Token {
    this.skipBlanks()
    const { text, at } = this
    if (at >= text.length) return { kind: 'end', at: text.length }
    if (text[at] === "'") return this.string()
    const digits = this.match(number)
    if (digits !== undefined) return this.number(digits)
    const name = this.match(this.identifier)
    if (name !== undefined) {
      const word = name.toUpperCase()
      // Some letters beyond ASCII have ASCII capitals, and no keyword is spelt with them.
      if (keywords.has(word) && /^[A-Za-z]+$/.test(name))
        return { kind: 'keyword', at, word: word as Keyword }
      return { kind: 'identifier', at, name }
    }
    return this.symbol()
  }

  private string(): Token {
    const { text, at } = this
    let close = text.indexOf("'", at + 1)
    // A doubled quote is a quote within the string.
    while (close >= 0 && text[close + 1] === "'") close = text.indexOf("'", close + 2)
    if (close < 0) {
      throw selectorError(text, at, "the string that starts here has no end; close it with '")
    }
    this.at = close + 1
    return { kind: 'string', at, text: text.slice(at + 1, close).replaceAll("''", "'") }
  }

  private number(digits: string): Token {
    const at = this.at - digits.length
    const tail = this.match(this.identifier)
    if (tail !== undefined) {
      throw this.numberError(at, `found "${digits}${tail.slice(0, 20)}"`)
    }
    if (!/^\d+$/.test(digits)) {
      const value = Number(digits)
      if (Number.isFinite(value)) return { kind: 'number', at, value }
      throw this.numberError(at, 'this one is too large for a double')
    }
    if (digits.length > 1 && digits.startsWith('0')) {
      // Java reads 017 as octal 15, SQL as 17; guessing would match the wrong messages.
      throw this.numberError(at, 'a whole number may not start with 0')
    }
    if (digits.length > integerDigitsMax || BigInt(digits) > integerMagnitudeMax) {
      throw this.numberError(at, 'this one is over 64 bits; write it with an exponent')
    }
    return { kind: 'number', at, value: exactInteger(digits) }
  }

  private numberError(at: number, why: string): Error {
    return selectorError(this.text, at, `expected a decimal number such as 12, 1.5 or 2E3; ${why}`)
  }

  private symbol(): Token {
    const { text, at } = this
    const pair = symbolsByText.get(text.slice(at, at + 2))
    const symbol = pair ?? symbolsByText.get(text[at]!)
    if (symbol === undefined) {
      const hint = text[at] === '"' ? "; write a string in single quotes, as in 'red'" : ''
      throw selectorError(
        text,
        at,
        `expected a value or an operator, found ${shown(text, at)}${hint}`
      )
    }
    this.at = Math.min(at + (pair === undefined ? 1 : 2), text.length)
    return { kind: 'symbol', at, symbol }
  }

  private skipBlanks(): void {
    this.match(blanks)
  }

  /** What a sticky pattern matches here, taken off the text; undefined if nothing. */
  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }
}

function shown(text: string, at: number): string {
  const code = text.codePointAt(at)!
  const character = String.fromCodePoint(code)
  // Characters that cannot be seen are named by their code point.
  return /[\p{C}\p{Z}]/u.test(character)
    ? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    : `"${character}"`
}
