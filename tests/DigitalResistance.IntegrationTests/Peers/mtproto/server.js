'use strict';

// mtprotoproxy between loopback and a test's stand-in for Telegram's middle end:
// node server.js <port> <middle end's port> <secret of the middle end, hex> <secret of the proxy>...

const https = require('https');
const net = require('net');
const { Readable } = require('stream');

const [port, middle, middleSecret, ...secrets] = process.argv.slice(2);

// At its start it asks Telegram for addresses and a secret, and a stranger for its own address. A test answers instead.
const answers = {
  'https://core.telegram.org/getProxyConfig': [1, 2, 3, 4, 5].map((dc) => `proxy_for ${dc} 127.0.0.1:${middle};\n`).join(''),
  'https://core.telegram.org/getProxySecret': Buffer.from(middleSecret, 'hex'),
  'https://api.ipify.org/': '127.0.0.1',
};
https.get = (url, callback) => {
  const response = Readable.from([Buffer.from(answers[url])]);
  response.statusCode = 200;
  process.nextTick(callback, response);
  return { on() {} };
};

// It was written when a promise that failed with nobody listening was no reason to end.
process.on('unhandledRejection', () => {});

const { MTProtoProxy } = require('mtprotoproxy');
const telegram = new MTProtoProxy({
  secrets,
  enter: async () => '0'.repeat(32), // no advertisement
  leave() {},
  ready() {
    net.createServer(telegram.proxy).listen(port, '127.0.0.1', () => console.log('READY'));
  },
});
