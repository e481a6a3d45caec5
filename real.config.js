// The tests that run scenarios on real brokers: they use ports, processes and real time, so one file
// runs at a time.

export default {
  files: ['dist/test/real/**/*.test.js'],
  timeout: '300s',
  concurrency: 1,
  workerThreads: false,
  nodeArguments: ['--enable-source-maps']
}
