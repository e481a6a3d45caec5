// Every branch of the program that exists only because something went wrong or came out of order,
// by name: what happened, and what is done about it. The branch says `mark('name')` where it
// begins. The first word of a name groups the reference, docs/reference/recovery-marks.md; a test
// holds table, program and reference together.

/** Name of a mark to what went wrong and what is done. */
export const recoveryMarks = {
  'dial-failed': 'the broker at a URI is not there or refuses: dial again after a growing delay',
  'dial-timed-out': 'no answer to a dial: give it up and dial again',
  'dial-leads-to-itself': 'a URI leads to this very broker: try again only at the longest delay',
  'dial-stands-by': 'the pair is bridged by another connection: stop dialling until that one ends',
  'dial-resumed-after-standby': 'the bridge this dialler stood by for has ended: dial again',
  'dial-back-off-starts-over':
    'a bridge that stood for long has ended: forget the failures before it',
  'greeting-timed-out': 'the other end did not introduce itself in time: end the connection',
  'greeting-connection-lost': 'the connection broke before the bridge stood: dial again',
  'greeting-refused-by-peer':
    'the other end gave the connection up and said why: dial again, or stand by',
  'greeting-frame-unexpected': 'another frame came than the handshake allows: end the connection',
  'greeting-limit-reached': 'too many connections are in the handshake: take no more just now',
  'greeting-wrong-version': 'the other end speaks no version known here: refuse it',
  'greeting-wrong-network': 'the other end is of another network: refuse it',
  'greeting-from-itself': 'a connection leads from this broker back to itself: refuse it',
  'greeting-own-name': "another broker has this broker's name: refuse it",
  'greeting-of-earlier-life': 'an earlier life of a bridged broker says HELLO late: refuse it',
  'greeting-filter-invalid': 'the other end asks for a filter that breaks the rules: refuse it',
  'greeting-name-in-use': 'another broker of that name is in reach: refuse the one that asks',
  'greeting-name-free-again':
    'the broker that had the name is out of reach: let the one that asks in',
  'bridge-dialled-twice':
    'a dial finds the pair bridged: end it, and ask the old bridge for a sign of life',
  'bridge-double-dial-refused':
    'both ends dialled at once: the one that decides keeps its own connection',
  'bridge-half-open-given-up':
    'who dialled the old bridge asks for a new one: it has lost the old, grant it',
  'bridge-granted-to-later-life':
    'the other broker has restarted: its new connection replaces the old',
  'bridge-of-earlier-life-ended':
    'a dial finds a restarted broker: end what stood with its earlier life',
  'bridge-grant-outdated': 'a later connection was granted already: end this one',
  'bridge-grant-of-earlier-life':
    'a grant comes from an earlier life of the other broker: do not obey it',
  'bridge-fenced-by-newer': 'a newer session of the same broker ends the older one',
  'bridge-pending-superseded':
    'a connection still being agreed on is ended for the one that was granted',
  'bridge-lost-before-it-opened':
    'the connection that stood ended before its bridge opened: give back or hold',
  'bridge-pairs-limit-reached': 'too many brokers are bridged or remembered: refuse another',
  'bridge-pair-forgotten': 'room for another broker is needed: forget one that has long been away',
  'bridge-connection-lost': "a bridge's connection broke: hold what is in doubt, find other ways",
  'bridge-connection-lost-on-leaving': 'the connection broke before the other end answered GOODBYE',
  'bridge-goodbye-answered':
    'the other end leaves: acknowledge what was taken and say GOODBYE as well',
  'bridge-goodbye-unanswered': 'no answer to GOODBYE in time: close, and what was sent is in doubt',
  'bridge-socket-destroyed': 'the other end does not read the last words: destroy the socket',
  'bridge-bytes-after-end': 'bytes come on a connection that has ended here: drop them',
  'bridge-frame-dropped-on-leaving':
    'a frame other than ACK comes after our GOODBYE: drop it untaken',
  'bridge-frame-malformed':
    'bytes of the other end are no frame, or one too large: end the connection',
  'bridge-frame-unreadable': "a frame's content breaks its format: end the connection",
  'bridge-frame-refused': 'a well-formed frame says what cannot be: end the connection',
  'bridge-frame-unexpected': 'a frame has no place on an open bridge: end the connection',
  'bridge-frame-skipped': 'a frame of a later version that may be skipped: skip it',
  'bridge-parts-too-large': 'parts make a frame over the limit: end the connection',
  'bridge-data-in-parts': 'DATA comes in parts, which only control frames may: end the connection',
  'bridge-data-malformed': "a message's frame breaks its format: end the connection",
  'bridge-message-undecodable': 'one message cannot be read, and its frame can: refuse that one',
  'bridge-data-against-one-way': 'a message comes against a one-way bridge: end the connection',
  'bridge-message-after-end':
    'a message is given to a bridge that leaves: refuse it, it goes another way',
  'bridge-fact-after-end':
    'a fact is given to a bridge that leaves: drop it, the next one starts anew',
  'bridge-fact-too-large': 'a record or demand is too large for one frame: leave it out and say so',
  'bridge-ping-missed': 'nothing was heard for an interval: ping again',
  'bridge-pings-unanswered': 'several pings were not answered: take the other end for dead',
  'bridge-probe-answered': 'a bridge under suspicion gave a sign of life: it stays',
  'bridge-probe-unanswered': 'a bridge under suspicion gave no sign of life: end it',
  'bridge-silent': 'nothing was heard for too long: end the bridge',
  'bridge-control-not-read': 'too many control frames wait unread: end the bridge',
  'channel-resumed': 'a peer goes on where it was before its connection broke',
  'channel-begun-anew': 'a peer begins a new epoch: the old numbers are forgotten',
  'channel-epoch-twice': 'EPOCH comes twice on one connection: end it',
  'channel-epoch-with-gap': 'a peer wants to go on beyond what has come: end the connection',
  'channel-gap': "a message's number is not the next one: end the connection",
  'channel-duplicate-dropped':
    'a message comes again after a reconnect: drop it, acknowledge again',
  'channel-ack-held-back':
    'this broker is congested: hold acknowledgements back, which slows the peer',
  'channel-last-ack': 'a bridge ends: acknowledge at once what is due, or it would be in doubt',
  'channel-recovered': 'an earlier life owed another broker messages: wait for what it has of them',
  'channel-recovered-was-taken': 'the other broker has what an earlier life sent: forget it',
  'channel-recovered-was-not-taken':
    'the other broker lacks what an earlier life may have sent: send it',
  'channel-recovered-in-doubt':
    'nobody can tell what became of what an earlier life sent: send it, marked',
  'channel-resumed-by-later-life':
    'the other broker restarted and knows how far it got: send the rest, marked',
  'channel-mark-recovered': 'an earlier life took messages of a channel: go on from there',
  'channel-ack-waits-for-store': 'the store fails: what is not on disk is not acknowledged',
  'bridge-ends-before-all-is-stored':
    'a bridge ends with messages that are not on disk yet: promise nothing of them',
  'channel-ack-outdated': 'an acknowledgement says nothing new: ignore it',
  'channel-ack-impossible': 'a peer acknowledges what was never sent: end the connection',
  'channel-ack-spares-resending': 'an acknowledgement overtakes sending again: skip what is taken',
  'channel-ack-learned-on-resuming':
    'a peer that resumes has taken more than it could say: forget that much',
  'channel-nothing-had-arrived':
    'nothing of an epoch had arrived when the connection broke: send it all again',
  'channel-message-sent-again': 'a message in doubt is sent again under its old number',
  'channel-in-doubt-after-restart':
    'a restarted peer cannot tell what it took: take its messages back, flagged',
  'channel-back-within-hold': 'the same peer is back before the hold is over: go on with it',
  'channel-hold-over': 'the peer did not come back in time: take what is in doubt back, flagged',
  'channel-kept-for-replacement': 'another connection replaces this one: keep everything for it',
  'channel-peer-left-without-taking':
    "a peer's GOODBYE came without an acknowledgement: those were not taken",
  'channel-outbox-given-back': 'a bridge ends with messages never sent: take them back',
  'channel-resumption-impossible':
    'a peer claims what was never sent to it: end, and begin a new epoch',
  'channel-full': 'window and outbox are full: the sender keeps its message until there is room',
  'channel-room-again': 'half of the outbox is free again: tell those who wait',
  'channel-message-too-large':
    "a message is longer than the peer's frames: give back that one alone",
  'channel-too-many-too-large': 'too many such messages in one turn: hold the sender back',
  'channel-terms-have-changed':
    'the new bridge does not let across what the old one did: it looks for another way',
  'channel-message-refused':
    'this broker cannot take a message: say so, and drop what follows until it is void',
  'channel-message-rejected':
    'the other end does not take a message: take that one back, and put a void in its place',
  'channel-void-waits-for-store':
    'the store fails: a message is not called void before that is on disk',
  'channel-reject-impossible': 'a peer refuses what is not under way: end the connection',
  'channel-resolved-elsewhere':
    'the other end has said by another way what it has: take the rest back, without doubt',
  'channel-stays-in-doubt':
    'the other end cannot say by another way what it has: take all back, flagged',
  'inquiry-answered': 'a broker that has lost its bridge asks what was taken: say it',
  'inquiry-ends-lost-bridge':
    'another broker has lost a bridge that stands here: take nothing more over it',
  'inquiry-overtaken': 'a broker asks about a bridge, and has a newer one since: do not answer',
  'inquiry-hop-limit': 'a question or an answer has crossed too many bridges: drop it',
  'answer-too-late': 'an answer comes when nothing is in doubt any more: ignore it',
  'message-maybe-duplicate':
    'a message comes flagged as sent before on another way: ask the window',
  'message-returned-in-doubt':
    'a message comes back of which nobody knows whether it was taken: flag it',
  'message-dead-letter-not-taken':
    'the next broker does not take a dead letter: it stays here for good',
  'message-dead-lettered':
    'a message cannot be delivered: put it into the dead-letter queue, say why',
  'message-refused-by-consumer': 'a consumer refused a message: offer it again',
  'message-redelivered-later': 'a consumer refused a message: offer it again after a pause',
  'message-lost-with-connections':
    'too many connections died with a message unacknowledged: dead-letter it',
  'message-expired-dead-lettered':
    'a message of a queue has expired, and is wanted as a dead letter: make one',
  'message-expired-on-arrival': 'a message comes after its time: discard and count it',
  'message-expired-waiting': "a message's time runs out in a queue: discard and count it",
  'dead-letters-recalled': 'letters were on their way to a broker given up: keep them here',
  'dead-letter-refused': 'a dead letter is refused too often: discard and count it',
  'dead-letter-stays-here':
    'a dead letter cannot get to the broker that is to have it: keep it here',
  'dead-letter-move-refused': 'a dead letter cannot go back: leave it, and move no more',
  'map-record-older': 'a peer has an older record: send it ours',
  'map-own-record-from-the-future':
    'others have a later record of this broker than it made: outdo it',
  'map-own-number-used-twice': 'others have other content under our present number: outdo it',
  'map-broker-cloned': 'that happens again and again: a copy of this broker runs, raise the alarm',
  'map-name-was-of-another':
    'a trace of an earlier broker of this name: ours replaces it everywhere',
  'map-name-taken': 'a later broker uses this name: close all bridges, try until it is free',
  'map-record-refused': 'a record breaks a rule: do not keep it, do not pass it on',
  'map-full': 'the map has no room for another broker: refuse its record',
  'map-no-later-incarnation': 'no number is above that of a record about us: refuse it',
  'map-no-later-sequence': "the last number of a life is used up: go on with a later life's",
  'map-equal-numbers-ordered': 'equal numbers over different content: all brokers order them alike',
  'map-digest-repaired': "a peer's digest lacks records: send them",
  'map-broker-forgotten': 'a broker was out of reach for long: forget its record and demand',
  'map-broker-back-in-reach': 'a broker out of reach is back before it was forgotten',
  'map-missing-facts-asked-for':
    'a broker in reach has no record or no demand here: ask the neighbours',
  'map-link-to-unknown-broker': 'a record names a bridge to a broker without a record: no link yet',
  'map-link-of-one-end-only': 'only one end says that a bridge stands: no link until both do',
  'demand-full': 'enough waits here for a pattern: tell the others to send no more',
  'demand-room-again': 'there is room for a pattern again: tell the others',
  'demand-full-by-wildcard': 'a full queue is wanted by a wildcard only: tell its own name as full',
  'demand-full-left-out':
    'no room to say that a pattern is full: leave it out, demand is over-stated',
  'demand-too-many-selectors':
    'a pattern has more selectors than are told: tell that everything is wanted',
  'demand-selector-unknown':
    'a selector of another broker is not understood here: take it to want everything',
  'proxy-selectors-changed':
    'the consumers of another broker have other selectors: look at what waits anew',
  'demand-limit-reached': 'a subscription would be one pattern too many: refuse it',
  'demand-gap-asked': 'a change of demand was missed: ask for the whole',
  'demand-gap-answered': 'a peer missed a change of demand: send it the whole',
  'demand-asked-in-vain': 'a peer asks for demand that is forgotten here: say nothing',
  'demand-own-outranked': 'others have later demand of ours than we know: outdo it everywhere',
  'demand-own-repaired': "a peer's digest has older demand of ours: send ours",
  'demand-digest-repaired': "a peer's digest lacks demand of others: send it",
  'demand-snapshot-invalid': 'demand has an invalid entry or too many: refuse it',
  'demand-snapshot-refused': 'demand could not be kept: log it, do not pass it on',
  'demand-of-too-many-brokers': 'no room for the demand of another broker: refuse it',
  'demand-delta-invalid': 'a change of demand is invalid: ask for the whole',
  'demand-delta-over-the-limit': 'a change would pass the limit of entries: ask for the whole',
  'demand-broker-forgotten': 'an operator gave a broker up: strike out all it wanted',
  'demand-without-broker-dropped': 'demand is left of a broker without a record: drop it',
  'duplicate-dropped-by-window': 'a message that may be a duplicate was here before: drop it',
  'duplicate-queue-message-by-right':
    "a queue's message is here again and is no duplicate: flag and deliver it",
  'duplicate-window-left-behind': 'a message is older than the window: nobody can tell, deliver it',
  'duplicate-window-origin-forgotten': 'too many origins: forget the one not used for longest',
  'route-bridge-gone': 'the map still has a bridge that is down: keep the message for another way',
  'route-bridge-full': 'a bridge takes nothing more: keep what goes over it until it has room',
  'route-message-refused': 'there is no room for the queue of a message: its sender keeps it',
  'route-queue-message-stays': "no way or no room for a queue's message: it stays in its queue",
  'route-queue-message-kept-here':
    "a queue's message on its way finds no way on: its queue here takes it",
  'route-queue-message-came-back':
    "a queue's message comes back from a bridge: put it back in its place",
  'route-split-again': 'a lost bridge gave back copies: split their targets anew and send them',
  'route-demand-gone': 'a target no longer wants a message that waited: count it and go on',
  'route-parked-tried-again': 'a parked message is taken out and tried again',
  'route-new-journey': 'a message must go where it has been: clear its path, count the change',
  'route-path-loop': 'a message would go back and has begun anew too often: park it',
  'route-hop-limit': 'a message has crossed as many bridges as it may: park it',
  'route-redirects-over': 'a message has been redirected too often: give it up and count it',
  'route-producer-held-back': 'a bridge or a broker behind it has enough: hold the producer back',
  'parked-for-a-route': 'no way to a target: park the message until the map changes',
  'parked-for-room': 'a bridge on the way is full: park the message until it has room',
  'parked-in-place': 'no way to a broker for a persistent message: it waits on disk, in its place',
  'parked-place-recovered': 'an earlier life had parked messages for a broker: go on with them',
  'parked-before-others': 'a bridge gave back what has no way: it waits before what came later',
  'parked-tried-again': 'there may be a way to a broker again: what waits for it goes on',
  'parked-sent-together': 'the same message waits for brokers behind one bridge: it goes once',
  'parked-wanted-no-more': 'nobody wants a parked message any more: discard and count it',
  'parked-kept-out-too-long':
    'filters keep a parked message out that no durable subscription wants: give it up, count it',
  'parked-message-is-tired': 'a parked message was sent round often: it waits between journeys',
  'parked-place-full': 'a place holds as much as it may: producers wait, and somebody is told',
  'parked-full-holds-acks': 'a place is full: other brokers are not acknowledged until it has room',
  'parked-place-forgotten': 'an operator gave a broker up: give up and count what waits for it',
  'parked-too-long': 'a parked message has lost patience: give it up and count it',
  'parked-until-expired': "a parked message's time ran out: discard and count it",
  'parking-full': 'the parking has no room: give the message up and count it',
  'proxy-held-back': "a queue's message finds no room: all proxies behind that bridge wait",
  'proxy-waits-longer': "the room on a bridge was used up before this proxy's turn: it waits on",
  'proxy-far-end-full': 'the other broker has enough of a queue: send it none',
  'proxy-by-another-way': "the way to a consumer's broker has changed: its proxy follows",
  'proxy-taken-away': 'a broker with consumers is out of reach or wants no more: its proxy goes',
  'proxy-waits-for-another-way':
    'a message came from there and other brokers want it: wait for one of them',
  'proxy-sends-back': 'nobody else has room: a message may go back where it came from',
  'proxy-stalled': 'a broker takes nothing more for a sweep: what waits for it may go elsewhere',
  'proxy-message-is-tired': 'a message was sent round too often: it stays until a consumer comes',
  'proxy-tired-message-tries-again': 'a message sent round too often may go once more',
  'intake-ran-empty':
    'consumers had nothing to do while a sender had no grant left: a larger window from now on',
  'intake-of-too-many-senders':
    'more brokers send messages of one queue than are counted: grant this one nothing',
  'grant-counted-anew':
    'a broker counts what arrives from the beginning: so is what is on its way counted here',
  'grant-for-what-never-arrived':
    'messages that were to arrive went somewhere else: they are not on their way any more',
  'grant-never-came': 'a broker says nothing of what it takes: send it a few again, as at first',
  'grant-for-no-proxy': 'drop a grant of a broker that wants nothing any more, or is out of reach',
  'grant-by-another-way': 'a grant cannot go back as the messages came: send it along the routes',
  'grant-hop-limit': 'a grant has crossed as many bridges as it may: drop it',
  'queue-full': 'a queue is full: its producers wait',
  'queue-refuses': 'a queue is full, and its policy refuses producers: tell them',
  'queue-waits-for-spool':
    'what does not fit in memory finds no room on disk: the producers of that queue wait',
  'queue-room-again': 'a full queue has room again: its producers go on',
  'queue-redelivers': 'a consumer ended or gave back: its messages return to their places',
  'queue-takes-back': 'messages return from a bridge: they come before all others',
  'queue-offers-all-to-others': 'the last consumer here left: what waited for it may go elsewhere',
  'queue-gone-before-settling': 'a queue ended while messages were with its consumer: drop them',
  'queue-proxy-refused': 'a proxy could not take a message: ask it no more until it says so',
  'queue-filter-looks-back': 'a message came back that a filter had passed: look at it again',
  'queue-forwarded-message-stays': 'a forwarded message is wanted here: do not send it round',
  'queue-waits-in-store': 'more waits than a queue holds in memory: the rest waits on disk',
  'store-clock-was-set':
    'the wall clock jumped: remember by which one what lies in the store was put there',
  'queue-searches-backlog':
    'a filter takes nothing of what is in memory: look through what is on disk',
  'queue-spool-of-earlier-life':
    'a message that was not persistent is on disk from an earlier life: discard and count it',
  'queue-recovered': 'an earlier life left messages in the store: go on with them',
  'queue-may-have-been-delivered':
    'an earlier life may have delivered a recovered message: mark it redelivered',
  'queue-limit-reached': 'one queue too many: refuse it',
  'queue-limit-dead-letters-forwarded':
    'a forwarded message needs one queue too many: dead-letter it',
  'queue-limit-dead-letters-returned':
    'a returning message needs one queue too many: dead-letter it',
  'queue-limit-shares-dead-letters':
    'a dead-letter queue of its own is one queue too many: use the shared one',
  'temp-queue-gone': 'a reply comes for a temporary queue that has ended: discard and count it',
  'temp-queue-full': 'a requester takes no replies: discard them, hold nobody back',
  'temp-queue-ends-with-messages':
    'a temporary queue ends before its messages are taken: count them',
  'temp-queue-of-another-client': "a client asks for another's temporary queue: refuse it",
  'temp-queues-limit-reached': 'a client makes one temporary queue too many: refuse it',
  'memory-full': "the broker's memory is full: producers wait",
  'memory-refuses': "the broker's memory is full, and producers are to be told: refuse them",
  'memory-room-again': "the broker's memory has room again: producers go on",
  'topic-consumer-stuck': 'a subscriber took nothing for too long: it holds nobody back any more',
  'topic-slow-consumer-loses': "a stuck subscriber's queue is full: it loses its oldest message",
  'topic-slow-consumer-is-waited-for': 'a full subscriber took something: it gets another patience',
  'topic-stuck-consumer-goes-on':
    'a stuck subscriber takes messages again: it paces producers again',
  'topic-hard-bound-reached':
    'more is under way than a subscriber may hold: it loses its oldest message',
  'topic-drops-oldest':
    'a subscriber is full, and its policy holds nobody back: it loses its oldest message',
  'topic-subscriber-gone': 'a subscriber left before its messages were taken: count them',
  'topic-subscriptions-limit-reached': 'one topic subscription too many: refuse it',
  'durable-in-use': 'a durable subscription is in use by another connection: refuse it',
  'durable-wish-changed': 'a durable subscription is wanted with other terms: begin it anew',
  'store-takes-nothing': 'the store fails: refuse persistent messages until it does not',
  'store-is-waited-for': 'the store is full: producers of persistent messages wait for it',
  'store-still-full': 'a full store has little room: take no messages yet, and look again',
  'store-works-again': 'a store that failed works again: take messages, and log for how long',
  'store-spool-full': 'the spool is full: log it, and hold back whose messages go there',
  'store-spool-refuses': 'the spool takes nothing, and producers are to be told: refuse them',
  'store-commit-failed': 'the store could not write: everybody who waits for it is told',
  'client-connection-lost': "a client's connection broke: give back what it held",
  'client-connects-too-slowly': 'a client did not finish CONNECT in time: end the connection',
  'client-connections-limit-reached': 'too many clients: tell the one that comes, and end it',
  'client-not-connected-yet': "a client's first frame is not CONNECT: tell it, and end",
  'client-version-unknown': 'a client speaks no version known here: tell it, and end',
  'client-heart-beat-malformed': "a client's heart-beat header cannot be read: tell it, and end",
  'client-id-too-long': "a client's client-id is too long: tell it, and end",
  'client-login-refused': "a client's login is wrong: tell it, and end",
  'client-gone-before-its-login': 'a client left while its login was checked: forget the answer',
  'client-frame-malformed': "a client's bytes are no frame: tell it, and end",
  'client-frame-refused': "a client's frame breaks a rule: tell it, and end",
  'client-silent': "a client's heart-beats stay out: end the connection",
  'client-socket-full': "a client's socket takes no more: give it nothing until it does",
  'client-reads-no-answers': 'a client asks and does not read the answers: take no frames of it',
  'client-reads-slowly': 'a full socket has moved a little: wait on',
  'client-reads-nothing': 'a full socket has not moved for long: take the client for dead',
  'client-producer-paused': 'a client sends into something full: stop reading from it',
  'client-producer-resumed': 'there is room again: go on reading from the client',
  'client-left-while-paused': "a paused client's connection ends: it waits no more",
  'client-probed-while-paused':
    'a paused client was quiet for long: write to it to see if it is there',
  'client-gone-before-its-receipt': 'a client left before its receipt was due: send none',
  'client-told-of-store-failure':
    'what a client sent could not be stored: ERROR instead of a receipt',
  'client-answered-when-store-works':
    'what a consumer acknowledged is not on disk yet: its receipt waits',
  'client-has-two-copies':
    'a client of 1.0 or 1.1 holds two copies of a message: its ACKs mean one after the other',
  'client-settles-too-late': 'an ACK or NACK of what is settled already: nothing is done',
  'client-settles-the-unknown':
    'an ACK or NACK of what was never delivered: tell the client, and end',
  'client-subscription-id-in-use': 'a subscription id is used twice: tell the client, and end',
  'client-subscriptions-limit-reached': 'one subscription too many: tell the client, and end',
  'client-unsubscribes-in-vain': 'UNSUBSCRIBE names no subscription: tell the client, and end',
  'client-transaction-forgotten':
    'a connection ends with an open transaction: nothing of it happens',
  'client-transaction-aborted': 'a client aborts a transaction: nothing of it happens',
  'client-transactions-limit-reached': 'one open transaction too many: tell the client, and end',
  'client-transactions-too-large': 'open transactions hold too many bytes: tell the client, and end'
} as const satisfies Readonly<Record<string, string>>

