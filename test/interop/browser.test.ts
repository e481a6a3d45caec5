// A web page in a real browser, without a window: it speaks STOMP to the brokers themselves, with
// nothing in between.

import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { withTopology } from '../support/broker-processes.ts'
import { withinTime } from '../support/wait-until.ts'

const page = fileURLToPath(new URL('../../../test/interop/browser-page.html', import.meta.url))
const stompjs = createRequire(import.meta.url).resolve('@stomp/stompjs')
const browsers = ['chromium', 'chromium-browser', 'google-chrome']

/** What the page reports. */
interface Report {
  readonly version: string
  readonly texts: readonly string[]
  readonly bytes: readonly number[]
  readonly special: string
  readonly errors: readonly string[]
}

/** Serves the page and stompjs; the promise is kept when the page has reported. */
async function servePage(): Promise<{ server: Server; reported: Promise<Report> }> {
  const files = new Map([
    ['/', { type: 'text/html', bytes: await readFile(page) }],
    [
      '/stomp.umd.js',
      {
        type: 'text/javascript',
        bytes: await readFile(stompjs)
      }
    ]
  ])
  const server = createServer()
  const reported = new Promise<Report>((resolve) => {
    server.on('request', (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
      const file = files.get(pathname)
      if (pathname === '/result') {
        let body = ''
        request.setEncoding('utf8')
        request.on('data', (text: string) => {
          body += text
        })
        request.on('end', () => {
          response.end()
          resolve(JSON.parse(body) as Report)
        })
      } else if (file === undefined) response.writeHead(404).end()
      else response.writeHead(200, { 'content-type': file.type }).end(file.bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, reported }
}

/** Opens `url` in a browser with a profile of its own until `done` is settled. */
async function browse<T>(url: string, done: Promise<T>): Promise<T> {
  const browser = browsers.find((name) => spawnSync(name, ['--version']).status === 0)
  if (browser === undefined) {
    throw new Error('no browser is installed; install one: sudo apt-get install chromium')
  }
  const profile = await mkdtemp(join(tmpdir(), 'postroad-browser-'))
  const args = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    `--user-data-dir=${profile}`,
    url
  ]
  // A group of its own: a browser is many processes, and all of them must end.
  const child = spawn(browser, args, { stdio: 'ignore', detached: true })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  try {
    return await withinTime('the page reports', done, 90_000)
  } finally {
    process.kill(-child.pid!, 'SIGKILL')
    await ended
    await rm(profile, { recursive: true, force: true, maxRetries: 10 })
  }
}

test.serial('a page in a browser sends at one broker and receives at another', async (t) => {
  t.timeout(150_000)
  const { server, reported } = await servePage()
  try {
    await withTopology('pair', async (pair) => {
      const [sends, receives] = pair.all().map(({ ports }) => ports.ws)
      const { port } = server.address() as AddressInfo
      const url = `http://127.0.0.1:${port}/?sends=${sends}&receives=${receives}`
      const report = await browse(url, reported)
      t.deepEqual(report.errors, [])
      t.is(report.version, '1.2')
      t.deepEqual(
        report.texts,
        Array.from({ length: 100 }, (_, i) => `text ${i} ä€😀`)
      )
      t.deepEqual(
        report.bytes,
        Array.from({ length: 256 }, (_, i) => i)
      )
      t.is(report.special, 'a:b\nc\\d')
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
