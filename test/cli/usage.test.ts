import test from 'ava'
import { runCommand } from '../support/broker-processes.ts'
import { withFile } from './command-process.ts'

test.serial('--version prints the version and nothing else', async (t) => {
  const { code, stdout, stderr } = await runCommand(['--version'])
  t.is(code, 0)
  t.regex(stdout, /^\d+\.\d+\.\d+\n$/)
  t.is(stderr, '')
})

test.serial('--help of every command shows examples', async (t) => {
  const { stdout } = await runCommand(['--help'])
  const commands = ['run', 'up', 'check', 'send', 'receive', 'status', 'sim']
  for (const command of commands) t.regex(stdout, new RegExp(`\n  ${command} `))
  const helps = await Promise.all(commands.map((command) => runCommand([command, '--help'])))
  for (const [index, help] of helps.entries()) {
    t.is(help.code, 0)
    t.regex(help.stdout, new RegExp(`Examples:\n  (date \\| )?postroad ${commands[index]}`))
    t.notRegex(help.stdout, /\[object|from-parent/)
  }
})

const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['an unknown command', ['stats'], /unknown command 'stats'\n\(Did you mean status\?\)/],
  ['an unknown option', ['check', 'x', '--strikt'], /\(Did you mean --strict\?\)/],
  ['a missing argument', ['run', '--broker', 'a'], /missing required argument 'file'/],
  ['a missing option', ['run', 'x'], /required option '--broker <name>' not specified/],
  ['a file for nothing', ['check'], /missing required argument 'file'/],
  ['no command at all', [], /Usage: postroad/],
  ['a bad number', ['send', '/queue/x', '--count', '0'], /Expected a whole number from 1 to/],
  ['a bad URI', ['status', '--url', 'http://x'], /Expected stomp:\/\/host:port/],
  ['a bad choice', ['receive', '/queue/x', '--ack', 'never'], /Allowed choices are auto, client/]
]

for (const [what, args, expected] of wrong) {
  test.serial(`${what} is wrong usage`, async (t) => {
    const { code, stdout, stderr } = await runCommand(args)
    t.is(code, 2)
    t.regex(stderr, expected)
    t.is(stdout, '')
  })
}

const good =
  'network: n\nbrokers:\n  a:\n    transportConnectors:\n      - uri: stomp://127.0.0.1:1\n'

test.serial('check sums up a good file', async (t) => {
  await withFile(good, async (file) => {
    const { code, stdout } = await runCommand(['check', file])
    t.is(code, 0)
    t.is(stdout, `${file}: network n, 1 broker, 0 bridges\n  a  stomp://127.0.0.1:1\n`)
  })
})

test.serial('check prints problems with their place, for people and for programs', async (t) => {
  await withFile(`${good}    transitt: true\n`, async (file) => {
    const { code, stdout } = await runCommand(['check', file])
    t.is(code, 1)
    t.regex(stdout, /topology\.yaml:6:5: error: .*transitt/)
    const json = await runCommand(['check', file, '--json'])
    t.is(json.code, 1)
    const { isGood, problems, summary } = JSON.parse(json.stdout)
    t.like({ isGood, summary }, { isGood: false, summary: null })
    t.like(problems[0], { severity: 'error', line: 6, column: 5 })
  })
})

test.serial('a file that is not there is an error of its own', async (t) => {
  const { code, stderr } = await runCommand(['check', '/no/such/file.yaml'])
  t.is(code, 1)
  t.regex(stderr, /^postroad: cannot read topology file "\/no\/such\/file\.yaml": ENOENT/)
})

test.serial('the schema is JSON Schema', async (t) => {
  const { code, stdout } = await runCommand(['check', '--schema'])
  t.is(code, 0)
  t.true('brokers' in JSON.parse(stdout).properties)
})
