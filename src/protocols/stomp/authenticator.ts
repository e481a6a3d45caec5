// Who may connect. A hook: the composition root gives every listener an authenticator; one that
// knows a fixed list of users is here.

/** What a client says of itself in CONNECT. */
export interface ConnectRequest {
  readonly login: string | undefined
  readonly passcode: string | undefined
  readonly clientId: string | undefined
  /** Virtual host the client asked for. */
  readonly host: string | undefined
  readonly remoteAddress: string
}

/** Decides about CONNECT requests. */
export interface Authenticator {
  /** Calls `done` once, now or later: undefined to accept, or the reason told to the client. */
  authenticate(request: ConnectRequest, done: (refusal: string | undefined) => void): void
}

/** Accepts everyone. */
export const openAuthenticator: Authenticator = {
  authenticate: (_request, done) => done(undefined)
}

/** Accepts the given logins with their passcodes. */
export function userListAuthenticator(users: ReadonlyMap<string, string>): Authenticator {
  return {
    authenticate({ login, passcode }, done) {
      if (login === undefined) {
        done('this broker needs a login: send the login and passcode headers with CONNECT')
        return
      }
      const expected = users.get(login)
      const isRight = expected !== undefined && isSameSecret(expected, passcode ?? '')
      done(isRight ? undefined : 'the login or the passcode is wrong')
    }
  }
}

/** Compares in a time that does not tell how much of the secret was right. */
function isSameSecret(expected: string, given: string): boolean {
  const a = Buffer.from(expected)
  const b = Buffer.from(given)
  let difference = a.length ^ b.length
  for (let i = 0; i < b.length; i += 1) difference |= (a[i % Math.max(1, a.length)] ?? 0) ^ b[i]!
  return difference === 0
}