/** Name of a recovery branch. */
export type RecoveryMark = keyof typeof recoveryMarks

/**
 * Branches that correct brokers and clients do not provoke, or that need more of something than a
 * simulated world holds, and the title of a test of another kind that does take them.
 */
export const marksOnlyIn: { readonly [Name in RecoveryMark]?: string } = {
  'dial-leads-to-itself':
    'a broker that reaches itself knows it, and tries again only after the longest delay',
  'greeting-frame-unexpected': 'a stranger may not send parts longer than a HELLO',
  'greeting-limit-reached': 'no more strangers are greeted at once than configured',
  'greeting-wrong-version': 'a version that is not spoken is refused by name',
  'greeting-wrong-network': 'brokers of different networks refuse each other, and both log why',
  'greeting-from-itself':
    'a broker that reaches itself knows it, and tries again only after the longest delay',
  'greeting-own-name': 'two brokers of one name refuse each other',
  'greeting-of-earlier-life':
    'an earlier life of the arbiter is not obeyed, a later one is, from any number',
  'greeting-filter-invalid': 'a broker whose filter breaks the rules is refused',
  'bridge-granted-to-later-life': 'a broker that restarts replaces its old life at once',
  'bridge-of-earlier-life-ended':
    'a dial that meets a later life ends what stands with the earlier one',
  'bridge-grant-outdated': 'a grant that a later one has overtaken is turned down',
  'bridge-grant-of-earlier-life':
    'a grant from an earlier life of the arbiter is not obeyed, whatever stands',
  'bridge-lost-before-it-opened':
    'a peer that claims more than was ever sent to it is a protocol error',
  'bridge-pairs-limit-reached': 'brokers beyond the configured number are refused with the limit',
  'bridge-pair-forgotten': 'a broker long gone makes room for another',
  'bridge-bytes-after-end': 'parts without an end are a protocol error once they pass the limit',
  'bridge-frame-malformed': 'a stranger that speaks another protocol is refused and logged',
  'bridge-frame-unreadable': 'frames that a later version may add are skipped',
  'bridge-frame-refused': 'DATA against the direction of a one-way bridge ends it',
  'bridge-frame-unexpected': 'frames that a later version may add are skipped',
  'bridge-frame-skipped': 'frames that a later version may add are skipped',
  'bridge-parts-too-large': 'parts without an end are a protocol error once they pass the limit',
  'bridge-data-in-parts': 'frames that a later version may add are skipped',
  'bridge-data-malformed': 'frames that a later version may add are skipped',
  'bridge-message-undecodable':
    'a message that cannot be read is refused by itself, and the rest waits for its void',
  'channel-message-refused':
    'a message that the other end refuses comes back alone; the rest goes on in order',
  'channel-message-rejected':
    'a message that the other end refuses comes back alone; the rest goes on in order',
  'channel-void-waits-for-store':
    'a message is called void once its dead letter is on disk, and not while that fails',
  'channel-reject-impossible': 'what was acknowledged, or never sent, cannot be refused',
  'route-message-refused':
    'where no queue is left, what comes is refused, and what comes back a dead letter',
  'inquiry-hop-limit': 'a question that has crossed as many bridges as it may is dropped',
  'intake-of-too-many-senders': 'a broker over the limit is not counted, and the others are',
  'grant-never-came': 'a broker that says nothing is sent a few again, after some sweeps',
  'bridge-data-against-one-way': 'DATA against the direction of a one-way bridge ends it',
  'bridge-message-after-end': 'a bridge that leaves takes no message and no fact',
  'bridge-fact-too-large': 'a fact too large for any frame is left out, and the bridge stands',
  'bridge-control-not-read':
    'a peer that asks and never reads is given up before it costs much memory',
  'channel-epoch-twice': 'frames that a later version may add are skipped',
  'channel-epoch-with-gap': 'a peer that would go on beyond what has come is a protocol error',
  'channel-gap': 'frames that a later version may add are skipped',
  'channel-ack-spares-resending':
    'an acknowledgement that overtakes sending again spares what is taken',
  'channel-ack-impossible': 'frames that a later version may add are skipped',
  'channel-terms-have-changed':
    'where both ends dial with terms of their own, those of the bridge count',
  'channel-resumption-impossible':
    'a peer that claims more than was ever sent to it is a protocol error',
  'channel-too-many-too-large':
    'more messages over the peer’s limit than a turn returns hold the sender back',
  'message-redelivered-later': 'a refused message is not offered before its time, and others go on',
  'message-lost-with-connections':
    'a message that too many connections die with becomes a dead letter',
  'message-expired-dead-lettered': 'what expires makes a dead letter where the policy asks for it',
  'dead-letter-stays-here': 'a letter too large for its way stays at the broker that made it',
  'dead-letter-move-refused': 'a letter that cannot go back stays, and the error is told',
  'queue-limit-shares-dead-letters':
    'where no queue is left, letters of a destination go to the shared queue',
  'message-dead-letter-not-taken':
    'a message too large for its bridge is a dead letter, and the bridge stands',
  'map-own-record-from-the-future':
    'a record about ourselves that is ahead of us is outdone, and a copy is told',
  'map-own-number-used-twice':
    'other content under the own numbers is outdone, whichever content sorts first',
  'map-broker-cloned':
    'a record about ourselves that is ahead of us is outdone, and a copy is told',
  'map-name-was-of-another': 'a trace of an earlier broker of our name costs us nothing',
  'map-name-taken':
    'when two networks meet that have a name in common, the earlier broker steps down',
  'map-record-refused': 'a record that breaks a rule is not kept, and the bridge stands',
  'map-full': 'refuses the broker over the limit, says so, and still takes news of those it knows',
  'map-no-later-incarnation':
    'numbers that leave no later one are passed by a later incarnation, or refused',
  'map-no-later-sequence':
    'numbers that leave no later one are passed by a later incarnation, or refused',
  'map-equal-numbers-ordered':
    'of two brokers with one name the later record wins, and equal ones are told apart',
  'demand-full-left-out': 'one pattern over the limit is refused, known ones and marks are not',
  'demand-limit-reached': 'one pattern over the limit is refused, known ones and marks are not',
  'demand-own-outranked': 'demand of ours that is ahead of us is outdone',
  'demand-asked-in-vain': 'whoever asks for demand nobody knows gets no answer',
  'demand-snapshot-invalid': 'a snapshot with an invalid entry is refused whole',
  'demand-snapshot-refused': 'demand with an entry that breaks a rule is not kept',
  'demand-of-too-many-brokers':
    'a broker over the limit is refused, and taken when another is dropped',
  'demand-delta-invalid':
    'a delta that leads nowhere, or to nothing valid, is a gap and changes nothing',
  'demand-delta-over-the-limit':
    'entries over the limit are refused whole, or asked for as a snapshot',
  'demand-broker-forgotten':
    'a broker that never returns is forgotten: nothing is kept for it, now or later',
  'demand-without-broker-dropped':
    'demand of a broker nobody has a record of is dropped at the next repair',
  'duplicate-queue-message-by-right':
    'a queue message seen before is dropped if flagged, and else delivered and marked',
  'duplicate-window-left-behind':
    'what the window has left behind is too old, recorded or not, and stays so',
  'duplicate-window-origin-forgotten': 'the origin not used for longest makes room for a new one',
  'route-bridge-gone': 'a message for a bridge the map still has waits until it is there again',
  'route-path-loop':
    'brokers with different maps hand a message to and fro a few times, then park it',
  'route-redirects-over':
    'a message that has started too many journeys is given up for that reason',
  'parked-message-is-tired': 'a message that is never let through is tried again, but not given up',
  'parked-place-forgotten':
    'a broker that is given up gets nothing, and what was parked is counted',
  'dead-letters-recalled':
    'letters on their way to a broker that never returns are kept where they are',
  'queue-gone-before-settling':
    'what is owed to a queue that is gone is settled, and nothing is left accounted',
  'memory-refuses': 'a full broker refuses where that is chosen, and still says how it is',
  'topic-drops-oldest': 'a subscriber of a topic that drops the oldest holds nobody back',
  'store-is-waited-for': 'where a full store is waited for, receipts come when there is room',
  'store-still-full': 'a store that was full takes messages again when there is some room',
  'store-spool-refuses': 'a full spool refuses where that is chosen',
  'queue-limit-reached': 'one queue too many is refused, and says which limit',
  'queue-limit-dead-letters-forwarded':
    'where no queue is left, what comes is refused, and what comes back a dead letter',
  'queue-limit-dead-letters-returned':
    'where no queue is left, what comes is refused, and what comes back a dead letter',
  'temp-queue-gone': 'a reply finds the temporary queue of its requester at another broker',
  'temp-queue-full': 'a full temporary queue drops further replies and holds nobody back',
  'temp-queue-ends-with-messages':
    'a temporary queue that is gone takes nothing, twice removed or not',
  'temp-queue-of-another-client': 'others may send to a temporary queue but not subscribe to it',
  'temp-queues-limit-reached': 'a connection has at most 1,000 temporary queues',
  'topic-hard-bound-reached': 'producers that do not wait meet the hard bound, whatever the sizes',
  'topic-subscriptions-limit-reached':
    'one subscription too many is refused, and nothing of it stays',
  'durable-in-use': 'a durable subscription has one consumer at a time',
  'durable-wish-changed': 'with another pattern or selector a durable subscription begins anew',
  'client-connects-too-slowly': 'a connection that sends no CONNECT in time is ended',
  'client-connections-limit-reached': 'one connection too many is told so, and the others stay',
  'client-not-connected-yet': 'the first frame must be CONNECT or STOMP [STOMP 1.2 Connecting]',
  'client-version-unknown': 'a client no version is common with is told which there are',
  'client-heart-beat-malformed': '1.0 knows no heart-beats',
  'client-id-too-long': 'a client-id of more than 1,024 bytes is refused',
  'client-login-refused':
    'a late refusal ends the connection, and frames sent meanwhile have no effect',
  'client-gone-before-its-login': 'an answer about a client that has gone is ignored',
  'client-reads-no-answers':
    'a client that asks for receipts and reads none is held back, within bounds',
  'client-left-while-paused': 'a producer that is held back and goes leaves no waiter at the gate',
  'client-answered-when-store-works':
    'a consumer gets the receipt of its ACK when the store works again',
  'client-has-two-copies': 'each ACK of one message id settles one of its copies',
  'client-settles-the-unknown': 'prefetch bounds nobody who acknowledges by ack:auto',
  'client-subscription-id-in-use':
    'a subscription id in use is refused, and free again after UNSUBSCRIBE',
  'client-subscriptions-limit-reached':
    'a connection may have as many subscriptions as the limit says',
  'client-unsubscribes-in-vain': 'UNSUBSCRIBE of an id that is not there is refused',
  'client-transactions-limit-reached': 'more than 100 open transactions are refused',
  'client-transactions-too-large': 'open transactions together hold no more than their limit'
}
