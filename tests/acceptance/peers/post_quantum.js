// Servers that speak the new algorithms alone, for Node 24 and newer (OpenSSL 3.5): each row is a port from PORT on. Expected: a
// certificate at each, and two at the last but one (ECDSA and ML-DSA).
//
//     node post_quantum.js ADDRESS PORT RSA.pem RSA.key EC.pem EC.key MLDSA.pem MLDSA.key
'use strict'
const tls = require('tls')
const fs = require('fs')
const [, , address, port, rsaCert, rsaKey, ecCert, ecKey, mlCert, mlKey] = process.argv
const read = file => fs.readFileSync(file)
const rsa = { cert: read(rsaCert), key: read(rsaKey), minVersion: 'TLSv1.3' }
const mldsa = { cert: read(mlCert), key: read(mlKey), minVersion: 'TLSv1.3' }
const groups = ['MLKEM512', 'MLKEM768', 'MLKEM1024', 'X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024',
  'brainpoolP256r1tls13', 'brainpoolP384r1tls13', 'brainpoolP512r1tls13']
const rows = groups.map(group => ({ ...rsa, ecdhCurve: group })).concat([
  mldsa,
  { ...mldsa, ecdhCurve: 'MLKEM1024' },
  { cert: [read(ecCert), read(mlCert)], key: [read(ecKey), read(mlKey)], minVersion: 'TLSv1.2' },
  { ...rsa, minVersion: 'TLSv1.2' }
])
rows.forEach((options, i) => tls.createServer(options, socket => socket.on('error', () => {}))
  .on('tlsClientError', () => {}).listen(Number(port) + i, address))
