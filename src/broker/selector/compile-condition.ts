// Turns the tree of a selector into closures that answer true, false or unknown about a message.
// It never parses selector text and never throws while evaluating: a value of the wrong kind makes
// a comparison false and arithmetic NULL. Truth is a boolean; undefined is SQL's unknown.

import { assert, unreachable } from '../../base/index.ts'
import { compileLike } from './like-pattern.ts'
import { type Numeric, readNumeric } from './numeric.ts'
import type { ArithmeticStep, Comparator, Expression } from './selector-expression.ts'

/** Values by property name; undefined means absent (NULL). */
export interface PropertySource {
  property(name: string): string | number | boolean | undefined
}

/** True, false, or undefined for unknown. */
export type Truth = boolean | undefined

/** A compiled condition. */
export type Condition = (source: PropertySource) => Truth

type Value = string | boolean | Numeric | undefined
type ValueReader = (source: PropertySource) => Value
type NumberReader = (source: PropertySource) => Numeric | undefined
type OrderTest = (left: Numeric, right: Numeric) => boolean

/** Compiles a node that may stand as a condition. */
export function compileCondition(expression: Expression): Condition {
  switch (expression.kind) {
    case 'boolean': {
      const { value } = expression
      return () => value
    }
    case 'identifier': {
      const { name } = expression
      return (source) => readBoolean(source.property(name))
    }
    case 'comparison':
      return compileComparison(expression)
    case 'between':
      return compileBetween(expression)
    case 'in':
      return compileIn(expression)
    case 'like':
      return compileLikeCondition(expression)
    case 'is-null': {
      const { name, isNegated } = expression
      return (source) => (source.property(name) === undefined) !== isNegated
    }
    case 'not': {
      const term = compileCondition(expression.term)
      return (source) => not(term(source))
    }
    case 'and':
      return compileChain(expression.terms.map(compileCondition), false)
    case 'or':
      return compileChain(expression.terms.map(compileCondition), true)
    default:
      assert(false, 'the parser puts conditions where conditions belong')
  }
}

/** AND stops at the first false, OR at the first true; unknown stands if nothing stopped it. */
function compileChain(terms: readonly Condition[], stop: boolean): Condition {
  return (source) => {
    let truth: Truth = !stop
    for (let index = 0; index < terms.length; index += 1) {
      const term = terms[index]!(source)
      if (term === stop) return stop
      if (term === undefined) truth = undefined
    }
    return truth
  }
}

function compileComparison({ comparator, left, right }: Expression & { kind: 'comparison' }) {
  if (comparator === '=' || comparator === '<>') {
    const isWantedEqual = comparator === '='
    if (right.kind === 'string') return compileStringEquality(left, right.text, isWantedEqual)
    if (left.kind === 'string') return compileStringEquality(right, left.text, isWantedEqual)
    return compileEquality(left, right, isWantedEqual)
  }
  const test = orderTests[comparator]
  const readRight = compileValue(right)
  const readLeft = compileValue(left)
  return (source: PropertySource) => order(readLeft(source), readRight(source), test)
}

const orderTests: Readonly<Record<Exclude<Comparator, '=' | '<>'>, OrderTest>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right
}

function order(left: Value, right: Value, test: OrderTest): Truth {
  if (left === undefined || right === undefined) return undefined
  const leftNumber = toNumeric(left)
  if (leftNumber === undefined) return false
  const rightNumber = toNumeric(right)
  return rightNumber !== undefined && test(leftNumber, rightNumber)
}

/** A string literal is never anything but a string: only a string can be like it. */
function compileStringEquality(other: Expression, text: string, isWantedEqual: boolean): Condition {
  if (other.kind === 'identifier') {
    const { name } = other
    return (source) => equalsString(source.property(name), text, isWantedEqual)
  }
  const read = compileValue(other)
  return (source) => equalsString(read(source), text, isWantedEqual)
}

function equalsString(value: Value, text: string, isWantedEqual: boolean): Truth {
  if (value === undefined) return undefined
  return typeof value === 'string' && (value === text) === isWantedEqual
}

function compileEquality(left: Expression, right: Expression, isWantedEqual: boolean): Condition {
  const readLeft = compileValue(left)
  const readRight = compileValue(right)
  return (source) => {
    const leftValue = readLeft(source)
    const rightValue = readRight(source)
    if (leftValue === undefined || rightValue === undefined) return undefined
    // Of two kinds, a property's string is read as the other kind.
    const leftAlike = readAs(leftValue, rightValue)
    const rightAlike = readAs(rightValue, leftValue)
    if (leftAlike === undefined || rightAlike === undefined) return false
    return (leftAlike === rightAlike) === isWantedEqual
  }
}

