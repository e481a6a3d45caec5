// The tree a selector is parsed into. Chains (AND, OR, sums, products) are flat lists, so the depth
// of a tree is bounded by the nesting of its text and never by its length.

import type { Numeric } from './numeric.ts'

/** How two values are compared. */
export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>='

/** One step of a sum or a product: what is done with the next operand. */
export interface ArithmeticStep {
  readonly operator: '+' | '-' | '*' | '/'
  readonly operand: Expression
}

/** A node; `at` is the offset of its first token in the text. */
export type Expression =
  | { readonly kind: 'string'; readonly at: number; readonly text: string }
  | { readonly kind: 'number'; readonly at: number; readonly value: Numeric }
  | { readonly kind: 'boolean'; readonly at: number; readonly value: boolean }
  | { readonly kind: 'identifier'; readonly at: number; readonly name: string }
  | {
      readonly kind: 'sign'
      readonly at: number
      readonly sign: '+' | '-'
      readonly operand: Expression
    }
  | {
      /** Worked off left to right. */
      readonly kind: 'sum' | 'product'
      readonly at: number
      readonly first: Expression
      readonly steps: readonly ArithmeticStep[]
    }
  | {
      readonly kind: 'comparison'
      readonly at: number
      readonly comparator: Comparator
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'between'
      readonly at: number
      readonly isNegated: boolean
      readonly value: Expression
      readonly low: Expression
      readonly high: Expression
    }
  | {
      readonly kind: 'in'
      readonly at: number
      readonly isNegated: boolean
      readonly name: string
      readonly items: readonly (string | Numeric)[]
    }
  | {
      readonly kind: 'like'
      readonly at: number
      readonly isNegated: boolean
      readonly name: string
      readonly pattern: string
      /** One character, or undefined. */
      readonly escapeBy: string | undefined
    }
  | {
      readonly kind: 'is-null'
      readonly at: number
      readonly isNegated: boolean
      readonly name: string
    }
  | { readonly kind: 'not'; readonly at: number; readonly term: Expression }
  | { readonly kind: 'and' | 'or'; readonly at: number; readonly terms: readonly Expression[] }

/** True when the node may stand where true, false or unknown is wanted. */
export function isCondition(expression: Expression): boolean {
  switch (expression.kind) {
    case 'string':
    case 'number':
    case 'sign':
    case 'sum':
    case 'product':
      return false
    default:
      return true
  }
}

/** True when the node may stand where a number is wanted. */
export function isNumeric(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
    case 'identifier':
    case 'sign':
    case 'sum':
    case 'product':
      return true
    default:
      return false
  }
}
