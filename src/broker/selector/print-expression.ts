// Writes a tree back as text in one way only: keywords in capitals, single blanks, no parentheses
// that the grammar does not need. Invariant: the text parses to a tree that prints the same text.

import { unreachable } from '../../base/index.ts'
import { type Numeric, writeNumeric } from './numeric.ts'
import type { Expression } from './selector-expression.ts'
import { hyphensPrefix } from './selector-lexer.ts'

/** How tightly each kind binds; a node inside one that binds tighter needs parentheses. */
const binding = {
  or: 1,
  and: 2,
  not: 3,
  comparison: 4,
  between: 4,
  in: 4,
  like: 4,
  'is-null': 4,
  sum: 5,
  product: 6,
  sign: 7,
  number: 7,
  string: 8,
  boolean: 8,
  identifier: 8
} as const satisfies Record<Expression['kind'], number>

/** The one text of a whole selector. */
export function printExpression(expression: Expression): string {
  const names: string[] = []
  const text = print(expression, binding.or, names)
  return names.some((name) => name.includes('-')) ? `${hyphensPrefix}${text}` : text
}

/** Prints `expression` where at least `least` must bind; notes the identifiers in `names`. */
function print(expression: Expression, least: number, names: string[]): string {
  const text = printBare(expression, names)
  return binding[expression.kind] < least ? `(${text})` : text
}

function printBare(expression: Expression, names: string[]): string {
  switch (expression.kind) {
    case 'string':
      return quote(expression.text)
    case 'number':
      return writeNumeric(expression.value)
    case 'boolean':
      return expression.value ? 'TRUE' : 'FALSE'
    case 'identifier':
      return noted(expression.name, names)
    case 'sign':
      return `${expression.sign} ${print(expression.operand, binding.sign, names)}`
    case 'sum':
    case 'product':
      return printSteps(expression, names)
    case 'comparison': {
      const left = print(expression.left, binding.sum, names)
      return `${left} ${expression.comparator} ${print(expression.right, binding.sum, names)}`
    }
    case 'between': {
      const value = print(expression.value, binding.sum, names)
      const low = print(expression.low, binding.sum, names)
      const high = print(expression.high, binding.sum, names)
      return `${value} ${negation(expression)}BETWEEN ${low} AND ${high}`
    }
    case 'in': {
      const items = expression.items.map(printItem).join(', ')
      return `${noted(expression.name, names)} ${negation(expression)}IN (${items})`
    }
    case 'like': {
      const ending =
        expression.escapeBy === undefined ? '' : ` ESCAPE ${quote(expression.escapeBy)}`
      const pattern = `${quote(expression.pattern)}${ending}`
      return `${noted(expression.name, names)} ${negation(expression)}LIKE ${pattern}`
    }
    case 'is-null':
      return `${noted(expression.name, names)} IS ${negation(expression)}NULL`
    case 'not':
      return `NOT ${print(expression.term, binding.not, names)}`
    case 'and':
      return expression.terms.map((term) => print(term, binding.not, names)).join(' AND ')
    case 'or':
      return expression.terms.map((term) => print(term, binding.and, names)).join(' OR ')
    default:
      return unreachable(expression)
  }
}

function printSteps(expression: Expression & { kind: 'sum' | 'product' }, names: string[]): string {
  const own = binding[expression.kind]
  let text = print(expression.first, own, names)
  for (const { operator, operand } of expression.steps) {
    text += ` ${operator} ${print(operand, own + 1, names)}`
  }
  return text
}

function printItem(item: string | Numeric): string {
  return typeof item === 'string' ? quote(item) : writeNumeric(item)
}

function negation(expression: { readonly isNegated: boolean }): string {
  return expression.isNegated ? 'NOT ' : ''
}

function noted(name: string, names: string[]): string {
  names.push(name)
  return name
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
