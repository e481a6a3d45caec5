// A selector as a consumer's filter: the names a selector may use are the message's headers, and
// the JMS names of the headers brokers know.

import type { MessageFilter } from './consumer.ts'
import type { Message } from './message.ts'
import { CachedSelectors, type PropertySource, type Selector } from './selector/index.ts'

const selectors = new CachedSelectors()

/** JMS header name to the header STOMP clients send. */
const headerByJmsName = new Map([
  ['JMSCorrelationID', 'correlation-id'],
  ['JMSReplyTo', 'reply-to'],
  ['JMSType', 'type'],
  ['JMSExpiration', 'expires'],
  ['JMSTimestamp', 'timestamp']
])

/**
 * A filter from the text of a selector.
 * @throws PostroadError LOCAL_SELECTOR_INVALID pointing at the column
 */
export function selectorFilter(text: string): MessageFilter {
  return new SelectorFilter(selectors.parse(text))
}

class SelectorFilter implements MessageFilter, PropertySource {
  readonly text: string
  private readonly selector: Selector
  private message: Message | undefined = undefined

  constructor(selector: Selector) {
    this.text = selector.normalised
    this.selector = selector
  }

  matches(message: Message): boolean {
    this.message = message
    const isMatch = this.selector.matches(this)
    this.message = undefined
    return isMatch
  }

  property(name: string): string | number | boolean | undefined {
    const message = this.message!
    switch (name) {
      case 'JMSPriority':
        return message.priority
      case 'JMSDeliveryMode':
        return message.isPersistent ? 'PERSISTENT' : 'NON_PERSISTENT'
      case 'JMSMessageID':
        return message.id
      case 'JMSRedelivered':
        return message.isRedelivered
      case 'JMSDestination':
        return `/${message.destination.kind}/${message.destination.name}`
      default:
        return message.header(headerByJmsName.get(name) ?? name)
    }
  }
}
