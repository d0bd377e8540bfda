// node|bun tls_server.js ADDRESS PORT CERTIFICATE KEY [LOWEST-VERSION [CIPHERS]]: a TLS server on the runtime's own library
// (Node: OpenSSL 3.5, Bun: BoringSSL), which completes handshakes.
'use strict'
const tls = require('node:tls')
const fs = require('node:fs')
const [, , address, port, cert, key, minVersion, ciphers] = process.argv
tls.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key), ...(minVersion && { minVersion }), ...(ciphers && { ciphers }) },
  socket => socket.on('error', () => {})).on('tlsClientError', () => {}).listen(Number(port), address)
