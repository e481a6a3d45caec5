// Parses selectors by recursive descent, a method per line of this grammar:
//
//   or         and { OR and }
//   and        not { AND not }
//   not        NOT not | predicate
//   predicate  sum [ comparator sum | [NOT] BETWEEN sum AND sum | [NOT] IN ( item { , item } )
//                  | [NOT] LIKE string [ESCAPE string] | IS [NOT] NULL ]
//   sum        product { + - product }        product   sign { * / sign }
//   sign       + - sign | primary             primary   literal | identifier | ( or )
//
// It also holds the rules of kinds that need no message to judge: what stands where a condition or
// a number is wanted can be one. Invariant: a tree it returns compiles and prints without a check.

import { findLikeFault } from './like-pattern.ts'
import type { Numeric } from './numeric.ts'
import { selectorError } from './selector-error.ts'
import {
  type ArithmeticStep,
  type Comparator,
  type Expression,
  isCondition,
  isNumeric
} from './selector-expression.ts'
import { type Keyword, SelectorLexer, type SelectorSymbol, type Token } from './selector-lexer.ts'
import { selectorDepthMax, selectorListMax } from './selector-limits.ts'

const comparators: ReadonlySet<string> = new Set<Comparator>(['=', '<>', '<', '<=', '>', '>='])

/**
 * Parses a whole selector.
 * @throws PostroadError LOCAL_SELECTOR_INVALID naming the column and what was expected there
 */
export function parseExpression(text: string): Expression {
  return new SelectorParser(text).parse()
}

class SelectorParser {
  private readonly text: string
  private readonly lexer: SelectorLexer
  /** The token not used up yet. */
  private token: Token
  private depth = 0

  constructor(text: string) {
    this.text = text
    this.lexer = new SelectorLexer(text)
    this.token = this.lexer.next()
  }

  parse(): Expression {
    const expression = this.or()
    if (this.token.kind !== 'end') {
      const isWhole = isCondition(expression) && expression.kind !== 'identifier'
      throw this.expected(isWhole ? 'AND, OR or the end' : 'an operator or the end')
    }
    return this.condition(expression)
  }

  private or(): Expression {
    return this.chain('OR', 'or', () => this.and())
  }

  private and(): Expression {
    return this.chain('AND', 'and', () => this.not())
  }

  private chain(word: Keyword, kind: 'and' | 'or', next: () => Expression): Expression {
    const first = next()
    if (!this.isKeyword(word)) return first
    const terms: Expression[] = []
    this.addTerm(terms, kind, first)
    while (this.takeKeyword(word)) this.addTerm(terms, kind, next())
    return { kind, at: first.at, terms }
  }

  /** Adds a term; a chain of the same kind, which stood in parentheses, is taken in flat. */
  private addTerm(terms: Expression[], kind: 'and' | 'or', term: Expression): void {
    this.condition(term)
    if (term.kind === kind) terms.push(...term.terms)
    else terms.push(term)
  }

  private not(): Expression {
    const { at } = this.token
    if (!this.takeKeyword('NOT')) return this.predicate()
    this.descend(at)
    const term = this.condition(this.not())
    this.depth -= 1
    return { kind: 'not', at, term }
  }

  private predicate(): Expression {
    const left = this.sum()
    if (this.token.kind === 'symbol' && comparators.has(this.token.symbol)) {
      return this.comparison(left, this.token.symbol as Comparator)
    }
    if (this.takeKeyword('IS')) {
      const name = this.identifier(left, 'IS NULL')
      const isNegated = this.takeKeyword('NOT')
      this.expectKeyword('NULL', isNegated ? 'NULL' : 'NULL or NOT NULL')
      return { kind: 'is-null', at: left.at, isNegated, name }
    }
    const isNegated = this.takeKeyword('NOT')
    if (this.takeKeyword('BETWEEN')) return this.between(left, isNegated)
    if (this.takeKeyword('IN')) return this.in(left, isNegated)
    if (this.takeKeyword('LIKE')) return this.like(left, isNegated)
    if (isNegated) throw this.expected('BETWEEN, IN or LIKE after NOT')
    return left
  }

  private comparison(left: Expression, comparator: Comparator): Expression {
    const isOrder = comparator !== '=' && comparator !== '<>'
    if (isOrder) this.number(left, `for ${comparator}, which compares numbers only`)
    this.advance()
    if (this.isKeyword('NULL')) throw this.expected('a value (write IS NULL to ask for absence)')
    const right = this.sum()
    if (isOrder) this.number(right, `for ${comparator}, which compares numbers only`)
    return { kind: 'comparison', at: left.at, comparator, left, right }
  }

  private between(left: Expression, isNegated: boolean): Expression {
    const value = this.number(left, 'before BETWEEN')
    const low = this.number(this.sum(), 'after BETWEEN')
    this.expectKeyword('AND', 'AND and the upper bound of BETWEEN')
    const high = this.number(this.sum(), 'as the upper bound of BETWEEN')
    return { kind: 'between', at: left.at, isNegated, value, low, high }
  }

  private in(left: Expression, isNegated: boolean): Expression {
    const name = this.identifier(left, 'IN')
    this.expectSymbol('(', '( after IN')
    const items: (string | Numeric)[] = []
    do {
      if (items.length === selectorListMax) {
        throw this.fault(this.token.at, `expected at most ${selectorListMax} values in an IN list`)
      }
      items.push(this.item())
    } while (this.takeSymbol(','))
    this.expectSymbol(')', ', or ) in the IN list')
    return { kind: 'in', at: left.at, isNegated, name, items }
  }

