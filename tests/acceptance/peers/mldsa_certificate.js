// node mldsa_certificate.js 44|65|87 CERTIFICATE KEY: a self-signed certificate with an ML-DSA key (RFC 9881), for Node 24 and newer;
// Debian 12's openssl makes none.
'use strict'
const crypto = require('node:crypto')
const fs = require('node:fs')
const [, , size, certificateFile, keyFile] = process.argv
const last = { 44: 17, 65: 18, 87: 19 }[size]
const der = (tag, ...parts) => {
  const body = Buffer.concat(parts)
  const len = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...len]), body])
}
const sequence = (...parts) => der(0x30, ...parts)
const algorithm = sequence(Buffer.from([0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, last]))
const name = sequence(der(0x31, sequence(Buffer.from([0x06, 0x03, 0x55, 0x04, 0x03]), der(0x0c, Buffer.from('mldsa' + size + '.example')))))
const time = days => der(0x17, Buffer.from(new Date(Date.now() + days * 864e5).toISOString().replace(/[-:T]|\..*/g, '').slice(2) + 'Z'))
const { publicKey, privateKey } = crypto.generateKeyPairSync('ml-dsa-' + size)
const tbs = sequence(der(0xa0, der(0x02, Buffer.from([2]))), der(0x02, Buffer.from([0x12, 0x34])), algorithm, name, sequence(time(-1), time(5)),
  name, publicKey.export({ type: 'spki', format: 'der' }))
const certificate = sequence(tbs, algorithm, der(0x03, Buffer.from([0]), crypto.sign(null, tbs, privateKey)))
fs.writeFileSync(certificateFile, new crypto.X509Certificate(certificate).toString())
fs.writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