/** `value` in the kind of `model`; undefined when it cannot be had. */
function readAs(value: Value, model: Value): Value {
  switch (typeof model) {
    case 'string':
      // The string gives way to the other kind, so a value that is no string stays what it is.
      return value
    case 'boolean':
      return readBoolean(value)
    default:
      return toNumeric(value)
  }
}

function compileBetween(expression: Expression & { kind: 'between' }): Condition {
  const readValue = compileValue(expression.value)
  const readLow = compileValue(expression.low)
  const readHigh = compileValue(expression.high)
  // Jakarta Messaging 3.8.1.1: NOT BETWEEN is `value < low OR value > high`.
  if (expression.isNegated) {
    return (source) => {
      const value = readValue(source)
      const isUnder = order(value, readLow(source), orderTests['<'])
      if (isUnder === true) return true
      const isOver = order(value, readHigh(source), orderTests['>'])
      return isOver === true ? true : isUnder === undefined ? undefined : isOver
    }
  }
  return (source) => {
    const value = readValue(source)
    const isOverLow = order(value, readLow(source), orderTests['>='])
    if (isOverLow === false) return false
    const isUnderHigh = order(value, readHigh(source), orderTests['<='])
    return isUnderHigh === false ? false : isOverLow === undefined ? undefined : isUnderHigh
  }
}

function compileIn({ name, items, isNegated }: Expression & { kind: 'in' }): Condition {
  const strings = new Set<Value>()
  const numbers = new Set<Value>()
  for (const item of items) (typeof item === 'string' ? strings : numbers).add(item)
  return (source) => {
    const value = source.property(name)
    if (value === undefined) return undefined
    const isListed = strings.has(value) || (numbers.size > 0 && numbers.has(toNumeric(value)))
    return isListed !== isNegated
  }
}

function compileLikeCondition(expression: Expression & { kind: 'like' }): Condition {
  const { name, isNegated } = expression
  const matches = compileLike(expression.pattern, expression.escapeBy)
  return (source) => {
    const value = source.property(name)
    if (value === undefined) return undefined
    return (typeof value === 'string' && matches(value)) !== isNegated
  }
}

function compileValue(expression: Expression): ValueReader {
  switch (expression.kind) {
    case 'number': {
      const { value } = expression
      return () => value
    }
    case 'string': {
      const { text } = expression
      return () => text
    }
    case 'identifier': {
      const { name } = expression
      return (source) => source.property(name)
    }
    case 'sign':
    case 'sum':
    case 'product':
      return compileNumber(expression)
    default:
      return compileCondition(expression)
  }
}

/** Arithmetic: what is absent or no number is NULL, and NULL makes the whole NULL. */
function compileNumber(expression: Expression): NumberReader {
  switch (expression.kind) {
    case 'sign': {
      const read = compileNumber(expression.operand)
      if (expression.sign === '+') return read
      return (source) => {
        const value = read(source)
        return value === undefined ? undefined : -value
      }
    }
    case 'sum':
    case 'product':
      return compileSteps(expression.first, expression.steps)
    default: {
      const read = compileValue(expression)
      return (source) => toNumeric(read(source))
    }
  }
}

function compileSteps(first: Expression, steps: readonly ArithmeticStep[]): NumberReader {
  const readFirst = compileNumber(first)
  const readers = steps.map((step) => compileNumber(step.operand))
  const operators = steps.map((step) => step.operator)
  return (source) => {
    const start = readFirst(source)
    if (start === undefined) return undefined
    let result = Number(start)
    for (let index = 0; index < readers.length; index += 1) {
      const operand = readers[index]!(source)
      if (operand === undefined) return undefined
      result = calculate(result, operators[index]!, Number(operand))
    }
    // Overflow and division by zero are NULL, so they never match; SQL calls them errors.
    return Number.isFinite(result) ? result : undefined
  }
}

function calculate(left: number, operator: ArithmeticStep['operator'], right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    default:
      return unreachable(operator)
  }
}

function toNumeric(value: Value): Numeric | undefined {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return value
    case 'string':
      return readNumeric(value)
    default:
      return undefined
  }
}

function readBoolean(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (value === 'true') return true
  return value === 'false' ? false : undefined
}

function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth
}