  private item(): string | Numeric {
    const { token } = this
    if (token.kind === 'string') {
      this.advance()
      return token.text
    }
    const isNegative = this.takeSymbol('-')
    if (!isNegative) this.takeSymbol('+')
    const { token: digits } = this
    if (digits.kind !== 'number') throw this.expected('a string or a number in the IN list')
    this.advance()
    return isNegative ? -digits.value : digits.value
  }

  private like(left: Expression, isNegated: boolean): Expression {
    const name = this.identifier(left, 'LIKE')
    const { at } = this.token
    const pattern = this.string('a pattern in single quotes after LIKE')
    let escapeBy: string | undefined
    if (this.takeKeyword('ESCAPE')) {
      const { at: escapeAt } = this.token
      escapeBy = this.string('one character in single quotes after ESCAPE')
      if ([...escapeBy].length !== 1) {
        throw this.fault(escapeAt, 'expected exactly one character after ESCAPE')
      }
    }
    const fault = findLikeFault(pattern, escapeBy)
    if (fault !== undefined) throw this.fault(at, `expected ${fault}`)
    return { kind: 'like', at: left.at, isNegated, name, pattern, escapeBy }
  }

  private sum(): Expression {
    return this.arithmetic('sum', ['+', '-'], () => this.product())
  }

  private product(): Expression {
    return this.arithmetic('product', ['*', '/'], () => this.sign())
  }

  private arithmetic(
    kind: 'sum' | 'product',
    operators: readonly ArithmeticStep['operator'][],
    next: () => Expression
  ): Expression {
    const first = next()
    const steps: ArithmeticStep[] = []
    for (;;) {
      const operator = operators.find((symbol) => this.isSymbol(symbol))
      if (operator === undefined) break
      if (steps.length === 0) this.number(first, `left of ${operator}`)
      this.advance()
      steps.push({ operator, operand: this.number(next(), `right of ${operator}`) })
    }
    return steps.length === 0 ? first : { kind, at: first.at, first, steps }
  }

  private sign(): Expression {
    const { at } = this.token
    const sign = this.takeSymbol('-') ? '-' : this.takeSymbol('+') ? '+' : undefined
    if (sign === undefined) return this.primary()
    this.descend(at)
    const operand = this.number(this.sign(), `after the sign ${sign}`)
    this.depth -= 1
    if (operand.kind !== 'number') return { kind: 'sign', at, sign, operand }
    return { kind: 'number', at, value: sign === '-' ? -operand.value : operand.value }
  }

  private primary(): Expression {
    const { token } = this
    const { at } = token
    if (token.kind === 'identifier' || token.kind === 'string' || token.kind === 'number') {
      this.advance()
      return token
    }
    if (this.takeKeyword('TRUE')) return { kind: 'boolean', at, value: true }
    if (this.takeKeyword('FALSE')) return { kind: 'boolean', at, value: false }
    if (!this.takeSymbol('(')) throw this.expected('a value, a property name or (')
    this.descend(at)
    const inner = this.or()
    this.depth -= 1
    this.expectSymbol(')', 'an operator or )')
    return inner
  }

  private descend(at: number): void {
    this.depth += 1
    if (this.depth <= selectorDepthMax) return
    throw this.fault(
      at,
      `expected parentheses, NOT and signs nested at most ${selectorDepthMax} deep`
    )
  }

  private condition(expression: Expression): Expression {
    if (isCondition(expression)) return expression
    throw this.fault(
      expression.at,
      "expected a condition, found a value; compare it, as in price > 5 or color = 'red'"
    )
  }

  private number(expression: Expression, where: string): Expression {
    if (isNumeric(expression)) return expression
    throw this.fault(
      expression.at,
      `expected a number or a property ${where}; found ${nameOf(expression)}`
    )
  }

  private identifier(expression: Expression, operator: string): string {
    if (expression.kind === 'identifier') return expression.name
    throw this.fault(
      expression.at,
      `expected a property name before ${operator}, found ${nameOf(expression)}`
    )
  }

  private string(what: string): string {
    const { token } = this
    if (token.kind !== 'string') throw this.expected(what)
    this.advance()
    return token.text
  }

  private isKeyword(word: Keyword): boolean {
    return this.token.kind === 'keyword' && this.token.word === word
  }

  private isSymbol(symbol: SelectorSymbol): boolean {
    return this.token.kind === 'symbol' && this.token.symbol === symbol
  }

  private takeKeyword(word: Keyword): boolean {
    const isHere = this.isKeyword(word)
    if (isHere) this.advance()
    return isHere
  }

  private takeSymbol(symbol: SelectorSymbol): boolean {
    const isHere = this.isSymbol(symbol)
    if (isHere) this.advance()
    return isHere
  }

  private expectKeyword(word: Keyword, what: string): void {
    if (!this.takeKeyword(word)) throw this.expected(what)
  }

  private expectSymbol(symbol: SelectorSymbol, what: string): void {
    if (!this.takeSymbol(symbol)) throw this.expected(what)
  }

  private advance(): void {
    this.token = this.lexer.next()
  }

  private expected(what: string): Error {
    return this.fault(this.token.at, `expected ${what}, found ${nameOfToken(this.token)}`)
  }

  private fault(at: number, why: string): Error {
    return selectorError(this.text, at, why)
  }
}

function nameOf(expression: Expression): string {
  switch (expression.kind) {
    case 'string':
      return 'a string'
    case 'boolean':
      return expression.value ? 'TRUE' : 'FALSE'
    default:
      return isCondition(expression) ? 'a condition' : 'a number'
  }
}

function nameOfToken(token: Token): string {
  switch (token.kind) {
    case 'identifier':
      return `"${token.name.slice(0, 40)}"`
    case 'string':
      return 'a string'
    case 'number':
      return `the number ${token.value}`
    case 'keyword':
      return `the keyword ${token.word}`
    case 'symbol':
      return `"${token.symbol}"`
    default:
      return 'the end'
  }
}
