// A destination pattern with its kind in front, as connectors and policies name what they are for.
// The rules of naming are the broker's: this file asks it and passes on the answer.

import * as z from 'zod'
import { messageOf } from '../base/index.ts'
import { checkDestinationName } from '../broker/index.ts'
import { suggestName } from './closest-name.ts'

const filterForm = 'a destination pattern, such as queue://orders.> or topic://prices.*'

/** `queue://pattern` or `topic://pattern`. */
export const destinationFilter = z.string({ error: filterForm }).superRefine(checkFilter).meta({
  description: 'queue://pattern or topic://pattern; * is one part, a final > is the rest.'
})

function checkFilter(written: string, context: z.RefinementCtx): void {
  const refuse = (message: string, suggestion?: string): void => {
    context.addIssue({ code: 'custom', message, params: { isWhole: true, suggestion } })
  }
  const split = /^([^:/]*):\/\/(.*)$/s.exec(written)
  if (split === null) {
    refuse(`"${written}" is not ${filterForm}`, `did you mean "queue://${written}"?`)
    return
  }
  const [, kind, destination] = split
  if (kind !== 'queue' && kind !== 'topic') {
    const message = `"${kind}" of "${written}" is not a kind of destination that is filtered`
    refuse(message, suggestName(kind!, ['queue', 'topic']))
    return
  }
  try {
    checkDestinationName(destination!, true)
  } catch (error) {
    refuse(messageOf(error))
  }
}
