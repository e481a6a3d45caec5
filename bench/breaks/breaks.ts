// Breaks of the product that seeds have to catch; see docs/internals/simulation.md. Each is small,
// builds, and breaks a promise that users count on.

import type { Break } from './break.ts'

/** In the order they are tried. */
export const breaks: readonly Break[] = [
  {
    name: 'resume-resends-nothing',
    harm: 'a message that was under way when a bridge broke is never sent again',
    file: 'src/network/bridge/outgoing-channel.ts',
    edits: [
      {
        find: ['    this.written = this.acknowledged', '    this.isEpochTold = false'].join('\n'),
        replace: [
          '    this.written = this.last',
          '    this.acknowledged = this.last',
          '    this.window.drop(this.window.length)',
          '    this.isEpochTold = false'
        ].join('\n')
      }
    ]
  },
  {
    name: 'channel-duplicate-not-dropped',
    harm: 'a message that comes twice over a bridge is delivered twice',
    file: 'src/network/bridge/bridge.ts',
    edits: [
      {
        find: [
          "    if (verdict !== 'next') return undefined",
          '    if (message === undefined) {'
        ].join('\n'),
        replace: [
          "    if (verdict === 'duplicate' && message !== undefined) {",
          '      this.owner.onMessage(this, message, decoder.targets, decoder.flags)',
          '    }',
          "    if (verdict !== 'next') return undefined",
          '    if (message === undefined) {'
        ].join('\n')
      }
    ]
  },
  {
    name: 'ack-before-custody',
    harm: 'a message is acknowledged before it is safe here',
    file: 'src/network/bridge/bridge.ts',
    edits: [
      {
        find: [
          '    const refusal = this.owner.onMessage(',
          'this, message, decoder.targets, decoder.flags)'
        ].join(''),
        replace: [
          '    const { targets, flags } = decoder',
          '    let refusal = undefined as ReturnType<BridgesOwner["onMessage"]>',
          '    this.clock.schedule(3, () => {',
          '      refusal = this.owner.onMessage(this, message, targets, flags)',
          '    })'
        ].join('\n')
      }
    ]
  },
  {
    name: 'full-outbox-lost-with-its-bridge',
    harm: 'what waits for a full bridge is lost when that bridge ends',
    file: 'src/network/bridge/outgoing-channel.ts',
    edits: [
      {
        find: "    if (how === 'keep') {",
        replace: ['    const wasFull = this.isRoomWanted', "    if (how === 'keep') {"].join('\n')
      },
      {
        find: ['    for (const item of unsent) returned.push(item)', '    const isInDoubt'].join(
          '\n'
        ),
        replace: [
          '    if (!wasFull) for (const item of unsent) returned.push(item)',
          '    const isInDoubt'
        ].join('\n')
      }
    ]
  },
  {
    name: 'older-map-record-accepted',
    harm: 'a restarted broker stays as others knew it in its earlier life',
    file: 'src/network/map/broker-record.ts',
    edits: [
      {
        find: [
          '  if (a.incarnation !== b.incarnation) return a.incarnation - b.incarnation',
          '  if (a.sequence'
        ].join('\n'),
        replace: '  if (a.sequence'
      }
    ]
  },
  {
    name: 'link-of-one-end-believed',
    harm: 'messages are sent over a link that only one end says stands',
    file: 'src/network/map/link-graph.ts',
    edits: [
      {
        find: 'undefined : endTo(sorted[high]!, lowName)',
        replace: 'undefined : (endTo(sorted[high]!, lowName) ?? { ...lowEnd, peer: lowName })'
      }
    ]
  },
  {
    name: 'demand-delta-over-a-gap',
    harm: 'a subscription that other brokers missed stays unknown to them',
    file: 'src/network/demand/demand-table.ts',
    edits: [
      {
        find: ' && known.incarnation === incarnation && known.version === fromVersion',
        replace: ' && known.incarnation === incarnation'
      }
    ]
  },
  {
    name: 'redelivered-flag-forgotten-at-the-next-broker',
    harm: 'a message delivered before comes unmarked from the next broker',
    file: 'src/broker/queue.ts',
    edits: [{ find: '    if (isRedelivered) message.isRedelivered = true', replace: '' }]
  },
  {
    name: 'returned-messages-go-behind-newer-ones',
    harm: 'messages that a bridge gives back come after newer ones',
    file: 'src/broker/queue.ts',
    edits: [
      {
        find: "message.hasTravelled, 'waits', this.lowSequence + index)",
        replace: [
          "message.hasTravelled, 'waits',",
          'this.ready.length > 0 ? ++this.sequence : this.lowSequence + index)'
        ].join('\n')
      }
    ]
  },
  {
    name: 'parking-never-tried-again',
    harm: 'what had no way on waits on when there is one again',
    file: 'src/network/forwarding/message-router.ts',
    edits: [
      {
        find: '    this.retry(this.deps.parking.takeForRoute())',
        replace: '    if (this.deps.hopsMax < 0) this.retry(this.deps.parking.takeForRoute())'
      }
    ]
  },
  {
    name: 'no-guard-against-circles',
    harm: 'messages go round in circles',
    file: 'src/network/forwarding/message-router.ts',
    edits: [
      {
        find: '    return brokerPath.length >= this.deps.hopsMax || brokerPath.includes(nextHop)',
        replace: '    return brokerPath.length >= this.deps.hopsMax && brokerPath.includes(nextHop)'
      }
    ]
  },
  {
    name: 'producer-at-a-full-bridge-never-resumed',
    harm: 'a producer that a full bridge held back is never let go on',
    file: 'src/network/network.ts',
    edits: [
      {
        find: '    if (isRoomLeft || router.places?.isDraining(peer)) router.release()',
        replace: "    if (isRoomLeft && peer === '') router.release()"
      },
      {
        find: ['      this.askForMissing()', '    }', '    router.release()'].join('\n'),
        replace: ['      this.askForMissing()', '    }'].join('\n')
      }
    ]
  },
  {
    name: 'digest-repair-skipped',
    harm: 'brokers that missed news of the network never get it',
    file: 'src/network/map-sync.ts',
    edits: [
      {
        find: '    for (const record of newer) from.sendRecord(record)',
        replace:
          '    for (const record of newer) if (record.sequence === 0) from.sendRecord(record)'
      }
    ]
  },
  {
    name: 'consumer-credit-counted-twice',
    harm: 'a consumer gets more than it asked for',
    file: 'src/protocols/stomp/stomp-subscription.ts',
    edits: [
      {
        find: '    return Math.max(0, this.prefetch - this.unsettled.size)',
        replace: '    return this.prefetch'
      }
    ]
  },
  {
    name: 'held-messages-lost-when-the-hold-is-over',
    harm: 'a message in doubt is lost when its broker does not come back',
    file: 'src/network/bridge/outgoing-channel.ts',
    edits: [
      {
        find: [
          '      if (returned.length > 0) this.deps.owner.onReturned(returned)',
          '    })'
        ].join('\n'),
        replace: [
          '      if (returned.length > 1) this.deps.owner.onReturned(returned.slice(1))',
          '    })'
        ].join('\n')
      }
    ]
  },
  {
    name: 'in-doubt-not-flagged',
    harm: 'a message that may come twice is not marked',
    file: 'src/network/network.ts',
    edits: [
      {
        find: [
          '        item.message.isMaybeDuplicate = true',
          '        item.message.isRedelivered = true'
        ].join('\n'),
        replace: ''
      }
    ]
  },
  {
    name: 'in-doubt-not-told-to-the-next-broker',
    harm: 'a message in doubt that a broker has delivered is delivered there again',
    file: 'src/network/network.ts',
    edits: [
      {
        find: 'bridge.sendMessage(message, targets, message.isMaybeDuplicate ? 1 : 0)',
        replace: 'bridge.sendMessage(message, targets, 0)'
      }
    ]
  },
  {
    name: 'window-not-asked-about-topics',
    harm: "a topic's subscriber gets a message twice",
    file: 'src/network/forwarding/message-router.ts',
    edits: [
      {
        find: "      if (message.isMaybeDuplicate || message.destination.kind === 'topic') {",
        replace: "      if (message.isMaybeDuplicate && message.destination.kind === 'queue') {"
      }
    ]
  },
  {
    name: 'full-never-taken-back',
    harm: 'a producer whose subscribers had enough is never let go on',
    file: 'src/broker/broker.ts',
    edits: [
      {
        find: '    if ((before === 0) !== (after === 0)) this',
        replace: '    if (before === 0 && after === 1) this'
      }
    ]
  },
  {
    name: 'expiry-ignored-in-queues',
    harm: 'a message that waited too long is delivered all the same',
    file: 'src/broker/queue.ts',
    edits: [
      {
        find: [
          '    if (expiresAtMs === 0 || expiresAtMs > nowMs) return false',
          "    mark('message-expired-waiting')"
        ].join('\n'),
        replace: [
          '    if (expiresAtMs === 0 || expiresAtMs > nowMs - 3_600_000) return false',
          "    mark('message-expired-waiting')"
        ].join('\n')
      }
    ]
  },
  {
    name: 'forwarded-messages-wander',
    harm: 'a message sent for a consumer goes away from it again',
    file: 'src/broker/consumer-set.ts',
    edits: [
      {
        find: '    if (isForwarded && this.isWantedHere(message)) {',
        replace: '    if (isForwarded && this.local.length > 1_000 && this.isWantedHere(message)) {'
      }
    ]
  },
  {
    name: 'goodbye-forgets-the-window',
    harm: 'what was on its way to a broker that leaves is lost',
    file: 'src/network/bridge/outgoing-channel.ts',
    edits: [
      {
        find: "    const returned = how === 'final' ? this.takeWindow('unsent') : []",
        replace: "    const returned = how === 'final' ? this.takeWindow('unsent').slice(0, 0) : []"
      }
    ]
  },
  {
    name: 'selector-ignored-for-topics',
    harm: 'a subscriber gets messages that its selector leaves out',
    file: 'src/broker/topic-subscription.ts',
    edits: [
      {
        find: '    if (!this.wants(message)) return undefined',
        replace: '    if (!this.wants(message) && !isForwarded) return undefined'
      }
    ]
  },
  {
    name: 'sent-before-it-is-on-disk',
    harm: 'a broker that crashes has sent what it knows nothing of, and sends it again unmarked',
    file: 'src/network/bridge/outgoing-channel.ts',
    edits: [
      {
        find: 'if (!isStored && !outbox.isFree(0)) return false',
        replace: 'if (number < 0) return false'
      }
    ]
  },
  {
    name: 'acknowledged-before-it-is-on-disk',
    harm: 'a message is lost with the broker that acknowledged it to another',
    file: 'src/network/bridge/incoming-channel.ts',
    edits: [
      {
        find: 'if (store === undefined || this.isSafe) done()',
        replace: 'if (store === undefined || highWater > 0) done()'
      }
    ]
  },
  {
    name: 'mark-of-a-channel-not-kept',
    harm: 'a broker that restarts does not know what it has taken',
    file: 'src/network/bridge/incoming-channel.ts',
    edits: [
      {
        find: '    else this.store.setMark(this.epoch, this.highWater)',
        replace: '    else if (this.highWater < 0) this.store.setMark(this.epoch, 0)'
      }
    ]
  },
  {
    name: 'receipt-before-it-is-on-disk',
    harm: 'a message is lost with the broker that confirmed it',
    file: 'src/broker/store-writer.ts',
    edits: [
      {
        find: '      this.waiting.push(callback)',
        replace: '      callback(undefined)'
      }
    ]
  },
  {
    name: 'recovered-messages-thrown-away',
    harm: 'what a channel had not handed over is forgotten by a restart',
    file: 'src/network/bridge/recovered-transfers.ts',
    edits: [
      {
        find: '    this.transfers = this.log?.recover() ?? []',
        replace: '    this.transfers = this.log?.recover().slice(1) ?? []'
      }
    ]
  },
  {
    name: 'answered-over-a-bridge-that-goes-on',
    harm: 'a broker says what it took, and takes more: that comes again by another way, unmarked',
    file: 'src/network/bridge/bridges.ts',
    edits: [
      {
        find: '      if (pair.standing === undefined && isSafe) reply({',
        replace: '      if (isSafe) reply({'
      },
      {
        find: "      connection.end({ code: 'silent', text",
        replace: "      void ({ code: 'silent', text"
      }
    ]
  },
  {
    name: 'delivered-mark-not-kept',
    harm: 'a message that was delivered before a crash comes again, unmarked',
    file: 'src/broker/delivered-mark.ts',
    edits: [
      {
        find: 'return sequence <= this.earlierUpTo',
        replace: 'return sequence < 0 && sequence <= this.earlierUpTo'
      }
    ]
  },
  {
    name: 'page-skips-a-message',
    harm: 'a message that waits on disk never comes back to memory',
    file: 'src/broker/backlog.ts',
    edits: [
      {
        find: '    if (this.paged + this.returned === 0) this.readUpTo = entry.sequence - 1',
        replace: '    if (this.paged + this.returned === 0) this.readUpTo = entry.sequence'
      }
    ]
  }
]
