// A page in a headless Chromium, driven over the DevTools protocol: at any width, in either colour
// scheme, and watched for errors and for what it asks the network for.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import WebSocket from 'ws'
import { waitUntil, withinTime } from './wait-until.ts'

const browsers = ['chromium', 'chromium-browser', 'google-chrome']
const startMsMax = 60_000
const answerMsMax = 60_000

/** How a page is looked at. */
export interface View {
  readonly widthPx: number
  readonly heightPx: number
  readonly colorScheme: 'light' | 'dark'
}

/** A message of the DevTools protocol, as far as it is looked at. */
interface DevToolsMessage {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

/** An open tab. */
export class HeadlessPage {
  /** Errors that scripts threw or wrote to the console, in order. */
  readonly errors: string[] = []
  /** Every address that was asked for, in order. */
  readonly requests: string[] = []
  private readonly socket: WebSocket
  private readonly waiting = new Map<number, (message: DevToolsMessage) => void>()
  private lastId = 0

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (bytes: Buffer) => this.onMessage(JSON.parse(bytes.toString())))
  }

  /** Opens an address as `view` says and waits until `isReady`, an expression, is true. */
  async open(url: string, view: View, isReady: string): Promise<void> {
    await this.ask('Page.enable')
    await this.ask('Runtime.enable')
    await this.ask('Log.enable')
    await this.ask('Network.enable')
    await this.ask('Emulation.setDeviceMetricsOverride', {
      width: view.widthPx,
      height: view.heightPx,
      deviceScaleFactor: 1,
      mobile: view.widthPx < 700
    })
    await this.ask('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: view.colorScheme }]
    })
    await this.ask('Page.navigate', { url })
    await waitUntil('the page is ready', async () => (await this.evaluate(isReady)) === true)
  }

  /** The value of an expression on the page. */
  async evaluate(expression: string): Promise<unknown> {
    const result = await this.ask('Runtime.evaluate', { expression, returnByValue: true })
    const { value } = result.result as { value?: unknown }
    return value
  }

  /** Sends a command of the DevTools protocol and waits for its answer. */
  async ask(method: string, params: object = {}): Promise<Record<string, unknown>> {
    this.lastId += 1
    const id = this.lastId
    const answered = new Promise<DevToolsMessage>((resolve) => this.waiting.set(id, resolve))
    this.socket.send(JSON.stringify({ id, method, params }))
    const { result, error } = await withinTime(`an answer to ${method}`, answered, answerMsMax)
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result ?? {}
  }

  private onMessage({ id, method, params = {}, ...answer }: DevToolsMessage): void {
    if (id !== undefined) {
      this.waiting.get(id)?.({ id, ...answer })
      this.waiting.delete(id)
    } else if (method === 'Network.requestWillBeSent') {
      this.requests.push((params.request as { url: string }).url)
    } else if (method === 'Runtime.exceptionThrown') {
      this.errors.push(JSON.stringify(params.exceptionDetails))
    } else if (method === 'Runtime.consoleAPICalled') {
      const { type, args } = params as { type: string; args: unknown }
      if (type === 'error' || type === 'warning') this.errors.push(JSON.stringify(args))
    } else if (method === 'Log.entryAdded') {
      this.errors.push(JSON.stringify(params.entry))
    }
  }
}

/** Runs `use` with a fresh tab in a browser of its own, which ends with it. */
export async function withHeadlessPage<T>(use: (page: HeadlessPage) => Promise<T>): Promise<T> {
  const browser = browsers.find((name) => spawnSync(name, ['--version']).status === 0)
  if (browser === undefined) {
    throw new Error('no browser is installed; install one: sudo apt-get install chromium')
  }
  const profile = await mkdtemp(join(tmpdir(), 'postroad-page-'))
  const args = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    'about:blank'
  ]
  // A group of its own: a browser is many processes, and all of them must end.
  const child = spawn(browser, args, { stdio: 'ignore', detached: true })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  try {
    const socket = await connectToTab(profile, child)
    try {
      return await use(new HeadlessPage(socket))
    } finally {
      socket.close()
    }
  } finally {
    if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL')
    await ended
    await rm(profile, { recursive: true, force: true, maxRetries: 10 })
  }
}

async function connectToTab(profile: string, child: ChildProcess): Promise<WebSocket> {
  let port = ''
  await waitUntil(
    'the browser listens',
    async () => {
      if (child.exitCode !== null) throw new Error(`the browser ended with ${child.exitCode}`)
      const text = await readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => '')
      port = text.split('\n')[0] ?? ''
      return port !== ''
    },
    startMsMax
  )
  const tabs = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as readonly {
    readonly type: string
    readonly webSocketDebuggerUrl: string
  }[]
  const tab = tabs.find(({ type }) => type === 'page')
  if (tab === undefined) throw new Error('the browser has no tab')
  const socket = new WebSocket(tab.webSocketDebuggerUrl)
  await withinTime(
    'the tab answers',
    new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    }),
    startMsMax
  )
  return socket
}
