// What a broker listens on. An option in the URI is refused rather than skipped: no transport has
// any, so its writer expects something that would not happen.

import * as z from 'zod'
import { isPostroadError, messageOf, parseTransportUri, type TransportUri } from '../base/index.ts'
import { suggestName } from './closest-name.ts'
import { mapOf, name } from './field-schemas.ts'

const protocols = ['stomp', 'postroad']
const schemes = protocols.flatMap((protocol) => [protocol, `${protocol}+ws`])
const uriForm = 'a transport URI, such as stomp://127.0.0.1:61613'

/** One of `transportConnectors`. */
export const transportConnectorSchema = mapOf('One listener.', {
  uri: z
    .string({ error: uriForm })
    .transform(readListenerUri)
    .meta({
      description:
        'Where to listen: stomp://host:port, stomp+ws://host:port/path, postroad://host:port ' +
        'or postroad+ws://host:port/path. Port 0 takes a free one; host 0.0.0.0 is every address.'
    }),
  name: name('Name in logs; stomp, stomp-ws, postroad or postroad-ws if not given.').optional()
})

function readListenerUri(written: string, context: z.RefinementCtx): TransportUri {
  const refuse = (message: string, suggestion?: string): never => {
    context.addIssue({ code: 'custom', message, params: { isWhole: true, suggestion } })
    return z.NEVER
  }
  let uri: TransportUri
  try {
    uri = parseTransportUri(written)
  } catch (error) {
    // The decoder of options throws errors of its own, which do not name the URI.
    const message = messageOf(error)
    return refuse(isPostroadError(error) ? message : `bad URI "${written}": ${message}`)
  }
  if (!protocols.includes(uri.protocol)) {
    const scheme = written.slice(0, written.indexOf(':'))
    const message = `protocol "${uri.protocol}" of "${uri.text}" is not known`
    return refuse(message, suggestName(scheme, schemes))
  }
  const [option] = uri.options.keys()
  if (option !== undefined) {
    return refuse(`"${uri.text}" has option "${option}"; a transport connector takes none`)
  }
  return uri
}
